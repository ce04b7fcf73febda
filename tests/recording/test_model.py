from __future__ import annotations

import pytest

from streamsim.errors import RecordingError
from streamsim.recording.model import Chunk, Ending, Exchange, Info, as_text
from streamsim.wire import Action, End, Fin, Framing, Hang, Head, Raw, Refuse, Reset, Send, Step
from tests.builders import EVENT_STREAM, exchange, recording


def test_an_exchange_becomes_a_timeline() -> None:
    """Head, one Send a chunk, and the end, each at the sum of the gaps before it."""
    one = exchange(chunks=[b"a", b"b"], gaps_us=[20, 30], response_us=100, end_us=7, trailers=(("t", "1"),))
    assert one.timeline() == (
        Step(100_000, Head(200, "OK", EVENT_STREAM, "1.1", "chunked")),
        Step(120_000, Send(b"a"), 0),
        Step(150_000, Send(b"b"), 1),
        Step(157_000, End((("t", "1"),))),
    )


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        ("complete", End()),
        ("fin", Fin()),
        ("reset", Reset()),
        ("h2_reset:8", Reset()),
        ("timeout", Hang()),
        ("cancelled", Hang()),
        ("unreachable", Refuse()),
        ("protocol_error", Fin()),
        ("goaway", Fin()),
        (None, Fin()),
    ],
)
def test_each_cause_has_its_last_deed(cause: str | None, action: Action) -> None:
    """How an exchange ended says how its replay ends; one without an end goes as far as it can."""
    assert exchange(end=cause).timeline()[-1].action == action


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        ("complete", Fin()),
        ("fin", Fin()),
        ("reset", Reset()),
        ("timeout", Hang()),
        ("cancelled", Hang()),
        ("unreachable", Refuse()),
        (None, Fin()),
    ],
)
def test_without_response_there_is_nothing_to_complete(cause: str | None, action: Action) -> None:
    """A request that was never answered is replayed by its end alone."""
    one = exchange(status=0, chunks=(), end=cause, end_us=4)
    assert one.timeline(answered=True) == (Step(4000 if cause else 0, action),)


def test_a_client_that_left_after_the_terminal_event_had_it_all() -> None:
    """Where the dialect's last event was seen, a cancelled exchange is replayed as complete."""
    assert exchange(end="cancelled").timeline(answered=True)[-1].action == End()


@pytest.mark.parametrize("framing", ["chunked", "content-length", "close", "none", "h2"])
def test_framing_is_handed_on(framing: Framing) -> None:
    """The head carries the framing that was recorded, whatever it is."""
    head = exchange(framing=framing, http="1.0", reason="Fine").timeline()[0].action
    assert head == Head(200, "Fine", EVENT_STREAM, "1.0", framing)


@pytest.mark.parametrize(
    ("chunk", "wire"),
    [
        (Chunk(exchange=1, dt_us=1, text="ab", cut=True, of=16), b"10\r\nab"),
        (Chunk(exchange=1, dt_us=1, b64=b"\xff", cut=True, of=2), b"2\r\n\xff"),
        (Chunk(exchange=1, dt_us=1, text="ab", cut=True), b"3\r\nab"),
        (Chunk(exchange=1, dt_us=1, cut=True, of=5), b"5\r\n"),
    ],
)
def test_a_chunk_cut_short_keeps_its_declared_size(chunk: Chunk, wire: bytes) -> None:
    """Half an HTTP chunk is played as half a chunk; where its size is unknown one byte is missing."""
    one = exchange(chunks=[b"x"], end="fin")
    one.chunks.append(chunk)
    assert one.timeline()[2].action == Raw(wire)
    assert one.timeline()[2].origin == 1


@pytest.mark.parametrize("framing", ["content-length", "close"])
def test_where_framing_has_no_chunks_half_a_read_is_just_bytes(framing: Framing) -> None:
    """Without chunk sizes on the wire there is nothing to cut."""
    one = exchange(chunks=(), framing=framing, end="reset")
    one.chunks.append(Chunk(exchange=1, dt_us=1, text="ab", cut=True, of=16))
    assert one.timeline()[1].action == Send(b"ab")


@pytest.mark.parametrize("status", [200, 0])
def test_bytes_that_broke_the_protocol_are_sent_again(status: int) -> None:
    """A protocol error is replayed raw, then the connection is closed, whether a head came before or not."""
    end = Ending(exchange=1, dt_us=3, cause="protocol_error", b64=b"\xffzz\r\n")
    told = exchange(chunks=(), status=status, response_us=0, end=end).timeline()
    assert told[-2:] == (Step(3000, Raw(b"\xffzz\r\n")), Step(3000, Fin()))


def test_interim_answers_come_before_the_head() -> None:
    """An early hint is played in its place, without framing."""
    hint = Info(exchange=1, dt_us=10, status=103, reason="Early Hints", headers=(("link", "</a>"),))
    told = exchange(infos=[hint], response_us=5, chunks=()).timeline()
    assert told[0] == Step(10_000, Head(103, "Early Hints", (("link", "</a>"),), framing="none"))
    assert told[1].at_ns == 15_000


def test_a_recorded_continue_is_not_replayed_but_its_time_is() -> None:
    """Whether a client is told to continue is between it and the server; the answer still comes when it came."""
    infos = [Info(exchange=1, dt_us=10, status=100), Info(exchange=1, dt_us=20, status=103)]
    told = exchange(infos=infos, response_us=5, chunks=()).timeline()
    assert [(step.at_ns, step.action.status) for step in told if isinstance(step.action, Head)] == [
        (30_000, 103),
        (35_000, 200),
    ]


def test_the_body_is_all_chunks_together() -> None:
    """Bytes in text and bytes in base64 make one body."""
    assert exchange(chunks=[b"a\xc3", b"\xa9b"]).body == b"a\xc3\xa9b"
    assert exchange(body=b"\xff").request.data == b"\xff"
    assert exchange(body=b"").request.data == b""


def test_lists_are_an_exchanges_own() -> None:
    """Two exchanges made without chunks do not share the list."""
    first, second = (Exchange(number=n, request=exchange().request) for n in (1, 2))
    first.chunks.append(Chunk(exchange=1, dt_us=0))
    assert second.chunks == []


def test_an_exchange_is_found_by_its_number() -> None:
    """Numbers are those of the file."""
    one = recording(exchange(), exchange(target="/other"))
    assert one.exchange(2).request.target == "/other"


def test_a_number_that_is_not_there_is_an_error_that_lists_those_that_are() -> None:
    """The message says which exchanges there are, or that there is none."""
    one = recording(exchange(), exchange())
    with pytest.raises(RecordingError, match=r"^session\.jsonl: there is no exchange 3; it has 1, 2$"):
        one.exchange(3)
    one.exchanges = ()
    with pytest.raises(RecordingError, match=r"^session\.jsonl: there is no exchange 1; it has none$"):
        one.exchange(1)


def test_text_is_utf_8_or_nothing() -> None:
    """Bytes are text where decoding and encoding give them back."""
    assert as_text("é☃\0".encode()) == "é☃\0"
    assert as_text(b"\xe9") is None
