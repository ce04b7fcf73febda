"""Load on the wire: one replica, whose streams are the answers of one server.

Law: what it does depends on the load's parameters, the plans, and when requests came and clients left; it moves steps
later and never earlier, and it changes neither a plan nor its digest. Nobody is woken but by :meth:`Governor.tick`, so
no connection is played from within another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.engine.prompt import prompt_tokens
from streamsim.rng import Rng
from streamsim.traffic.replica import Replica, Stream
from streamsim.traffic.speed import Speed

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.clock.core import Timer, VirtualClock
    from streamsim.engine.requests import Request
    from streamsim.engine.script import Script
    from streamsim.plan.profile import Profile


class Governed(Stream):
    """An answer under load, and what to call with the time when a step of it has become due."""

    __slots__ = ("wake",)

    def __init__(self, prompt_tokens: int, prefill_ns: int, script: Script, wake: Callable[[int], object]) -> None:
        super().__init__(prompt_tokens, prefill_ns, script.ats)
        self.wake = wake


class Governor:
    """What one server can do at once.

    Attributes:
        on_change: Called with the time of the next :meth:`tick`, whenever it may be another one; None: not before
            something else happens.
        on_wait: Called with how many requests wait for a place, whenever that may have changed.
        refused: How many requests were refused.

    """

    def __init__(self, profile: Profile, seed: int) -> None:
        self.on_change: Callable[[int | None], object] = _nothing
        self.on_wait: Callable[[int], object] = _nothing
        self.refused = 0
        self.load = profile.load
        self._seed = seed
        self._speed = profile.pacing.speed
        self._replica = Replica(profile.load, Speed(profile.load, profile.pacing.itl))
        self._due: dict[Governed, None] = {}  # who is to be woken, in order
        self._clock: VirtualClock | None = None

    @property
    def running(self) -> int:
        """How many answers have a place."""
        return self._replica.running

    @property
    def waiting(self) -> int:
        """How many requests wait for one."""
        return self._replica.waiting

    @property
    def full(self) -> bool:
        """Whether a request that comes now is refused, as of the last :meth:`catch_up`."""
        return self._replica.full

    def catch_up(self, now_ns: int) -> None:
        """Note all that has become due by ``now_ns``."""
        for stream in self._replica.advance(now_ns):
            assert isinstance(stream, Governed)  # noqa: S101 - it has no others
            self._due[stream] = None

    def admit(self, script: Script, request: Request, now_ns: int, wake: Callable[[int], object]) -> Governed:
        """Take an answer that begins now, after :meth:`catch_up`; it is not refused."""
        tokens = prompt_tokens(request)
        overhead_ns = self.load.prefill_overhead.draw(Rng(self._seed, str(script.told["plan"]), "prefill_overhead"), 0)
        above, below = self._speed
        stream = Governed(tokens, self.load.prefill_ns(tokens, overhead_ns) * below // above, script, wake)
        self._replica.arrive(stream, now_ns)
        self.catch_up(now_ns)
        self._due.pop(stream, None)  # its connection plays it now
        self._tell(now_ns)
        return stream

    def leave(self, stream: Stream, now_ns: int) -> None:
        """Have an answer go whose client has left."""
        self.catch_up(now_ns)
        self._due = {other: None for other in self._due if other is not stream}
        self._replica.leave(stream, now_ns)
        self.catch_up(now_ns)
        self._tell(now_ns)

    def tick(self, now_ns: int) -> None:
        """Wake whoever has something to do by ``now_ns``."""
        self.catch_up(now_ns)
        while self._due:
            stream = next(iter(self._due))
            del self._due[stream]
            stream.wake(now_ns)
        self._tell(now_ns)

    def follow(self, clock: VirtualClock) -> None:
        """Have ``clock`` tick, if it does not yet."""
        if self._clock is clock:
            return
        self._clock = clock
        timer: Timer | None = None

        def arm(at_ns: int | None) -> None:
            nonlocal timer
            if timer is not None:
                timer.cancel()
            timer = None if at_ns is None else clock.call_at_ns(at_ns, lambda: self.tick(clock.now_ns()))

        self.on_change = arm

    def _tell(self, now_ns: int) -> None:
        self.on_wait(self.waiting)
        self.on_change(now_ns if self._due else self._replica.next_ns)


def _nothing(_: int | None) -> None:
    """Have nobody told."""
