"""Whole plans.

Law: every plan drawn is one that can be served; simple draws are plans without faults and with recorded times.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from streamsim.dialects.said import Reasoning, Refusal, Say, Text, ToolCall
from streamsim.errors import PlanError
from streamsim.plan.planner import Planner
from streamsim.plan.say import USUAL, say, writable
from streamsim.strategies.profiling import every_fault, profile_of, tapes
from streamsim.strategies.tapes import of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis import strategies as st

    from streamsim.plan.planner import Plan
    from streamsim.plan.profile import Profile
    from streamsim.recording.model import Recording

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


def plans(recording: Recording | None = None) -> st.SearchStrategy[Plan]:
    """Return plans of ``recording``, or of what providers say, under any profile, seed and attempt.

    Raises:
        ValueError: The recording holds no exchange.

    """
    sources = _spoken() if recording is None else _exchanges(Planner(recording))
    if not sources:
        raise ValueError("the recording holds no exchange")
    return told(partial(_plan, sources), tapes(_CHOSEN))


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
    profile = profile_of(every_fault(), tape[_CHOSEN:])
    return planned(planner, number, seed=tape[2], attempt=of(_ATTEMPTED, tape[3]), profile=profile)


def planned(planner: Planner, number: int, *, seed: int, attempt: int, profile: Profile) -> Plan:
    """Return the plan under a profile, without the last of its faults as long as all together cannot be done."""
    while True:
        try:
            return planner.plan(number, profile, seed=seed, attempt=attempt)
        except PlanError:
            if not profile.faults:
                raise
            profile = replace(profile, faults=profile.faults[:-1])
