"""Pacings, faults, profiles and whole plans.

Law: every plan drawn is one that can be served; simple draws are plans without faults and with recorded times.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.dialects.said import Reasoning, Refusal, Say, Text, ToolCall
from streamsim.errors import PlanError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.plan.say import USUAL, say, writable
from streamsim.strategies.tapes import of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.distribution import Distribution
    from streamsim.plan.faults import Fault
    from streamsim.plan.planner import Plan
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
_SPEEDS: Final = ((1, 1), (2, 1), (1, 2), (10, 1))
_PACED: Final = 5
"""Bytes of a tape that say a pacing."""
_WHEN: Final = (*5 * (None,), *_ATTEMPTS)
"""When a fault of a profile strikes: mostly never, so that profiles have one more often than many."""
_FAULTED: Final = 2 * 3
"""Bytes that say faults: when each strikes, and which it is."""
_CHOSEN: Final = 4
"""Bytes that say a plan's exchange, seed and attempt."""
_ATTEMPTED: Final = (1, 2, 3)
_CALL: Final = ToolCall("weather", '{"city":"Köln"}')
_SAID: Final = (
    Say((Text("Hello"),)),
    Say((Text("Hello, world"),)),
    Say((Text("Well 🙂 naïve 好\n\u2028"),)),
    Say((Text('{"quoted": "[DONE]"}\ndata: x'),)),
    Say((Reasoning("Let me see"), Text("So"))),
    Say((Refusal("No, sorry"),)),
    Say((_CALL,)),
    Say((Text("I'll look"), _CALL)),
    Say((Reasoning("Both"), _CALL, _CALL)),
)
"""What providers say in plans: few answers, so that each is written and read once, however many plans are made."""


def pacings() -> st.SearchStrategy[Pacing]:
    """Return pacings: any of the times, from recorded ones to drawn ones."""
    return st.binary(max_size=_PACED).map(_pacing)


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


def faults(*names: str) -> st.SearchStrategy[Fault]:
    """Return faults of the catalogue, or those named, on all attempts or on some, without a place of their own.

    Raises:
        ValueError: There is no such fault.

    """
    unknown = [name for name in names if name not in CATALOGUE]
    if unknown:
        raise ValueError(f"no fault {', '.join(unknown)}; `streamsim faults` lists them")
    chosen = names or _names()
    return st.integers(0, len(_ATTEMPTS) * len(chosen) - 1).map(
        lambda nth: _fault(of(chosen, nth), _ATTEMPTS[nth // len(chosen)])
    )


@cache
def _fault(name: str, when: str) -> Fault:
    return parse_fault(",".join(filter(None, (_SMALL.get(name, f"{name}:"), when))))


_SMALL: Final = {"huge_event": "huge_event:size=2000", "slicer": "slicer:size=16", "trickle": "trickle:bytes=64"}
"""What would take most of the time of a search as it is by default."""


def profiles() -> st.SearchStrategy[Profile]:
    """Return profiles: a pacing and up to three faults."""
    return _tapes(_FAULTED).map(_profile)


def _tapes(size: int) -> st.SearchStrategy[bytes]:
    """Return tapes of so many bytes, and those of a pacing behind them."""
    return st.binary(min_size=size, max_size=size + _PACED)


def _profile(tape: bytes) -> Profile:
    """Return what a tape says: faults, and a pacing."""
    told = [(of(_WHEN, tape[at]), of(_names(), tape[at + 1])) for at in range(0, _FAULTED, 2)]
    struck = [_fault(name, when) for when, name in told if when is not None]
    return Profile(pacing=_pacing(tape[_FAULTED:]), faults=tuple(struck))


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(CATALOGUE))


def plans(recording: Recording | None = None) -> st.SearchStrategy[Plan]:
    """Return plans of ``recording``, or of what providers say, under any profile, seed and attempt.

    Raises:
        ValueError: The recording holds no exchange.

    """
    sources = _spoken() if recording is None else _exchanges(Planner(recording))
    if not sources:
        raise ValueError("the recording holds no exchange")
    return _tapes(_CHOSEN + _FAULTED).map(lambda tape: _plan(sources, tape))


@cache
def _spoken() -> tuple[tuple[Planner, int], ...]:
    """Return all that providers say, the simplest first."""
    names = sorted(writable(), key=USUAL.__ne__)
    by_dialect = [_exchanges(Planner(say(*_SAID, dialect=name))) for name in names]
    return tuple(source for same in zip(*by_dialect, strict=True) for source in same)


def _exchanges(planner: Planner) -> tuple[tuple[Planner, int], ...]:
    return tuple((planner, exchange.number) for exchange in planner.recording.exchanges)


def _plan(sources: Sequence[tuple[Planner, int]], tape: bytes) -> Plan:
    """Return the plan that a tape says: of which exchange, with which seed, at which attempt, under which profile."""
    planner, number = of(sources, int.from_bytes(tape[:2], "big"))
    return planned(planner, number, seed=tape[2], attempt=of(_ATTEMPTED, tape[3]), profile=_profile(tape[_CHOSEN:]))


def planned(planner: Planner, number: int, *, seed: int, attempt: int, profile: Profile) -> Plan:
    """Return the plan under a profile, without the last of its faults as long as all together cannot be done."""
    while True:
        try:
            return planner.plan(number, profile, seed=seed, attempt=attempt)
        except PlanError:
            if not profile.faults:
                raise
            profile = replace(profile, faults=profile.faults[:-1])
