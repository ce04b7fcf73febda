"""A client's connection in memory."""

from __future__ import annotations

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.shells.inprocess.stream import MemoryStream
from streamsim.shells.memory import MemoryClient
from tests.builders import recording
from tests.shells.inprocess.asking import MS, S, engine
from tests.shells.raw import request


def test_what_comes_is_readable_at_its_nanosecond() -> None:
    """Nothing can be read before a write is due, and all of it can at that instant."""
    clock = VirtualClock()
    stream = MemoryStream(engine(), clock)
    stream.send(request())
    clock.advance_to_ns(100 * MS - 1)
    assert (stream.readable, stream.take(100), stream.next_ns) == (False, b"", 100 * MS)
    clock.advance_to_ns(100 * MS)
    assert stream.readable
    assert stream.take(15) == b"HTTP/1.1 200 OK"
    assert stream.readable


def test_it_gives_the_bytes_of_the_memory_client() -> None:
    """Piece by piece or at once, the bytes are those of the shell without sockets."""
    raw = MemoryClient(engine())
    raw.send(request())
    raw.run(S)
    for limit in (1, 7, 1 << 20):
        clock = VirtualClock()
        stream = MemoryStream(engine(), clock)
        stream.send(request())
        clock.advance_to_ns(S)
        assert b"".join(iter(lambda: stream.take(limit), b"")) == raw.received  # noqa: B023 - used at once
        assert (stream.unread, stream.ended) == (0, None)


def test_every_change_is_told() -> None:
    """The callback comes at each write and at the end, with the news there to be taken."""
    clock = VirtualClock()
    stream = MemoryStream(engine("reset_peer"), clock)
    news: list[tuple[int, int, str | None]] = []
    stream.on_change = lambda: news.append((clock.now_ns() // MS, len(stream.take(1 << 20)), stream.ended))
    stream.send(request())
    clock.advance_to_ns(S)
    assert [(at, bool(size), ended) for at, size, ended in news] == [
        (100, True, None),
        (120, True, "reset"),
    ]


@pytest.mark.parametrize(
    ("fault", "ended"),
    [("reset_peer", "reset"), ("close_mid_chunked", "eof"), ("refuse", "refuse"), ("ignore", "ignore")],
)
def test_ends_are_told_after_all_bytes(fault: str, ended: str) -> None:
    """How the connection ended is known when it did, and then reading gives nothing for ever."""
    clock = VirtualClock()
    stream = MemoryStream(engine(fault), clock)
    stream.send(request())
    clock.advance_to_ns(S)
    assert (stream.ended, stream.readable, stream.next_ns) == (ended, True, None)
    stream.take(1 << 20)
    assert (stream.take(1), stream.readable) == (b"", True)


def test_who_leaves_is_traced() -> None:
    """The trace says when the client left, to the nanosecond, and what it had not taken as not delivered."""
    served, clock = engine(), VirtualClock(5)
    stream = MemoryStream(served, clock)
    stream.send(request())
    clock.advance_to_ns(120 * MS + 5)
    stream.take(1 << 20)
    clock.advance_to_ns(145 * MS + 5)
    stream.leave()
    stream.leave()
    clock.advance_to_ns(S)
    (trace,) = served.journal
    assert (trace.outcome, trace.left_ns) == ("client left", 145 * MS)
    assert (trace.events_written, trace.events_delivered) == (2, 1)
    assert (stream.ended, stream.next_ns) == ("left", None)


def test_an_idle_connection_is_timed_out() -> None:
    """A kept-alive connection that asks nothing is closed by the server at its limit."""
    served, clock = engine(), VirtualClock()
    stream = MemoryStream(served, clock)
    stream.send(request())
    clock.advance_to_ns(S)
    stream.take(1 << 20)
    idle_ns = served.settings.limits.idle_ns
    clock.advance_to_ns(160 * MS + idle_ns - 1)
    assert not stream.readable
    clock.advance_to_ns(160 * MS + idle_ns)
    assert (stream.readable, stream.ended) == (True, "eof")
    stream.send(request())
    clock.advance(10)
    assert (stream.take(1), len(served.journal)) == (b"", 1)


def test_connections_of_an_engine_are_numbered() -> None:
    """Each engine counts its own connections in process, from 1 on."""
    clock = VirtualClock()
    for served in (engine(), engine()):
        for _ in range(2):
            stream = MemoryStream(served, clock)
            stream.send(request())
        clock.advance(1)
        assert [trace.connection for trace in served.journal] == [1, 2]


def test_there_is_no_upstream_in_process() -> None:
    """An engine that forwards cannot be reached in memory, and the error says so."""
    served = Engine([Planner(recording())], Settings(forward=True))
    with pytest.raises(UsageError) as caught:
        MemoryStream(served, VirtualClock())
    assert str(caught.value) == "in process: there is no upstream to forward to; serve with forward=False"
