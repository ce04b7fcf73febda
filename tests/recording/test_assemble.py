from __future__ import annotations

import pytest

from streamsim.errors import RecordingError
from streamsim.recording.assemble import MEND, Assembler
from streamsim.recording.model import Chunk, Ending, Info, Kept, Line, Request, Response
from tests.builders import exchange, lines


def request(number: int = 1) -> Request:
    return Request(exchange=number, connection=1, at_us=0, method="GET", target="/", headers=())


def response(number: int = 1) -> Response:
    return Response(exchange=number, dt_us=1, status=200, framing="chunked", headers=())


def chunk(number: int = 1, text: str = "a") -> Chunk:
    return Chunk(exchange=number, dt_us=1, text=text)


def info(number: int = 1) -> Info:
    return Info(exchange=number, dt_us=1, status=103)


def end(number: int = 1) -> Ending:
    return Ending(exchange=number, dt_us=1, cause="complete")


def test_lines_in_order_become_an_exchange() -> None:
    """Request, infos, response, chunks and end, in this order, are one exchange."""
    whole = exchange(infos=[info(), info()])
    assembler = Assembler("a.jsonl")
    assembler.add(list(lines(whole)), 2)
    assert list(assembler.exchanges.values()) == [whole]
    assert assembler.entries == lines(whole)


def test_exchanges_may_interleave() -> None:
    """Lines of other exchanges in between change nothing, and the order of requests is kept."""
    assembler = Assembler("a.jsonl")
    assembler.add([request(2), request(1), response(1), response(2), chunk(2, "x"), chunk(1, "y")], 2)
    assembler.add([chunk(2, "z"), end(1), chunk(2, "!"), end(2)], 8)
    assert list(assembler.exchanges) == [2, 1]
    assert [one.body for one in assembler.exchanges.values()] == [b"xz!", b"y"]


def test_kept_lines_count_for_what_they_say() -> None:
    """A line with unknown keys takes part; a comment does not."""
    assembler = Assembler("a.jsonl")
    assembler.add([Kept(b"# hi"), Kept(b"{1}", request()), Kept(b"{2}", response()), Kept(b"{3}", chunk())], 2)
    assert assembler.exchanges[1].body == b"a"
    assert len(assembler.entries) == 4


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ([chunk()], "a line of exchange 1, which has no request line before it"),
        ([request(), chunk()], "a chunk of exchange 1 before its response line"),
        ([request(), request()], "a second request line of exchange 1"),
        ([request(), response(), response()], "a second response line of exchange 1 after its response line"),
        ([request(), response(), info()], "an info line of exchange 1 after its response line"),
        ([request(), response(), end(), chunk()], "a line of exchange 1 after its end line"),
        ([request(), end(), response()], "a line of exchange 1 after its end line"),
        ([request(), end(), end()], "a line of exchange 1 after its end line"),
        ([request(), response(), end(2)], "a line of exchange 2, which has no request line before it"),
    ],
)
def test_a_line_out_of_place_is_named(told: list[Line], problem: str) -> None:
    """The first line that breaks the order is an error with its number, and all before it is taken."""
    assembler = Assembler("a.jsonl")
    with pytest.raises(RecordingError) as caught:
        assembler.add([*told, request(7)], 10)
    assert str(caught.value) == f"a.jsonl:{9 + len(told)}: {problem}; {MEND}"
    assert assembler.entries == told[:-1]
