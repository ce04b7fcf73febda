"""The driver of code that simply blocks: who waits moves the clock himself, event by event, until it is ready.

Law: the clock moves only while nobody holds it and no other thread does anything; what is ready wins over a time-out at
the same nanosecond; nobody waits for ever.
"""

from __future__ import annotations

import inspect
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from streamsim.clock.drivers.threads import busy, working
from streamsim.errors import VirtualDeadlock
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.clock.core import VirtualClock

# The real functions, whatever time functions are patched meanwhile; in a tuple, where no patch looks for them.
REAL = (time.monotonic, time.sleep)  # noqa: TID251 - what others do takes real time

# How often to look, in real time, whether those who keep the clock from moving are done; and when to give up.
POLL_S = 0.0005
LIMIT_S = 30.0

HERE = str(Path(__file__).parents[2])  # of the package


def wait(clock: VirtualClock, ready: Callable[[], bool], until_ns: int | None) -> bool:
    """Move ``clock`` from event to event until ``ready()``: True; or until ``until_ns`` has come first: False.

    Returns at once if it is ready already. All that is due at ``until_ns`` runs before that counts as come.

    Raises:
        VirtualDeadlock: Nothing is scheduled and ``until_ns`` is None, so that it would never be ready; or somebody has
            kept the clock from moving for 30 real seconds.

    """
    while not ready():
        _let_others_finish(clock)
        if ready():  # they may have made it so just before they were done
            return True
        next_ns = clock.next_ns()
        if until_ns is not None and (next_ns is None or next_ns > until_ns):
            clock.advance_to_ns(until_ns)
            return False
        if next_ns is None:
            problem = f"waits for ever: at {clock.now()} s nothing is scheduled on the virtual clock"
            raise VirtualDeadlock(caller(), problem, "give it a time limit, or a stream that goes on")
        clock.run_next()
    return True


def sleep(clock: VirtualClock, seconds: float) -> None:
    """Let ``seconds`` pass on ``clock``: what ``time.sleep`` is in virtual time, with its errors.

    Raises:
        ValueError: ``seconds`` is negative or not a number.
        VirtualDeadlock: See :func:`wait`.

    """
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds == 0:
        REAL[1](0)  # only lets other threads run
    else:
        wait(clock, _never, clock.now_ns() + nanoseconds(seconds))


def nanoseconds(seconds: float) -> int:
    """Return the nearest number of nanoseconds; at least one, for who waits for the rest of a time must get there."""
    return max(round(seconds * SECOND), 1)


def caller() -> str:
    """Return ``file:line`` of the code that waits: the innermost that belongs to no library, else the innermost."""
    libraries = ("<", *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")))
    frame = inspect.currentframe()
    innermost = ""
    while frame is not None:
        file = frame.f_code.co_filename
        place = f"{file}:{frame.f_lineno}"
        if not file.startswith(HERE):
            innermost = innermost or place
            if not file.startswith(libraries):
                return place
        frame = frame.f_back
    return innermost


def _never() -> bool:
    return False


def _let_others_finish(clock: VirtualClock) -> None:
    """Wait in real time while somebody works whom the clock cannot see."""
    if not clock.held and not busy():
        return
    monotonic, real_sleep = REAL
    give_up = monotonic() + LIMIT_S
    while clock.held or busy():
        if monotonic() > give_up:
            raise VirtualDeadlock(caller(), f"cannot let time pass: {_who(clock)}", "end it, or let it wait for this")
        real_sleep(POLL_S)


def _who(clock: VirtualClock) -> str:
    """Say who has kept the clock from moving for so long."""
    if clock.held:
        return f"for {LIMIT_S:.0f} real seconds somebody has held the virtual clock"
    return f"for {LIMIT_S:.0f} real seconds other threads have been busy: {', '.join(working())}"
