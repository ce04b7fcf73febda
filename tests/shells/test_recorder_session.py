"""A session counts, cleans and keeps; it says so once when it cannot keep any more."""

from __future__ import annotations

import asyncio
import io
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from streamsim.clock.core import VirtualClock
from streamsim.engine.requests import Request
from streamsim.errors import RecordingError, UpstreamError
from streamsim.recording.model import Chunk, Ending
from streamsim.shells.counters import _View, counters
from streamsim.shells.recorder import Relay, Session, Upstream, fetch
from streamsim.shells.recorder.relay import _cause, _Line
from tests.shells.recorders import Memory
from tests.shells.upstreams import ASK, CHUNKED, FIN, GONE, LAST, chunk
from tests.shells.upstreams import Upstream as Scripted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Line


def asked(body: bytes = b"", **headers: str) -> Request:
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request("POST", "/", lines, dict(lines), body, "1.1", keep_alive=True)


class Full(Memory):
    """Takes so many lines, and then no more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if len(self.lines) == self.room:
                raise RecordingError("a.jsonl", "cannot be written: full", "make room")
            super().write([line])


def test_times_count_from_the_session() -> None:
    """Whatever the clock said when it began."""
    clock = VirtualClock(5_000_000)
    session = Session(Memory(), clock)
    clock.advance_to_ns(7_000_999)
    assert session.now_us() == 2000


def test_the_provider_is_known_by_the_upstream() -> None:
    """What passes through a proxy is read in the dialect of whom the proxy asks."""
    session = Session(Memory(), VirtualClock())
    last = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"finish_reason":"stop","delta":{}}]}\n\n'
    seen = []
    for upstream in ("", "https://api.perplexity.ai"):
        capture = session.begin(asked(b"{}"), 1, upstream)
        session.feed(capture, CHUNKED + chunk(last), 10)
        seen.append(capture.terminal)
    assert seen == [False, True]


def test_an_exchange_is_counted_and_handed_over_clean() -> None:
    """Whoever wants each exchange has its lines as they are kept."""
    memory = Memory()
    session = Session(memory, VirtualClock())
    got: list[list[Line]] = []
    session.on_exchange = got.append
    capture = session.begin(asked(b"\xff12345678", authorization="Bearer 12345678"), 1)
    session.feed(capture, CHUNKED, 10)
    assert (session.open, session.events, session.ttft_us) == (1, 0, None)
    session.feed(capture, chunk(b"data: 12345678\n\n") + b"5", 20)
    assert (session.events, session.bytes, session.ttft_us) == (1, 16, 20)
    assert got == []
    session.end(capture, "fin")
    session.end(capture, "reset")
    assert got == [memory.lines]
    assert [line.data for line in memory.lines if isinstance(line, Chunk | Ending)] == [b"data: [redacted]\n\n", b"5"]
    assert (session.exchanges, session.open, session.causes) == (1, 0, {"fin": 1})
    assert session.redactor.removed == {"authorization"}


def test_a_recording_that_cannot_be_kept_fails_once() -> None:
    """Traffic goes on; whoever records is told at the first line that is lost."""
    memory = Full(2)
    session = Session(memory, VirtualClock())
    failures: list[RecordingError | None] = []
    session.on_failure = lambda: failures.append(session.failure)
    capture = session.begin(asked(), 1)
    session.feed(capture, CHUNKED + chunk(b"data: a\n\n"), 1)
    session.feed(capture, LAST, 2)
    assert [str(failure) for failure in failures] == ["a.jsonl: cannot be written: full; make room"]
    assert len(memory.lines) == 2
    assert session.causes == {"complete": 1}
    lonely = Session(Full(0), VirtualClock())
    lonely.begin(asked(), 1)
    assert lonely.failure is not None


def fetched(url: str, *, silence_s: float = 20.0, stop_after: bytes = b"") -> Memory:
    """Fetch, and stop once ``stop_after`` was recorded."""
    memory = Memory()
    session = Session(memory, VirtualClock())

    async def main() -> None:
        task = asyncio.ensure_future(fetch(Relay(session, Upstream(url), silence_s=silence_s), asked()))
        while stop_after and not any(  # noqa: ASYNC110 - a line that was written sets no event
            isinstance(line, Chunk) and stop_after in line.data for line in memory.lines
        ):
            await asyncio.sleep(0)
        if stop_after:
            task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError) if stop_after else nullcontext():
        asyncio.run(main())
    return memory


def test_a_fetch_ends_with_its_exchange() -> None:
    """Its connection was made before, so that its times hold the answer alone."""
    with Scripted([ASK, CHUNKED + chunk(b"data: a\n\n"), FIN]) as upstream:
        (exchange,) = fetched(upstream.url).ended()
        upstream.played()
    assert exchange.end is not None
    assert (exchange.body, exchange.end.cause) == (b"data: a\n\n", "fin")


def test_a_fetch_that_is_stopped_is_cancelled() -> None:
    """What came until then is kept, and the upstream is hung up on."""
    with Scripted([ASK, CHUNKED + chunk(b"data: a\n\n"), GONE]) as upstream:
        (exchange,) = fetched(upstream.url, stop_after=b"data: a").ended()
        upstream.played()
    assert exchange.end is not None
    assert (exchange.body, exchange.end.cause) == (b"data: a\n\n", "cancelled")


def test_a_fetch_that_reaches_nobody_records_nothing() -> None:
    """There was no exchange."""
    with Scripted([]) as upstream:
        upstream.close()
    with pytest.raises(UpstreamError):
        fetched(upstream.url)


class Late(Relay):
    """Has its connection, or none, when it is told so; and that is lost at once."""

    def __init__(self, session: Session, error: UpstreamError | None = None) -> None:
        super().__init__(session, Upstream("http://h"), silence_s=20.0)
        self.told = asyncio.Event()
        self.error = error

    async def connect(self) -> _Line:
        await self.told.wait()
        if self.error is not None:
            raise self.error
        return _Line(self._begin, self.session.buffer)


@pytest.mark.parametrize("error", [None, UpstreamError("http://h", "no connection", "is it up?")])
@pytest.mark.parametrize("left", [False, True])
def test_a_connection_that_comes_too_late_or_not_at_all(error: UpstreamError | None, *, left: bool) -> None:
    """Who left meanwhile is not asked for; one that was lost as soon as it was made ends like any other."""
    memory = Memory()
    lives: list[bool] = []

    async def main() -> None:
        relay = Late(Session(memory, VirtualClock()), error)
        passage = relay.exchange(asked(), None, lives.append)
        if left:
            passage.client_left()
            passage.client_left()
        relay.told.set()
        assert relay._task is not None
        await relay._task
        passage.cancel()

    asyncio.run(main())
    (exchange,) = memory.ended()
    assert exchange.end is not None
    assert exchange.end.cause == ("cancelled" if left else "fin" if error is None else "unreachable")
    assert lives == [False]


def test_a_timeout_of_the_system_is_one() -> None:
    """And every other error of a connection is a reset."""
    assert [_cause(exc) for exc in (None, TimeoutError(), ConnectionResetError())] == ["fin", "timeout", "reset"]


def test_counters_show_the_session_as_it_is() -> None:
    """One line, drawn anew each time."""
    session = Session(Memory(), VirtualClock())
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(_View(session))
    session.exchanges, session.open, session.events, session.bytes, session.ttft_us = 3, 1, 1234, 56789, 412345
    console.print(_View(session))
    before, after = console.export_text().splitlines()
    assert before.split() == ["0", "exchanges", "0", "open", "0", "events", "0", "bytes", "TTFT", "-"]
    assert after.split() == ["3", "exchanges", "1", "open", "1234", "events", "56,789", "bytes", "TTFT", "412.345ms"]


def test_counters_stay_out_of_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """That belongs to the ready line."""
    with counters(Session(Memory(), VirtualClock())):
        pass
    assert capsys.readouterr().out == ""
