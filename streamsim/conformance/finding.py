"""A rule that a parser was seen to break, with the smallest example.

Law: a finding is data, and two of one cause have the same key, wherever they were found.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from streamsim.conformance.features import BEFORE, ORDER, late_with
from streamsim.conformance.reading import Seen
from streamsim.conformance.symptoms import overlap

RAISED: Final = "raised "
Label: TypeAlias = Literal["bug", "edge", "by design"]


class Finding(msgspec.Struct, frozen=True):
    """One broken rule.

    Attributes:
        rule: Its name; `streamsim.conformance.RULES` has the rest.
        features: What the example holds that makes it fail, most telling last: the root cause.
        label: ``bug``; ``edge``: only unusual streams show it; ``by design``: the policy declares it.
        what: What went wrong, in one line.
        chunks: The smallest example, cut as it was fed. Empty where size is the point.
        expected, got: Events.
        before: Chunks that another instance was fed before or meanwhile, where that is the point.
        shape, size: Of an example of which the size is the point: how it is made, and its bytes.
        symptoms: What it shows of the fault behind it, where that is known; two findings that share one have one cause.
        also: The most telling features of other findings of that cause.

    """

    rule: str
    features: tuple[str, ...]
    label: Label
    what: str
    chunks: tuple[bytes, ...] = ()
    expected: tuple[Seen, ...] = ()
    got: tuple[Seen, ...] = ()
    before: tuple[bytes, ...] = ()
    shape: str = ""
    size: int = 0
    symptoms: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def hopeless(self) -> bool:
        """The parser does not even read the simplest stream: nothing more can be found out."""
        return bool(self.chunks) and not (self.features or self.symptoms)

    @property
    def direct(self) -> bool:
        """Reading the example once shows it: the point is not its size, when events come, or how it is served."""
        return bool(self.chunks) and not self.shape and not {"late", "content-type"} & set(self.features)

    @property
    def raised(self) -> str:
        """What was raised, ``Type: message``; "" if nothing was."""
        return self.what.removeprefix(RAISED) if self.what.startswith(RAISED) else ""

    @property
    def data(self) -> bytes:
        """The example, uncut."""
        return b"".join(self.chunks)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """The root cause; of an event that came late, what the stream held that is not in every stream.

        Who cannot do CRLF shows that in any stream. What stands before the block with the fault says nothing.
        """
        error = (RAISED + self.raised.partition(":")[0],) if self.raised else ()
        if self.features[-1:] == ("crlf",):
            return self.rule, ("crlf", *error)
        own = frozenset(self.features) - (BEFORE - {*self.features[-1:]})
        return self.rule, (*sorted(late_with(self.features) or own), *error)

    @property
    def cost(self) -> tuple[int, int, int, bytes, tuple[int, ...]]:
        """How much there is to read: of two findings with the same key the one that costs less is kept."""
        whole = self.data
        other = sum(map(len, self.before))
        return len(whole) + other, self.size, len(self.chunks), whole, tuple(map(len, self.chunks))


def merge(findings: list[Finding]) -> list[Finding]:
    """Return the smallest example of each root cause, without mere consequences, in an order of their own.

    The result does not depend on the order of ``findings``, nor on how they were split.
    """
    best: dict[tuple[str, tuple[str, ...]], Finding] = {}
    for finding in sorted(findings, key=lambda each: each.cost):
        best.setdefault(finding.key, finding)
    causes = [finding for finding in best.values() if not any(_explains(other, finding) for other in findings)]
    kept: list[Finding] = []
    for finding in sorted(causes, key=_rank):
        place = next((at for at, other in enumerate(kept) if overlap(other.symptoms, finding.symptoms)), None)
        if place is None:
            kept.append(finding)
        else:
            kept[place] = _with(kept[place], finding)
    return sorted(kept, key=lambda each: (each.rule, each.key))


def _with(kept: Finding, finding: Finding) -> Finding:
    """Return ``kept``, with what ``finding`` is about besides."""
    told = {*kept.also, *finding.also, *finding.features[-1:]} - {*kept.features[-1:]}
    return msgspec.structs.replace(kept, also=tuple(sorted(told, key=lambda name: ORDER.get(name, -1))))


def _rank(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
    """Return which of several findings with one symptom goes first: the one of the most basic feature."""
    return ORDER.get(finding.features[-1] if finding.features else "", -1), len(finding.features), finding.features


def _explains(cause: Finding, other: Finding) -> bool:
    """Tell whether ``other`` needs all that ``cause`` needs, and more; what needs nothing explains nothing.

    What gives something wrong explains no error. What is not understood comes late, or at the end; and what is raised
    where nothing is cut is raised there, too.
    """
    if not (cause.features and other.features):
        return False
    if frozenset(cause.features) < frozenset(other.features) and (cause.raised or not other.raised):
        return True
    if cause.features[-1] in late_with(other.features)[:-1]:
        return True
    return bool(cause.raised) and other.raised == cause.raised and _of_cuts(other) and _holds(other, cause)


def _holds(other: Finding, cause: Finding) -> bool:
    """Tell whether what ``cause`` is about, or what that comes with, is in ``other``, which is cut besides."""
    *beside, blamed = cause.features
    return not _of_cuts(cause) and (blamed in other.features or (bool(beside) and set(beside) <= set(other.features)))


def _of_cuts(finding: Finding) -> bool:
    """Tell whether it is about how a stream is cut, or where it ends."""
    return finding.rule in ("chunks", "end", "promptness")
