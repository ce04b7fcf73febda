"""The server without sockets: the same engine and connections, played under a virtual clock in no time at all.

Law: what it gives is what a raw client of the real server would get, write for write, each at its planned nanosecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.clock.core import Timer, VirtualClock
from streamsim.engine.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.engine.connection import Close
    from streamsim.engine.core import Engine


class Write(msgspec.Struct, frozen=True, gc=False):
    """Bytes that one system call would have written, and when."""

    at_ns: int
    data: bytes


class MemoryClient:
    """A client of ``engine`` whose connection is in memory.

    Attributes:
        clock: Moves when :meth:`run` is called.
        writes: All that the server wrote so far.
        closed: How the server closed the connection, and ``closed_ns`` when; None while it is open. ``refuse`` and
            ``ignore``: there never was one, for the attempt was refused, or never answered.

    """

    def __init__(self, engine: Engine, clock: VirtualClock | None = None, *, number: int = 1) -> None:
        self.clock = clock or VirtualClock()
        self.writes: list[Write] = []
        self.closed: Close | None = None
        self.closed_ns: int | None = None
        self._mind = Connection(engine, number, self.clock.now_ns(), in_process=True)
        if engine.load is not None:
            engine.load.follow(self.clock)
            self._mind.wake = self._woken
        self._timer: Timer | None = None
        self._play()

    @property
    def received(self) -> bytes:
        """Everything the server wrote, in one."""
        return b"".join(write.data for write in self.writes)

    def send(self, data: bytes) -> None:
        """Send ``data`` now."""
        if self.closed is None:
            self._disarm()
            self._mind.receive(data, self.clock.now_ns())
            self._play()

    def leave(self) -> None:
        """Close the connection now."""
        self._disarm()
        self._mind.left(self.clock.now_ns(), 0)
        self._close("fin", self.clock.now_ns())

    def run(self, until_ns: int | None = None) -> None:
        """Let time pass until nothing more is due, or until ``until_ns``.

        An open, idle connection is timed out like any other; so without ``until_ns`` the last thing to happen is the
        server's closing, or, where it hangs for ever, the last write.
        """
        if until_ns is not None:
            self.clock.advance_to_ns(until_ns)
            return
        self.clock.run()

    def answers(self) -> Iterator[Write]:
        """Yield the writes as they happen, moving the clock."""
        seen = 0
        while True:
            yield from self.writes[seen:]
            seen = len(self.writes)
            if not self.clock.run_next():
                return

    def _woken(self, _now_ns: int) -> None:
        if self.closed is None:
            self._disarm()
            self._play()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _play(self) -> None:
        now_ns = self.clock.now_ns()
        deed = self._mind.play(now_ns)
        if deed.data:
            self.writes.append(Write(now_ns, deed.data))
        if deed.close is not None:
            self._close(deed.close, now_ns)
        elif deed.next_ns is not None:
            self._timer = self.clock.call_at_ns(deed.next_ns, self._play)

    def _close(self, how: Close, now_ns: int) -> None:
        self.closed, self.closed_ns = how, now_ns
        self._mind.delivered()
