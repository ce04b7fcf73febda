"""What a client has already may wait to be recorded; nothing is lost by it, and no time is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.recording.model import Chunk
from streamsim.shells.recorder import Session, waiting
from tests.shells.recorders import Memory, Recorder
from tests.shells.test_recorder_session import asked
from tests.shells.upstreams import ASK, CHUNKED, FIN, GONE, LAST, RST, Upstream, chunk, read_exactly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Line
    from tests.shells.upstreams import Part

ONE, TWO = chunk(b"data: one\n\n"), chunk(b"data: two\n\n")


class Pieces(Memory):
    """Counts how often it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def write(self, lines: Iterable[Line]) -> None:
        self.count += 1
        super().write(lines)


def test_reads_are_kept_in_one_piece_each_with_its_time() -> None:
    """Of all exchanges; those that are over are known to be when their lines are kept."""
    memory = Pieces()
    session = Session(memory, VirtualClock())
    first, second = session.begin(asked(), 1), session.begin(asked(), 2)
    session.feed_all([(first, CHUNKED, 5), (second, CHUNKED, 7)])
    seen: list[tuple[int, int]] = []
    session.on_exchange = lambda _: seen.append((memory.count, len(memory.lines)))
    session.feed_all([(first, ONE, 10), (second, ONE, 20), (first, TWO, 25), (first, LAST, 26)])
    session.feed_all([(first, ONE, 30)])
    session.end(first, "fin")
    assert seen == [(4, 8)]
    chunks = [(line.exchange, line.dt_us, line.data) for line in memory.lines if isinstance(line, Chunk)]
    assert chunks == [(1, 5, b"data: one\n\n"), (2, 13, b"data: one\n\n"), (1, 15, b"data: two\n\n")]
    assert (session.events, session.open, session.causes) == (3, 1, {"complete": 1})


def test_what_waits_is_recorded_by_itself() -> None:
    """Though nothing more comes."""
    with Upstream([ASK, CHUNKED, ONE, GONE]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_exactly(client, len(CHUNKED + ONE))
        recorder.until(lambda: any(isinstance(line, Chunk) for line in recorder.memory.lines))


@pytest.mark.parametrize(("end", "cause"), [(LAST, "complete"), (FIN, "fin"), (RST, "reset")])
def test_what_waits_is_recorded_before_the_end(monkeypatch: pytest.MonkeyPatch, end: Part, cause: str) -> None:
    """Whichever way it ends, and at once."""
    monkeypatch.setattr(waiting, "WAIT_S", 3600)
    with Upstream([ASK, CHUNKED, ONE, TWO, end]) as upstream, Recorder(upstream.url) as recorder:
        recorder.ask()
        (exchange,) = recorder.memory.ended()
    assert exchange.end is not None
    assert (exchange.body, exchange.end.cause) == (b"data: one\n\ndata: two\n\n", cause)


def test_a_client_that_leaves_has_what_waits_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that was complete with it is complete: it is no cancelled one."""
    monkeypatch.setattr(waiting, "WAIT_S", 3600)
    trailing = LAST + b"HTTP/1.1 200 OK"
    for more, cause in ((ONE, "cancelled"), (trailing, "complete")):
        with Upstream([ASK, CHUNKED, ONE, more, GONE]) as upstream, Recorder(upstream.url) as recorder:
            client = recorder.ask()
            read_exactly(client, len(CHUNKED + ONE + more))
            client.close()
            (exchange,) = recorder.memory.ended()
        assert exchange.end is not None
        assert (exchange.body, exchange.end.cause) == (b"data: one\n\n" * (1 + (more == ONE)), cause)


def test_no_more_than_so_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast upstream fills no memory."""
    monkeypatch.setattr(waiting, "WAIT_S", 3600)
    monkeypatch.setattr(waiting, "MOST", len(ONE) - 1)
    with Upstream([ASK, CHUNKED, ONE, GONE]) as upstream, Recorder(upstream.url) as recorder:
        recorder.ask()
        recorder.until(lambda: any(isinstance(line, Chunk) for line in recorder.memory.lines))
