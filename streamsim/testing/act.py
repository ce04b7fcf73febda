"""One run of a test's body: its clock, and all that is in virtual time meanwhile.

Law: nothing is virtual before it is used, or before the body begins; nothing is when it is over. A run plays in virtual
or in real time, never in both.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from streamsim.clock.core import VirtualClock
from streamsim.errors import UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

Kind: TypeAlias = Literal["sync", "asyncio", "trio"]
Mode: TypeAlias = Literal["unused", "virtual", "real"]

_MIXED = "one replay of this test plays in real time, another in virtual time"


class Detachable(Protocol):
    """An event loop in virtual time."""

    def detach(self) -> None:
        """Give it real time again."""
        ...


class Patch(Protocol):
    """Time functions that can be made virtual."""

    def start(self) -> None:
        """Make them so."""
        ...

    def stop(self) -> None:
        """Put them back."""
        ...


class Played(Protocol):
    """A replay, as far as it has to do with time."""

    def go_on(self) -> None:
        """Serve on the event loop that runs, if somebody was promised that."""
        ...

    async def leave(self) -> None:
        """Close what is on the event loop that runs."""
        ...

    def check(self) -> None:
        """Look whether it was used, and to the end."""
        ...

    def stop(self) -> None:
        """Close all ways to it."""
        ...


class Act:
    """What belongs to one run, or to one example of a property test.

    Attributes:
        clock: Its time, in virtual time; without a meaning in real time.
        replays: What was replayed in it.
        mode: What of the two it is, if anything was used yet.

    """

    def __init__(self, *, freeze: bool, kind: Kind) -> None:
        self.clock = VirtualClock()
        self.replays: list[Played] = []
        self.mode: Mode = "unused"
        self._freeze = freeze
        self._kind: Kind = kind
        self._running = False
        self._patch: Patch | None = None
        self._attached: list[tuple[object, Detachable]] = []
        self._began_ns = time.monotonic_ns()

    @property
    def kind(self) -> Kind:
        """What the calling code runs in; before the body begins, what the test will."""
        return now() or ("sync" if self._running else self._kind)

    def begin(self) -> None:
        """Let the body run."""
        self._running = True
        self._began_ns = time.monotonic_ns()
        self.go_on()

    def end(self) -> None:
        """Put all time functions and loops back."""
        self._running = False
        self.pause()

    async def leave(self) -> None:
        """Close what is on the event loop that runs, and give it real time again."""
        for replay in self.replays:
            await replay.leave()
        self.detach()

    def use(self) -> VirtualClock:
        """Return the clock, for somebody who needs virtual time from now on.

        Raises:
            UsageError: The run plays in real time.

        """
        if self.mode == "real":
            raise UsageError("streamsim", _MIXED, "give real=True to both, or record all: --streamsim-record=all")
        self.mode = "virtual"
        self.go_on()
        return self.clock

    def use_real(self) -> None:
        """Note that somebody needs real time.

        Raises:
            UsageError: The run plays in virtual time.

        """
        if self.mode == "virtual":
            raise UsageError("streamsim", _MIXED, "give real=True to both, or record all: --streamsim-record=all")
        self.mode = "real"

    def look(self) -> VirtualClock:
        """Return the clock; where the run plays in real time, it tells how much of that went by."""
        if self.mode != "real":
            return self.use()
        self.clock.advance_to_ns(time.monotonic_ns() - self._began_ns)
        return self.clock

    def go_on(self) -> None:
        """Make time virtual wherever the calling code runs, if it is used and not so yet."""
        if not self._running or self.mode != "virtual":
            return
        if self._patch is None:
            self._patch = _patched(self.clock, freeze=self._freeze)
            self._patch.start()
        self.attach()
        for replay in self.replays:
            replay.go_on()

    def attach(self) -> None:
        """Make the event loop virtual that runs here, if one does."""
        kind = now()
        if kind == "asyncio":
            import asyncio  # noqa: PLC0415 - it is loaded, for one of its loops runs

            from streamsim.clock.drivers import asyncio_loop  # noqa: PLC0415 - only where it is needed

            loop = asyncio.get_running_loop()
            self._keep(loop, lambda: asyncio_loop.attach(self.clock, loop))
        elif kind == "trio":
            import trio  # noqa: PLC0415 - it is loaded, for it runs

            from streamsim.clock.drivers import trio_run  # noqa: PLC0415 - it needs trio

            self._keep(trio.lowlevel.current_root_task(), lambda: trio_run.adopt(self.clock))

    def _keep(self, loop: object, attach: Callable[[], Detachable]) -> None:
        if not any(known is loop for known, _ in self._attached):
            self._attached.append((loop, attach()))

    def detach(self) -> None:
        """Give event loops real time again."""
        attached, self._attached = self._attached, []
        for _, attachment in attached:
            attachment.detach()

    def pause(self) -> None:
        """Make time real again."""
        self.detach()
        patch, self._patch = self._patch, None
        if patch is not None:
            patch.stop()


def now() -> Kind | None:
    """Return what kind of event loop runs the calling code, if any."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return "trio"
    asyncio = sys.modules.get("asyncio")
    return "asyncio" if asyncio is not None and running(asyncio.get_running_loop) is not None else None


def running(get: Callable[[], asyncio.AbstractEventLoop]) -> asyncio.AbstractEventLoop | None:
    """Return what ``get`` finds, or None."""
    try:
        return get()
    except RuntimeError:
        return None


def _patched(clock: VirtualClock, *, freeze: bool) -> Patch:
    from streamsim.clock.drivers import time_functions  # noqa: PLC0415 - only where it is needed

    if not freeze:
        return time_functions.patched(clock)
    from streamsim.clock.drivers import freezing  # noqa: PLC0415 - it needs freezegun

    return freezing.frozen(clock)
