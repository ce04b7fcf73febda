"""What all faults have in common: how they are chosen, where they strike, in which order they are applied.

Law of order: what a reader that resumes is sent, what replaces the whole answer, then frames, bytes, new frames spread
in time, encoding, closings, boundaries, times, head, the link to the reader, the wire itself; within one of these in
the order in which they were asked for. So a fault finds its place whatever its neighbours do, and adding one changes no
other's draws.

Law of places: a place that was given and that the recording lacks is an error. Without one, a fault misses an answer
in which there is nothing to strike.

Law of reach: of several faults that replace the answer, the first asked for does; of several that close, that with the
earliest place does. What lies behind is not reached.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec

from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.units import Kind
from streamsim.errors import PlanError, UsageError
from streamsim.plan.anatomy import Anatomy, Span
from streamsim.rng import Rng
from streamsim.units import parse_ratio

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Dialect
    from streamsim.plan.draft import Draft

EVER = 1 << 31  # stands for every later attempt
_KINDS: Final[dict[Kind, str]] = {
    "sse": "server-sent events",
    "lines": "JSON lines",
    "array": "a JSON array",
    "aws": "an AWS event stream",
}
_ATTEMPTS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


class Phase(IntEnum):
    """When a fault is applied."""

    RESUME = -1
    INSTEAD = 0
    FRAMES = 1
    BYTES = 2
    SPREADING = 3
    ENCODING = 4
    CLOSING = 5
    BOUNDARIES = 6
    TIMES = 7
    HEAD = 8
    LINK = 9
    WIRE = 10


class Scene(msgspec.Struct, frozen=True):
    """What a fault may know.

    Attributes:
        anatomy: The recorded body.
        rng: This fault's own random table.
        dialect: Name of the stream's dialect.
        cut: Where in the recorded body another fault closes; None: nowhere.

    """

    anatomy: Anatomy
    rng: Rng
    dialect: str
    cut: int | None = None

    @property
    def spoken(self) -> Dialect:
        """The dialect itself."""
        return BY_NAME.get(self.dialect, GENERIC)

    def reaches(self, offset: int) -> bool:
        """Tell whether the answer goes on up to ``offset``."""
        return self.cut is None or offset <= self.cut


class Fault(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    repr_omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="fault",
):
    """Base of all faults. Fields are the parameters, in the words that users write.

    Attributes:
        attempt: ``1`` or ``1-2``: only at these attempts; empty: at every one.
        probability: An exact ratio such as ``1/20``; empty: always.

    """

    attempt: str = ""
    probability: str = ""

    phase: ClassVar[Phase]
    again: ClassVar[Phase | None] = None  # when it is finished, if not at once
    closes: ClassVar[bool] = False
    kinds: ClassVar[tuple[Kind, ...]] = ()  # what a body must be for it to mean anything there; empty: anything
    sees: ClassVar[str]
    rows: ClassVar[tuple[str, ...]] = ()
    incidents: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Refuse parameters that mean nothing.

        Raises:
            UsageError: One does.

        """
        self.attempts()
        if self.probability:
            self.chance()

    @classmethod
    def name(cls) -> str:
        """Return the name that users write."""
        return str(cls.__struct_config__.tag)

    def attempts(self) -> range:
        """Return the attempts at which it strikes."""
        if not self.attempt:
            return range(1, EVER)
        match = _ATTEMPTS.fullmatch(self.attempt)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise UsageError(
                self.name(), f"attempt={self.attempt!r} names no attempts", "write attempt=1 or attempt=1-2"
            )
        return range(first, last + 1)

    def chance(self) -> tuple[int, int]:
        """Return the probability as (parts, out of)."""
        ratio = parse_ratio(self.probability, where=f"{self.name()}: probability")
        if ratio > 1:
            raise UsageError(self.name(), f"probability={self.probability} is above 1", "write a ratio such as 1/20")
        if ratio.denominator > 1 << 64:
            raise UsageError(self.name(), f"probability={self.probability} is too fine", "write a ratio such as 1/20")
        return ratio.numerator, ratio.denominator

    @property
    def placed(self) -> bool:
        """Whether a place was given."""
        return False

    def strikes(self, scene: Scene) -> bool:
        """Tell whether it strikes at all at an attempt; chance is taken once for the whole answer."""
        return not self.probability or scene.rng.hits(0, *self.chance())

    def check(self, scene: Scene) -> None:
        """Do nothing where it can strike this recording.

        Raises:
            PlanError: It cannot: the recording has no such place, or nothing to strike.

        """

    def offset(self, scene: Scene) -> int:
        """Return where it strikes, as an offset in the recorded body: at its beginning, unless it has a place."""
        del scene
        return 0

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to where it strikes."""
        return scene.reaches(self.offset(scene))

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the fault in it; called only where it strikes and is reached."""
        raise NotImplementedError

    def finish(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the fault finished in the phase ``again``, when others have done their part."""
        raise NotImplementedError


class Placed(Fault, frozen=True, kw_only=True):
    """A fault with a place. At most one of the four is given; each fault says what it does without.

    Attributes:
        at_event: After so many events were delivered, or at the event of this index.
        at_byte: After so many body bytes.
        at_chunk: After so many chunks.
        at: ``headers``: before the body; ``first_token``: after the first content; ``terminal``: before the last event.

    """

    at_event: int | None = None
    at_byte: int | None = None
    at_chunk: int | None = None
    at: Literal["headers", "first_token", "terminal"] | None = None

    per_event: ClassVar[bool] = True  # without a place, chance picks events; False: it is taken once for the answer

    def __post_init__(self) -> None:
        """Refuse two places, and places below zero."""
        super().__post_init__()
        given = [value for value in (self.at_event, self.at_byte, self.at_chunk) if value is not None]
        if len(given) + (self.at is not None) > 1:
            raise UsageError(self.name(), "more than one place", "give one of at_event, at_byte, at_chunk, at")
        if any(value < 0 for value in given):
            raise UsageError(self.name(), "a place below zero", "places count from 0")

    @property
    def placed(self) -> bool:
        """Whether a place was given."""
        return any(value is not None for value in (self.at_event, self.at_byte, self.at_chunk, self.at))

    @property
    def by_chance(self) -> bool:
        """Whether chance picks the events at which it strikes."""
        return self.per_event and bool(self.probability) and not self.placed

    def strikes(self, scene: Scene) -> bool:
        """Tell whether it strikes at all at an attempt."""
        return self.by_chance or super().strikes(scene)

    def check(self, scene: Scene) -> None:
        """Look whether the place is there."""
        self.offset(scene)

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to its place; without one it may strike anywhere."""
        return not self.placed or super().reached(scene)

    def offset(self, scene: Scene) -> int:
        """Return where it strikes, as an offset in the recorded body: at its place."""
        return self.place(scene)

    def place(self, scene: Scene) -> int:
        """Return the place that was asked for as an offset; halfway through the events if none was.

        Raises:
            PlanError: The recording has no such place.

        """
        anatomy = scene.anatomy
        if self.at_event is not None:
            self._within("event", self.at_event, len(anatomy.events))
            return anatomy.events[self.at_event - 1].stop if self.at_event else 0
        if self.at_byte is not None:
            self._within("byte", self.at_byte, anatomy.size)
            return self.at_byte
        if self.at_chunk is not None:
            self._within("chunk", self.at_chunk, len(anatomy.chunks))
            return anatomy.chunks[self.at_chunk - 1].stop if self.at_chunk else 0
        return self._phase_offset(anatomy)

    def _phase_offset(self, anatomy: Anatomy) -> int:
        if self.at == "headers":
            return 0
        if self.at == "first_token":
            if not anatomy.content:
                raise PlanError(self.name(), "no event has content", "give at_event or at_byte")
            return anatomy.events[anatomy.content[0]].stop
        if self.at == "terminal":
            if anatomy.terminal is None:
                raise PlanError(self.name(), "the recording has no terminal event", "give at_event or at_byte")
            return anatomy.events[anatomy.terminal].start
        middle = len(anatomy.events) // 2
        return anatomy.events[middle - 1].stop if middle else anatomy.size // 2

    def _within(self, what: str, place: int, count: int) -> None:
        if place > count:
            problem = f"there is no {what} {place} of {count}"
            raise PlanError(self.name(), problem, f"places of this recording are 0 to {count}")

    def offsets(self, scene: Scene) -> list[int]:
        """Return where it strikes: at its place, or before each event that chance picks, as far as that is reached.

        Raises:
            PlanError: The recording has no such place.

        """
        spans = scene.anatomy.events
        offsets = [spans[i].start for i in self._picked(scene)] if self.by_chance else [self.offset(scene)]
        return sorted({offset for offset in offsets if scene.reaches(offset)})

    def events(self, scene: Scene) -> list[int]:
        """Return the indices of the events it strikes: that of its place, or those that chance picks, or all.

        Only those that are reached.

        Raises:
            PlanError: The recording has no such event, or its events cannot be seen.

        """
        readable(self, scene.anatomy)
        spans = scene.anatomy.events
        chosen = [self.event(scene)] if self.placed else self._picked(scene)
        return [index for index in chosen if scene.cut is None or spans[index].start < scene.cut]

    def event(self, scene: Scene) -> int:
        """Return the index of the event at the place.

        Raises:
            PlanError: The recording has no such event.

        """
        count = len(scene.anatomy.events)
        index = self.at_event if self.at_event is not None else scene.anatomy.first_event_from(self.place(scene))
        if index >= count:
            raise PlanError(self.name(), f"there is no event {index} of {count}", "events count from 0")
        return index

    def _picked(self, scene: Scene) -> list[int]:
        count = len(scene.anatomy.events)
        if not self.probability:
            return list(range(count))
        parts, out_of = self.chance()
        return [index for index in range(count) if scene.rng.hits(index + 1, parts, out_of)]

    def spans(self, scene: Scene) -> list[Span]:
        """Return the frames of :meth:`events`."""
        return [scene.anatomy.events[index] for index in self.events(scene)]


class AtPlace(Placed, frozen=True, kw_only=True):
    """A fault that strikes between bytes: at its place, halfway by default, or before each event that chance picks."""

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to such a place."""
        return bool(self.offsets(scene)) or scene.cut is None


class OnEvents(Placed, frozen=True, kw_only=True):
    """A fault that does something to whole events: the one at its place, those that chance picks, or all."""

    def check(self, scene: Scene) -> None:
        """Look whether the event is there, or any."""
        self.events(scene)
        if not self.placed and not scene.anatomy.events:
            raise PlanError(self.name(), "the recording has no event", "record an event stream")

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to one of its events."""
        return bool(self.events(scene)) or scene.cut is None


def suited(fault: Fault, anatomy: Anatomy) -> None:
    """Do nothing where the fault means something in a body of this kind; of what is no stream, the rest is to tell.

    Raises:
        PlanError: It does not: a comment is none between JSON lines.

    """
    kind = anatomy.kind
    if kind == "array" and not anatomy.frames:
        return  # JSON that is no array, or compressed
    if fault.kinds and kind is not None and kind not in fault.kinds:
        told = " or ".join(_KINDS[each] for each in fault.kinds)
        problem = f"it is about {told}, and the recorded body is {_KINDS[kind]}"
        raise PlanError(fault.name(), problem, f"record {told}")


def readable(fault: Fault, anatomy: Anatomy) -> None:
    """Do nothing where the body's events stand in its bytes.

    Raises:
        PlanError: The body is compressed.

    """
    if anatomy.encoded:
        problem = "the recorded body is compressed, so its events cannot be reached"
        raise PlanError(fault.name(), problem, "record it without content-encoding")


def streaming(fault: Fault, anatomy: Anatomy) -> None:
    """Do nothing where the body has frames that stand in its bytes, or a place was given.

    Raises:
        PlanError: It has none.

    """
    readable(fault, anatomy)
    if not anatomy.frames and not fault.placed:
        raise PlanError(fault.name(), "the recorded body is no event stream, or empty", "record an event stream")
