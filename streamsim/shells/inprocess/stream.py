"""One client's connection without a socket: bytes in, bytes out, each at its planned nanosecond of a virtual clock.

Law: what can be read is what a server on loopback would have sent by now, in its order, and then how it ended. Nothing
here waits; whoever reads moves the clock, or waits until somebody else did.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias
from weakref import WeakKeyDictionary

from streamsim.engine.connection import Connection
from streamsim.errors import UsageError
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamsim.clock.core import Timer, VirtualClock
    from streamsim.engine.connection import Close, Deed
    from streamsim.engine.core import Engine

# eof, reset: after all bytes. refuse, ignore: the attempt to connect was refused, or is never answered; known only once
# the request is there. left: this side closed it.
Ended: TypeAlias = Literal["eof", "reset", "refuse", "ignore", "left"]

# After how long Linux gives up an attempt to connect that nobody answers (tcp_syn_retries 6, tcp(7)).
PATIENCE_NS = 127 * SECOND

_ENDS: dict[Close, Ended] = {
    "fin": "eof",
    "linger": "eof",
    "reset": "reset",
    "abort": "reset",
    "refuse": "refuse",
    "ignore": "ignore",
}
_numbers: WeakKeyDictionary[Engine, Iterator[int]] = WeakKeyDictionary()


class MemoryStream:
    """A connection to ``engine`` in the time of ``clock``.

    Attributes:
        ended: How the connection ended, maybe with bytes still to be taken; None while it is open.
        on_change: Called whenever something may have become readable, from within the clock's callbacks.

    """

    __slots__ = ("_clock", "_mind", "_parts", "_size", "_timer", "ended", "on_change")

    def __init__(self, engine: Engine, clock: VirtualClock, number: int | None = None) -> None:
        """Connect now; without ``number`` the connection is the engine's next one in process.

        Raises:
            UsageError: The engine forwards what it does not know, which only a server with an upstream can.

        """
        if engine.settings.forward:
            raise UsageError("in process", "there is no upstream to forward to", "serve with forward=False")
        self.ended: Ended | None = None
        self.on_change: Callable[[], object] = _nothing
        self._clock = clock
        self._mind = Connection(engine, number or _next_number(engine), clock.now_ns(), in_process=True)
        if engine.load is not None:
            engine.load.follow(clock)
            self._mind.wake = self._woken
        self._parts: list[bytes] = []
        self._size = 0
        self._timer: Timer | None = None
        self._play()

    @property
    def readable(self) -> bool:
        """Whether :meth:`take` has something to tell now: bytes, or that there will be none."""
        return self._size > 0 or self.ended is not None

    @property
    def unread(self) -> int:
        """How many bytes have come and were not taken."""
        return self._size

    @property
    def next_ns(self) -> int | None:
        """When the server does something by itself; None: not before it is asked."""
        return None if self._timer is None else self._timer.deadline_ns

    def send(self, data: bytes) -> None:
        """Send ``data`` now; on a connection that has ended it goes nowhere."""
        if self.ended is None:
            self._mind.receive(data, self._clock.now_ns())
            self._play()

    def take(self, limit: int) -> bytes:
        """Return up to ``limit`` bytes of what has come; ``b""`` when nothing has: see ``ended`` for why."""
        if self._size <= limit:
            parts, self._parts, self._size = self._parts, [], 0
            return parts[0] if len(parts) == 1 else b"".join(parts)
        data = b"".join(self._parts)
        self._parts, self._size = [data[limit:]], len(data) - limit
        return data[:limit]

    def leave(self) -> None:
        """Close the connection now; what was not taken counts as not delivered."""
        if self.ended is not None:
            return
        self._mind.left(self._clock.now_ns(), self._size)
        self._end("left")

    def _woken(self, _now_ns: int) -> None:
        if self.ended is None:
            self._play()

    def _play(self) -> None:
        self._settle(self._mind.play(self._clock.now_ns()))

    def _settle(self, deed: Deed) -> None:
        if deed.data:
            self._parts.append(deed.data)
            self._size += len(deed.data)
        if deed.close is not None:
            self._mind.delivered()
            self._end(_ENDS[deed.close])
        else:
            self._arm(deed.next_ns)
            if deed.data:
                self.on_change()

    def _arm(self, next_ns: int | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if next_ns is None else self._clock.call_at_ns(next_ns, self._play)

    def _end(self, how: Ended) -> None:
        self.ended = how
        self._arm(None)
        self.on_change()


def _next_number(engine: Engine) -> int:
    return next(_numbers.setdefault(engine, count(1)))


def _nothing() -> None:
    """Do nothing about news."""
