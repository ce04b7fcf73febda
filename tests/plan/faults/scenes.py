"""A small recording, faults asked of it, and what comes of it in a form that a test can spell out.

By default the head comes at 100 ms, ``one``, ``two`` and ``three`` at 120, 140 and 160 ms, and the end with the last.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from streamsim.dialects import read
from streamsim.plan.anatomy import Anatomy, anatomy
from streamsim.plan.draft import Draft, put_together, take_apart
from streamsim.plan.faults import Applied, Fault, apply_faults, parse_fault
from streamsim.rng import Rng
from streamsim.wire import Hang, Head, Headers, Raw, Send, Timeline, check
from tests.builders import EVENT_STREAM, exchange

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

MS = 1_000_000
CHUNKED: Headers = (*EVENT_STREAM, ("transfer-encoding", "chunked"))
ONE, TWO, THREE = b"data: one\n\n", b"data: two\n\n", b"data: three\n\n"

Shown: TypeAlias = list[tuple[float, str | bytes]]


class Result(NamedTuple):
    """What was planned, and what became of each fault."""

    timeline: Timeline
    applied: tuple[Applied, ...]

    @property
    def outcomes(self) -> list[str]:
        """What became of each fault, without its spelling."""
        return [each.outcome for each in self.applied]

    @property
    def shown(self) -> Shown:
        """Each step's milliseconds, and its body bytes or what it does."""
        return shown(self.timeline)

    @property
    def body(self) -> bytes:
        """All body bytes."""
        return b"".join(step.action.data for step in self.timeline if isinstance(step.action, Send))

    @property
    def head(self) -> Head:
        """The final head."""
        return next(
            step.action for step in self.timeline if isinstance(step.action, Head) and step.action.status >= 200
        )


def shown(timeline: Timeline) -> Shown:
    """Return each step's milliseconds, and its body bytes or what it does."""
    told: Shown = []
    for step in timeline:
        action = step.action
        if isinstance(action, Send):
            what: str | bytes = action.data
        elif isinstance(action, Raw):
            what = "raw " + action.data.decode("latin-1")
        elif isinstance(action, Hang):
            what = "hang" if action.for_ns is None else f"hang {action.for_ns / MS:g}"
        else:
            what = type(action).__name__.lower()
        told.append((step.at_ns / MS, what))
    return told


def places(one: Exchange) -> Anatomy:
    """Return the anatomy of an exchange."""
    headers = one.response.headers if one.response is not None else ()
    return anatomy(headers, [chunk.data for chunk in one.chunks], read(one))


def draft_of(one: Exchange) -> Draft:
    """Return the recorded timeline of an exchange, taken apart."""
    offsets = [0, *accumulate(len(chunk.data) for chunk in one.chunks)]
    return take_apart(one.timeline(), offsets)


def plan(one: Exchange | None, *faults: str | Fault, attempt: int = 1, seed: int = 0) -> Result:
    """Return an exchange, the default one if None, with these faults."""
    one = one or exchange(headers=CHUNKED)
    made = [parse_fault(fault) if isinstance(fault, str) else fault for fault in faults]
    draft, applied = apply_faults(
        draft_of(one),
        made,
        attempt=attempt,
        anatomy=places(one),
        dialect=read(one).dialect,
        dice=lambda purpose: Rng(seed, purpose),
    )
    return Result(check(put_together(draft)), applied)
