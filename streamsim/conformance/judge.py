"""One sample, one parser: did it do what it must?

Law: a breach is what the parser does with this very sample, by a fresh instance. What an earlier stream left behind is
not this sample's fault, but a breach of its own (`isolation`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamsim.conformance import expected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Seen, Target

_WASH = b"\n\nid:\ndata: a\n\n"
# What may complete a character or an event that a parser's shared state still holds.
_REMEDIES = ((b"\n\n",), (b"\x82\xac\n\n",), (b"\xac\n\n",), (b"\x80\x80\n\n",), (b"\x80\x80\x80\n\n",), (b"\x80\n\n",))


class Breach(NamedTuple):
    """What went wrong.

    Attributes:
        kind: ``events``, ``late``, ``crash`` or ``hang``.
        what: In one line.
        expected, got: Events.

    """

    kind: str
    what: str
    expected: tuple[Seen, ...]
    got: tuple[Seen, ...]


class Judge:
    """Judges one target.

    Attributes:
        fields: What its events have a place for.
        washing: Its instances share state: before each stream, what an earlier one left is washed out.

    """

    def __init__(self, target: Target, policy: Policy) -> None:
        self.target = target
        self.washing = False
        self.policy = policy
        self._wash = policy.led(_WASH)
        first = target.read((policy.simplest,))
        self._usual = 0 if first.error or first.hung else len(first.events)
        self.fields = policy.fields if policy.fields is not None else _learnt(target, policy)

    def __call__(self, chunks: Sequence[bytes], *, promptness: bool = True) -> Breach | None:
        """Return what is wrong with what the target does with ``chunks``; None if nothing is."""
        breach = self._once(chunks, promptness=promptness)
        if breach is None or not self._usual or self.well():
            return breach
        self.heal()
        return self._once(chunks, promptness=promptness)

    def _once(self, chunks: Sequence[bytes], *, promptness: bool) -> Breach | None:
        if self.washing:
            self.target.read((self._wash,))
        reading = self.target.read(chunks if self.target.cuts else (b"".join(chunks),))
        answers = expected.acceptable(b"".join(chunks), self.policy, self.fields)
        got = expected.allowed_for(expected.as_seen(reading, self.fields), answers[0])
        first = tuple(each.event for each in answers[0])
        if reading.hung:
            return Breach("hang", f"did not end in {self.target.patience_s:g} s", first, got)
        if reading.error:
            return Breach("crash", f"raised {reading.error}", first, got)
        right = next((each for each in answers if tuple(one.event for one in each) == got), None)
        if right is None:
            return Breach("events", _difference(first, got), first, got)
        if not promptness or not self.target.prompt:
            return None
        late = expected.late(reading, right, chunks)
        if late is None:
            return None
        return Breach(
            "late", f"event {late} was complete, and came only after a later chunk, or at the end", first, got
        )

    def well(self) -> bool:
        """Tell whether the simplest stream is read as it was at the beginning."""
        reading = self.target.read((self.policy.simplest,))
        return not reading.error and not reading.hung and 0 < len(reading.events) == self._usual

    def soiled(self) -> bool:
        """Tell whether what earlier streams left behind cannot be washed out: then no later one says anything."""
        breach = self._once((self.policy.simplest,), promptness=False) if self.washing else None
        return breach is not None and breach.kind == "events"

    def heal(self) -> None:
        """Try to wash out what an earlier stream left behind."""
        for remedy in _REMEDIES:
            self.target.read(remedy)
            if self.well():
                return


def _difference(right: Sequence[Seen], got: Sequence[Seen]) -> str:
    if len(got) == len(right):
        place = next(index for index, (one, other) in enumerate(zip(right, got, strict=True)) if one != other)
        names = [
            name for name in ("data", "type", "id", "retry") if getattr(right[place], name) != getattr(got[place], name)
        ]
        return f"event {place} has another {' and '.join(names)}"
    return f"gave {_count(len(got))} instead of {len(right)}"


def _count(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


def _learnt(target: Target, policy: Policy) -> frozenset[str]:
    """Return the fields that the target's events have a place for; of ``retry``, whether it is filled."""
    fields = b"" if policy.ndjson else b"event: e\nid: 1\nretry: 5\n"
    reading: Reading = target.read((fields + policy.simplest,))
    if not reading.events:
        reading = target.read((policy.simplest,))
    if not reading.events:
        return frozenset()
    event = reading.events[0]
    found = {name for name, value in (("event", event.type), ("id", event.id)) if value is not None}
    return frozenset(found | ({"retry"} if event.retry == 5 else set()))
