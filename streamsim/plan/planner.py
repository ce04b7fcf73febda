"""The one function that decides what is sent.

Law: same recording, exchange, profile, seed, attempt and given ⇒ the same timeline, byte for byte and nanosecond for
nanosecond, in every process and on every machine.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamsim.dialects import Reading, StreamReader, read
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.outline import outline, outline_of
from streamsim.errors import PlanError
from streamsim.plan.anatomy import anatomy
from streamsim.plan.draft import put_together, take_apart
from streamsim.plan.faults import Applied, apply_faults
from streamsim.plan.pacing import Pacing, pace
from streamsim.plan.profile import Profile, spelt
from streamsim.plan.resume import resumed
from streamsim.plan.whole import at_the_end, retold, wants_whole, whole, writer_of
from streamsim.recording import codec
from streamsim.recording.model import Header
from streamsim.rng import Rng
from streamsim.wire import End, Fin, Head, Raw, Send, Step, Timeline, check, digest
from streamsim.wire.reader import Reader
from streamsim.wire.steps import Unfolding, telling
from streamsim.wire.timeline import rendered

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.dialects import Dialect
    from streamsim.dialects.outline import Outline
    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults import Fault
    from streamsim.recording.model import Exchange, Recording

DEFAULT_SEED = 0


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a request may change in its own plan.

    Attributes:
        head_only: The request was a HEAD: the answer has no body.
        unchunked: It came over HTTP/1.0, which knows no chunks: the body ends with the connection (RFC 9112, 6.1).
        last_event_id: The id of the last event that the reader has, from ``Last-Event-ID``.
        whole: It asked for no stream: where one was recorded, the whole answer comes in its place, once it is over.

    """

    head_only: bool = False
    unchunked: bool = False
    last_event_id: str = ""
    whole: bool = False


class Plan(msgspec.Struct, frozen=True):
    """A timeline, and what it was made from.

    Attributes:
        plan_id: Hash of all inputs; known before the timeline is.
        recording: Name of the recording, for people.
        exchange, seed, attempt: The inputs that a request chooses.
        timeline: What will be done. Where nothing but times differs from what was recorded, its steps are made as they
            are asked for, so that a long one takes a few bytes a step.
        events: How many SSE events a client has once step i is delivered whole, for each step.
        dialect: What the events are.
        faults: What became of each fault of the profile.

    """

    plan_id: str
    recording: str
    exchange: int
    seed: int
    attempt: int
    timeline: Timeline
    events: Sequence[int]
    dialect: str
    faults: tuple[Applied, ...] = ()

    def __hash__(self) -> int:
        """Return the hash of the plan id, which equal plans share."""
        return hash(self.plan_id)

    def __repr__(self) -> str:
        """Say of what it is the plan, and what became of the faults; the timeline is too long for a message."""
        chosen = f"exchange {self.exchange} ({self.dialect}), seed {self.seed}, attempt {self.attempt}"
        struck = "".join(f", {each.fault} {each.outcome}" for each in self.faults)
        return f"<plan {self.plan_id} of {self.recording}: {chosen}, {len(self.timeline)} steps{struck}>"

    @property
    def digest(self) -> str:
        """SHA-256 of the timeline's bytes and times."""
        return digest(self.timeline)

    @property
    def succeeds(self) -> bool:
        """Whether it completes with a 2xx: the next equal request is then no retry.

        Where the final head is raw bytes, so is the rest, and a reader finds out for itself.
        """
        timeline = self.timeline
        heads = [step.action.status for _, step in telling(timeline) if isinstance(step.action, Head)]
        last = timeline[-1].action
        if max(heads, default=0) >= 200 or not isinstance(last, Fin):
            return 200 <= max(heads, default=0) < 300 and isinstance(last, End)
        reader = Reader()
        reader.feed(b"".join(rendered(timeline)))
        return 200 <= reader.status < 300 and (reader.complete or reader.until_close)


class _Scenery(NamedTuple):
    """What faults strike: the places of a body, in which dialect it is, and what messages call it."""

    places: Anatomy
    dialect: str
    about: str


class Planner:
    """Plans the exchanges of one recording. Reading and hashing are done once for each exchange."""

    def __init__(self, recording: Recording, *, name: str = "") -> None:
        self.recording = recording
        self.name = name or recording.source
        self.digest = codec.digest(recording)
        self._readings: dict[int, Reading] = {}
        self._outlines: dict[int, Outline] = {}
        self._places: dict[int, Anatomy] = {}

    def plan(
        self,
        exchange: int,
        profile: Profile = Profile(),  # noqa: B008 - frozen
        *,
        seed: int = DEFAULT_SEED,
        attempt: int = 1,
        given: Given = Given(),  # noqa: B008 - frozen
    ) -> Plan:
        """Return what will be sent for ``exchange``, all of it.

        Raises:
            RecordingError: The recording has no such exchange.
            PlanError: The profile asks for what cannot be.

        """
        source = self.recording.exchange(exchange)
        path = (self.digest, str(exchange), str(attempt))

        def dice(purpose: str) -> Rng:
            return Rng(seed, *path, purpose)

        altered = bool(profile.faults or given.last_event_id)
        if altered or given.whole:
            self.reading(exchange)  # of which the outline is made then, so that nothing is read twice
        answer, outline, timeline = self._paced(source, profile, given, dice)
        if given.unchunked:
            timeline = tuple(map(_unsized, map(_unchunked, timeline)))
        faults: tuple[Applied, ...] = ()
        if altered:
            places = self.places(exchange) if answer is source else _places(answer, Reading(outline.dialect, ()))
            draft = resumed(take_apart(timeline, [span.start for span in places.chunks]), places, given.last_event_id)
            if profile.faults:
                about = f"{self.name}, exchange {exchange}"
                draft, faults = _worse(draft, _Scenery(places, outline.dialect, about), profile.faults, attempt, dice)
            timeline = put_together(draft)
        timeline = pace(timeline, (), Pacing(speed=profile.pacing.speed), dice)
        if given.unchunked:
            timeline = tuple(map(_unchunked, timeline))
        if given.head_only:
            timeline = _head_only(timeline)
        named = b"\n".join((*map(str.encode, path), b"%d" % seed, spelt(profile), msgspec.json.encode(given)))
        return Plan(
            plan_id=sha256(named).hexdigest()[:16],
            recording=self.name,
            exchange=exchange,
            seed=seed,
            attempt=attempt,
            timeline=check(timeline),
            events=_events_sent(timeline) if altered else _events(timeline, outline),
            dialect=outline.dialect,
            faults=faults,
        )

    def reading(self, number: int) -> Reading:
        """Return the events of exchange ``number``.

        Raises:
            RecordingError: The recording has no such exchange.

        """
        reading = self._readings.get(number)
        if reading is None:
            reading = read(self.recording.exchange(number), self._upstream)
            if self._written is not None:
                reading = retold(reading, self._written)
            self._readings[number] = reading
        return reading

    def outline(self, number: int) -> Outline:
        """Return what planning asks of the events of exchange ``number``: without them, and so in little room.

        Raises:
            RecordingError: The recording has no such exchange.

        """
        known = self._outlines.get(number)
        if known is None:
            source = self.recording.exchange(number)
            if number in self._readings or self._written is not None:
                known = outline_of(self.reading(number), len(source.chunks))
            else:
                known = outline(source, self._upstream)
            self._outlines[number] = known
        return known

    def places(self, number: int) -> Anatomy:
        """Return where things stand in the recorded body of exchange ``number``.

        Raises:
            RecordingError: The recording has no such exchange.

        """
        known = self._places.get(number)
        if known is None:
            known = _places(self.recording.exchange(number), self.reading(number))
            self._places[number] = known
        return known

    @property
    def _upstream(self) -> str:
        header = self.recording.header
        return header.upstream if isinstance(header, Header) else ""

    @property
    def _written(self) -> Dialect | None:
        """The dialect that a script was written in."""
        header = self.recording.header
        return BY_NAME.get(header.written) if isinstance(header, Header) else None

    def can_be_whole(self, number: int) -> bool:
        """Tell whether exchange ``number`` is a stream that can be answered whole, to who asks for no stream."""
        return writer_of(self.recording.exchange(number), self.outline(number)) is not None

    def wants_whole(self, number: int, target: str, body: bytes) -> bool:
        """Tell whether a request wants the whole answer where a stream was recorded: its plan is `Given` that."""
        return wants_whole(self.recording.exchange(number), self.outline(number), target, body)

    def _paced(
        self, source: Exchange, profile: Profile, given: Given, dice: Callable[[str], Rng]
    ) -> tuple[Exchange, Outline, Timeline]:
        """Return what is answered, as it was recorded or whole, an outline of it, and its deeds with their times."""
        known = self.outline(source.number)
        recorded = source.timeline(answered=known.terminal)
        content = array("I", map(recorded.before.__add__, known.content))
        timeline = pace(recorded, content, msgspec.structs.replace(profile.pacing, speed=(1, 1)), dice)
        writer = writer_of(source, known) if given.whole else None
        if writer is None:
            return source, known, timeline
        answer = whole(source, self.reading(source.number), writer, dice("whole"))
        return answer, outline_of(Reading(known.dialect, ()), len(answer.chunks)), at_the_end(answer, timeline)


def _worse(
    draft: Draft, scenery: _Scenery, faults: Sequence[Fault], attempt: int, dice: Callable[[str], Rng]
) -> tuple[Draft, tuple[Applied, ...]]:
    """Return ``draft`` with the faults in it, and what became of each."""
    places, dialect, about = scenery
    try:
        return apply_faults(draft, faults, attempt=attempt, anatomy=places, dialect=dialect, dice=dice)
    except PlanError as error:
        raise PlanError(f"{about}: {error.where}", error.problem, error.remedy) from error


def _places(exchange: Exchange, reading: Reading) -> Anatomy:
    headers = exchange.response.headers if exchange.response is not None else ()
    return anatomy(headers, [chunk.data for chunk in exchange.chunks], reading)


def _events(timeline: Timeline, known: Outline) -> Sequence[int]:
    """Return how many recorded events are over after each step."""
    if isinstance(timeline, Unfolding):
        after = len(timeline) - timeline.before - len(known.events)
        return array("I", [0]) * timeline.before + known.events + array("I", [known.landed]) * after
    reached = [known.events[step.origin] if step.origin >= 0 else 0 for step in timeline]
    return tuple(accumulate(reached, max))


def _events_sent(timeline: Timeline) -> tuple[int, ...]:
    """Return how many events a reader finds in the bytes of ``timeline`` itself, up to each step."""
    answer, stream = Reader(), None
    total = 0
    counts: list[int] = []
    for wire in rendered(timeline):
        body = answer.feed(wire)
        if body:
            stream = stream or StreamReader(answer.headers)
            total += stream.count(body)
        counts.append(total)
    return tuple(counts)


def _unchunked(step: Step) -> Step:
    """Return ``step`` as HTTP/1.0 can carry it."""
    head = step.action
    if not isinstance(head, Head) or head.framing != "chunked":
        return step
    headers = tuple((name, value) for name, value in head.headers if name.lower() != "transfer-encoding")
    return Step(step.at_ns, Head(head.status, head.reason, headers, head.http, "close"), step.origin)


def _unsized(step: Step) -> Step:
    """Return ``step``, if it is a recorded chunk that was cut short, without the size that it declared."""
    if step.origin < 0 or not isinstance(step.action, Raw):
        return step
    return Step(step.at_ns, Send(step.action.data.partition(b"\r\n")[2]), step.origin)


def _head_only(timeline: Timeline) -> Timeline:
    """Drop the body; what is left completes right after the final head. Without one nothing changes."""
    raw = b""
    for number, step in enumerate(timeline):
        action, before = step.action, timeline[:number]
        if isinstance(action, Head) and action.status >= 200:
            bodiless = Head(action.status, action.reason, action.headers, action.http, "none")
            return (*before, Step(step.at_ns, bodiless), Step(step.at_ns, End()))
        if isinstance(action, Raw):
            head, blank, body = (raw + action.data).partition(b"\r\n\r\n")
            if blank:
                rest = Raw(action.data.removesuffix(body))
                return (*before, Step(step.at_ns, rest, step.origin), Step(step.at_ns, Fin()))
            raw = head
    return timeline
