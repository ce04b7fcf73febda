"""Inspecting a file in one pass: what is measured of each exchange, and what is said of the file."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim.analysis import inspect
from streamsim.analysis.report import Answer, Stall
from streamsim.analysis.spread import Spread
from streamsim.analysis.verdict import Verdict
from streamsim.errors import RecordingError
from streamsim.recording import codec
from streamsim.recording.model import Ending, Info
from tests.builders import EVENT_STREAM, HELLO, as_file, chat, exchange, lines, recording, sse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.analysis import ExchangeReport, Inspection
    from streamsim.analysis.report import Content
    from streamsim.recording.model import Exchange

MS = 1_000_000
HEADER = b'{"streamsim":1}\n'


def of(*exchanges: Exchange) -> Inspection:
    """Return the inspection of a recording of ``exchanges``."""
    return inspect([as_file(recording(*exchanges))], source="session.jsonl")


def one(told: Exchange) -> ExchangeReport:
    """Return the report of ``told``, alone in its recording."""
    return of(told).exchanges[0]


def content(told: Exchange) -> Content:
    """Return what the event stream of ``told`` carried."""
    found = one(told).content
    assert found is not None
    return found


def test_an_exchange_is_measured_from_the_request_on() -> None:
    """Times count from the request's last byte; content gaps, sizes and events are those of the recording."""
    report = one(exchange(at_us=7, connection=3, end_us=500))
    assert report.exchange == 1
    assert report.connection == 3
    assert report.at_us == 7
    assert (report.method, report.target) == ("POST", "/v1/chat/completions")
    assert report.answer == Answer(200, "OK", "1.1", "chunked", "text/event-stream", "")
    assert (report.chunks, report.bytes) == (3, sum(map(len, HELLO)))
    assert report.ttfb_ns == 100 * MS
    assert report.total_ns == 160 * MS + 500_000
    assert report.cause == "complete"
    assert report.verdict == Verdict("instant", "natural", completed=True)
    assert report.content is not None
    assert report.content.dialect == "generic"
    assert (report.content.events, report.content.chunks) == (3, 3)
    assert report.content.ttft_ns == 120 * MS
    assert report.content.itl == Spread(2, 20 * MS, 20 * MS, 20 * MS, 20 * MS)
    assert report.content.events_per_s == 50.0
    assert sum(report.content.strip.events) == 3


def test_only_content_counts_as_content() -> None:
    """Role, finish, usage and terminal events are events, but neither the first token nor a gap."""
    found = content(exchange(chunks=chat("a", "b", "c", usage=True), gaps_us=[1000, 2000, 4000, 8000, 16, 32, 64]))
    assert found.dialect == "openai-chat"
    assert (found.events, found.chunks) == (7, 3)
    assert found.ttft_ns == 103 * MS
    assert found.itl == Spread(2, 4 * MS, 8 * MS, 8 * MS, 8 * MS)
    assert found.terminal


def test_several_events_in_one_chunk_are_one_piece_of_content() -> None:
    """ITL is between chunks: what came in one read came at once."""
    found = content(exchange(chunks=[b"".join(HELLO), *sse("four")], gaps_us=[1000, 5000]))
    assert (found.events, found.chunks) == (4, 2)
    assert found.itl == Spread(1, 5 * MS, 5 * MS, 5 * MS, 5 * MS)


def test_an_interim_answer_is_the_first_byte() -> None:
    """TTFB is the first byte of any response; the times of a 1xx and of the head add up."""
    report = one(exchange(infos=[Info(exchange=1, dt_us=5000, status=103)], response_us=7000))
    assert report.ttfb_ns == 5 * MS
    assert report.content is not None
    assert report.content.ttft_ns == 32 * MS


def test_the_longest_silence_is_found_with_its_place() -> None:
    """A comment does not break a silence, and the place is given in events, chunks and time."""
    pieces = [*sse("a", "b"), b": ping\n\n", *sse("c")]
    found = content(exchange(chunks=pieces, gaps_us=[10, 1000, 30_000, 40_000], response_us=0))
    assert found.stall == Stall(70 * MS, 1_010_000, after_chunk=1, after_events=2, until="content")


def test_silence_before_an_end_without_terminal_event_is_a_stall() -> None:
    """A stream that hangs after its last content has stalled, though no content follows to show it."""
    found = content(exchange(chunks=chat("a", "b")[:3], gaps_us=1000, response_us=0, end="timeout", end_us=60_000_000))
    assert found.stall == Stall(60_000 * MS, 3 * MS, after_chunk=2, after_events=3, until="end")


def test_silence_before_the_terminal_event_is_a_stall_and_after_it_is_not() -> None:
    """What comes after the terminal event nobody waits for."""
    found = content(exchange(chunks=chat("a"), gaps_us=[0, 0, 2000, 3000], response_us=0, end_us=9_000_000))
    assert found.stall == Stall(5 * MS, 0, after_chunk=1, after_events=2, until="end")
    more = content(exchange(chunks=[*chat("a"), b": bye\n\n"], gaps_us=[0, 0, 0, 0, 7000], response_us=0))
    assert more.stall is None


def test_a_stream_without_content_has_neither_ttft_nor_stall() -> None:
    """Keep-alive comments alone carry nothing."""
    report = one(exchange(chunks=[b": ping\n\n"] * 3, end="timeout"))
    assert report.content is not None
    assert report.content.events == 0
    assert report.content.ttft_ns is None
    assert report.content.itl is None
    assert report.content.events_per_s is None
    assert report.content.stall is None
    assert report.content.histogram == ()
    assert report.verdict == Verdict(None, None, completed=False)


@pytest.mark.parametrize(
    ("told", "completed"),
    [
        (exchange(), True),
        (exchange(end="fin"), False),
        (exchange(chunks=chat("a")), True),
        (exchange(chunks=chat("a")[:-1]), False),
        (exchange(chunks=chat("a"), end="cancelled"), True),
        (exchange(chunks=chat("a"), end=None), True),
        (exchange(end=None), False),
        (exchange(status=0, chunks=(), end="unreachable"), False),
        (exchange(headers=(("content-type", "application/json"),), chunks=[b"{}"]), True),
        (exchange(headers=(("content-type", "application/json"),), chunks=[b"{"], end="reset"), False),
    ],
)
def test_completed_means_that_the_answer_came_whole(told: Exchange, *, completed: bool) -> None:
    """A known dialect is done with its terminal event, whatever follows; anything else with its body."""
    assert one(told).verdict.completed is completed


def test_a_body_that_is_no_event_stream_shows_its_beginning() -> None:
    """An error in JSON is reported by its head, its size and its first words."""
    body = b'{"error":{"message":"slow\\ndown"}}'
    told = exchange(
        status=429,
        reason="Too Many Requests",
        headers=(("Content-Type", "application/json"),),
        chunks=[body[:9], body[9:]],
    )
    report = one(told)
    assert report.content is None
    assert report.body_start == '{"error":{"message":"slow\\\\ndown"}}'
    assert report.answer == Answer(429, "Too Many Requests", "1.1", "chunked", "application/json", "")
    assert (report.chunks, report.bytes) == (2, len(body))


def test_of_a_long_body_only_the_beginning_is_kept() -> None:
    """A body of any size shows no more than one line."""
    told = exchange(headers=(("content-type", "text/plain"),), chunks=[b"x" * 100_000] * 3)
    assert one(told).body_start == "x" * 99 + "…"


def test_a_compressed_body_is_read_and_measured_as_it_was_on_the_wire() -> None:
    """Events and text come from the decoded body, bytes from the wire."""
    packed = gzip.compress(b"".join(HELLO), mtime=0)
    report = one(exchange(headers=(*EVENT_STREAM, ("content-encoding", "gzip")), chunks=[packed]))
    assert report.bytes == len(packed)
    assert report.content is not None
    assert report.content.events == 3
    plain = one(exchange(headers=(("content-encoding", "gzip"),), chunks=[gzip.compress(b"hello")]))
    assert plain.body_start == "hello"


def test_a_broken_protocol_shows_the_bytes_that_broke_it() -> None:
    """The offending bytes are reported on one line."""
    report = one(exchange(end=Ending(exchange=1, dt_us=0, cause="protocol_error", text="ZZ\r\n")))
    assert report.offending == "ZZ\\r\\n"


def test_an_unreachable_server_is_reported_without_answer() -> None:
    """Where nothing came there is no head, no first byte and no content."""
    report = one(exchange(status=0, chunks=(), end="unreachable", end_us=1500))
    assert report.answer is None
    assert report.ttfb_ns is None
    assert report.content is None
    assert report.total_ns == 1_500_000


def interleaved() -> bytes:
    """Return a file in which the lines of two exchanges alternate and the second never ends."""
    first = lines(exchange())
    second = [
        msgspec.structs.replace(line, exchange=2) for line in lines(exchange(chunks=chat("a", "b", "c")[:4], end=None))
    ]
    mixed = [line for pair in zip(second, first, strict=True) for line in pair]
    return HEADER + b"".join(map(codec.write, mixed))


def test_interleaved_exchanges_are_measured_apart() -> None:
    """Each is as it would be alone; they are reported in the order of their requests, ended or not."""
    found = inspect([interleaved()]).exchanges
    alone = [one(exchange(chunks=chat("a", "b", "c")[:4], end=None)), one(exchange())]
    assert [report.exchange for report in found] == [2, 1]
    assert [report.cause for report in found] == [None, "complete"]
    assert [msgspec.structs.replace(report, exchange=1) for report in found] == alone


def test_reports_do_not_depend_on_how_the_file_is_cut() -> None:
    """Blocks of any size give the same reports."""
    data = interleaved()
    whole = inspect([data])
    for size in (1, 7, 100, 1000):
        assert inspect([data[i : i + size] for i in range(0, len(data), size)]) == whole


def test_what_is_no_line_of_an_exchange_is_counted() -> None:
    """Comments and unknown kinds are told of, empty lines are not, and a known line with more keys counts as known."""
    odd = b'# one\n\n{"kind":"note"}\n{"kind":"mark"}\n#two\n{"kind":"note","exchange":1}\n'
    told = as_file(recording()).replace(b'"dt_us":20000', b'"dt_us":20000,"extra":1')
    found = inspect([told + odd])
    assert found.comments == 2
    assert found.unknown == {"note": 2, "mark": 1}
    assert found.exchanges == of(exchange()).exchanges


def test_the_first_line_is_told_even_with_unknown_keys() -> None:
    """Creation, recorder, upstream and redactions come from the header."""
    header = b'{"streamsim":1,"mood":"good","created":"then","recorder":"me","upstream":"u","redacted":["cookie"]}\n'
    found = inspect([header], source="x")
    assert (found.source, found.created, found.recorder, found.upstream, found.redacted) == (
        "x",
        "then",
        "me",
        "u",
        ("cookie",),
    )
    assert found.exchanges == ()
    assert found.exchanges_in_file == 0


def test_a_killed_recorder_leaves_a_torn_line_and_all_before_it() -> None:
    """A half line at the end is told of, and everything before it is reported."""
    data = as_file(recording())
    found = inspect([data[:-20]])
    assert found.torn
    assert not inspect([data]).torn
    assert found.exchanges[0].cause is None
    assert found.exchanges[0].chunks == 3


@pytest.mark.parametrize(
    "bad",
    [b'{"kind":"chunk","exchange":1,"dt_us":"soon"}\n', b'{"kind":"chunk","exchange":9,"dt_us":1}\n', b"no json\n"],
)
def test_a_bad_line_is_an_error_and_salvage_reports_what_stands_before_it(bad: bytes) -> None:
    """The error names file and line; with salvage it is part of the report."""
    good = as_file(recording())
    with pytest.raises(RecordingError, match=r"^session\.jsonl:8: ") as caught:
        inspect([good + bad + b'{"kind":"note"}\n'], source="session.jsonl")
    found = inspect([good + bad + b'{"kind":"note"}\n'], source="session.jsonl", salvage=True)
    assert found.salvaged == str(caught.value)
    assert found.exchanges == of(exchange()).exchanges
    assert found.unknown == {}


@pytest.mark.parametrize("blocks", [[], [b"no recording\n"], [b'{"streamsim":99}\n']])
def test_what_is_no_recording_is_an_error_even_for_salvage(blocks: list[bytes]) -> None:
    """Without a first line there is nothing to salvage."""
    with pytest.raises(RecordingError):
        inspect(blocks, salvage=True)


@pytest.mark.parametrize("extra", [{}, {"more": 1}])
def test_the_upstream_tells_the_dialect(extra: dict[str, int]) -> None:
    """A variation that only its host tells is known by the upstream in the first line, whatever else stands there."""
    first, rest = as_file(recording(exchange(chunks=chat("a")))).split(b"\n", 1)
    header = {**msgspec.json.decode(first), "upstream": "https://api.perplexity.ai", **extra}
    (report,) = inspect([msgspec.json.encode(header) + b"\n" + rest]).exchanges
    assert report.content is not None
    assert report.content.dialect == "perplexity"


def test_one_exchange_can_be_picked() -> None:
    """Picking keeps what is said of the file."""
    found = of(exchange(), exchange(target="/b")).only(2)
    assert [report.target for report in found.exchanges] == ["/b"]
    assert found.exchanges_in_file == 2


def test_picking_an_unknown_exchange_names_the_known_ones() -> None:
    """The remedy is a number that works."""
    with pytest.raises(RecordingError, match=r"^session\.jsonl: there is no exchange 9; it has 1, 2$"):
        of(exchange(), exchange()).only(9)
    with pytest.raises(RecordingError, match=r"it has none$"):
        inspect([HEADER]).only(1)


def test_memory_does_not_grow_with_the_stream() -> None:
    """A stream a hundred times as long takes no more than its eight bytes a gap."""
    request, response, chunk, *_, end = map(codec.write, lines(exchange(chunks=chat("hello")[1:2] * 2)))

    def blocks(chunks: int) -> Iterator[bytes]:
        yield HEADER + request + response
        for _ in range(chunks // 100):
            yield chunk * 100
        yield end

    def peak(chunks: int) -> int:
        tracemalloc.start()
        found = inspect(blocks(chunks))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.exchanges[0].chunks == chunks
        return most

    small = peak(200)
    # Eight bytes a gap in the array (which grows by an eighth), and as many again and an int while they are sorted.
    assert peak(20_000) < small + 20_000 * 60
