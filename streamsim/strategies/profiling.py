"""Pacings, faults and profiles: what is done to a stream.

Law: simple draws are recorded times and no fault; what is drawn for a recording finds something to strike in it.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final, Literal

from hypothesis import strategies as st

from streamsim.errors import PlanError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.strategies.tapes import of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.distribution import Distribution
    from streamsim.plan.faults import Fault
    from streamsim.recording.model import Recording

_MODES: Final[tuple[Literal["recorded", "instant"], ...]] = ("recorded", "instant")
_ATTEMPTS: Final = ("", "attempt=1", "attempt=1-2")
_TIMES: Final = ("", "0ms", "1ms", "20ms", "2s", "uniform(1ms,5ms)", "normal(30ms,5ms)", "lognormal(30ms,0.4)")
# Of first byte and first content: the second never before the first.
_FIRSTS: Final = (
    ("", ""),
    ("20ms", ""),
    ("", "20ms"),
    ("1ms", "2s"),
    ("uniform(1ms,5ms)", ""),
    ("", "lognormal(30ms,0.4)"),
)
_SPEEDS: Final = (Pacing().speed, (2, 1), (1, 2), (10, 1))
_PACED: Final = 5
"""Bytes of a tape that say a pacing."""
_WHEN: Final = (*5 * (None,), *_ATTEMPTS)
"""When a fault of a profile strikes: mostly never, so that profiles have one more often than many."""
_FAULTED: Final = 2 * 3
"""Bytes that say faults: when each strikes, and which it is."""


def pacings() -> st.SearchStrategy[Pacing]:
    """Return pacings: any of the times, from recorded ones to drawn ones."""
    return told(_pacing, st.binary(max_size=_PACED))


def _pacing(tape: bytes) -> Pacing:
    mode, first, itl, jitter, speed = tape.ljust(_PACED, b"\0")
    ttfb, ttft = of(_FIRSTS, first)
    return Pacing(
        mode=of(_MODES, mode),
        ttfb=_time(ttfb),
        ttft=_time(ttft),
        itl=_time(of(_TIMES, itl)),
        jitter=_time(of(_TIMES, jitter)),
        speed=of(_SPEEDS, speed),
    )


@cache
def _time(text: str) -> Distribution | None:
    return parse_distribution(text) if text else None


def faults(*names: str, recording: Recording | None = None) -> st.SearchStrategy[Fault]:
    """Return faults, on all attempts or on some, without a place of their own.

    Args:
        names: Of which faults; by default of all in the catalogue.
        recording: Only those that find something to strike in it.

    Raises:
        ValueError: There is no such fault, or none is left.

    """
    unknown = [name for name in names if name not in CATALOGUE]
    if unknown:
        raise ValueError(f"no fault {', '.join(unknown)}; `streamsim faults` lists them")
    chosen = _striking(names or every_fault(), recording)
    return told(
        lambda nth: _fault(of(chosen, nth), _ATTEMPTS[nth // len(chosen)]),
        st.integers(0, len(_ATTEMPTS) * len(chosen) - 1),
    )


def _striking(names: Sequence[str], recording: Recording | None) -> Sequence[str]:
    """Return which of the faults find something to strike in any exchange; all of them where there is no recording."""
    if recording is None:
        return names
    planner = Planner(recording)
    found = [name for name in names if any(_strikes(name, planner, each.number) for each in recording.exchanges)]
    if not found:
        raise ValueError(f"{recording.source}: it has nothing that {', '.join(names)} could strike")
    return found


def _strikes(name: str, planner: Planner, number: int) -> bool:
    """Tell whether a fault finds something to strike in an exchange, and can be done."""
    try:
        return not planner.plan(number, Profile(faults=(_fault(name, ""),))).faults[0].problem
    except PlanError:
        return False


@cache
def _fault(name: str, when: str) -> Fault:
    return parse_fault(",".join(filter(None, (_SMALL.get(name, f"{name}:"), when))))


_SMALL: Final = {"huge_event": "huge_event:size=2000", "slicer": "slicer:size=16", "trickle": "trickle:bytes=64"}
"""What would take most of the time of a search as it is by default."""


def profiles(recording: Recording | None = None) -> st.SearchStrategy[Profile]:
    """Return profiles: a pacing and up to three faults; of those that find something to strike in ``recording``.

    Raises:
        ValueError: There is none that does.

    """
    return told(partial(profile_of, _striking(every_fault(), recording)), tapes(0))


def tapes(before: int) -> st.SearchStrategy[bytes]:
    """Return tapes that say a profile behind so many bytes that say something else."""
    return st.binary(min_size=before + _FAULTED, max_size=before + _FAULTED + _PACED)


def profile_of(names: Sequence[str], tape: bytes) -> Profile:
    """Return what a tape says: faults, of those named, and a pacing."""
    pairs = [(of(_WHEN, tape[at]), of(names, tape[at + 1])) for at in range(0, _FAULTED, 2)]
    struck = [_fault(name, when) for when, name in pairs if when is not None]
    return Profile(pacing=_pacing(tape[_FAULTED:]), faults=tuple(struck))


@cache
def every_fault() -> tuple[str, ...]:
    """Return the names of all faults."""
    return tuple(sorted(CATALOGUE))
