"""A rule that a parser was seen to break, with the smallest example.

Law: a finding is data, and two of one cause have the same key, wherever they were found.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from streamsim.conformance.features import ORDER
from streamsim.conformance.reading import Seen
from streamsim.conformance.symptoms import overlap

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

    @property
    def hopeless(self) -> bool:
        """The parser does not even read the simplest stream: nothing more can be found out."""
        return bool(self.chunks) and not (self.features or self.symptoms)

    @property
    def data(self) -> bytes:
        """The example, uncut."""
        return b"".join(self.chunks)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """The root cause."""
        return self.rule, tuple(sorted(self.features))

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
    causes = [finding for finding in best.values() if not any(_explains(other, finding) for other in best.values())]
    kept: list[Finding] = []
    for finding in sorted(causes, key=_rank):
        if not any(overlap(other.symptoms, finding.symptoms) for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda each: (each.rule, each.key))


def _rank(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
    """Return which of several findings with one symptom goes first: the one of the most basic feature."""
    return ORDER.get(finding.features[-1] if finding.features else "", -1), len(finding.features), finding.features


def _explains(cause: Finding, other: Finding) -> bool:
    """Tell whether ``other`` needs all that ``cause`` needs, and more; what needs nothing explains nothing."""
    return bool(cause.features) and frozenset(cause.features) < frozenset(other.features)
