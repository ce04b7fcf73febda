"""What is known to be broken, and what that leaves to be looked at.

Law: features that are known not to work together never come together again, and neither does a symptom that is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.conformance.features import COMMON, CUTS, FEATURES, NAMES, late_with, with_needs
from streamsim.conformance.rules import RULES, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.conformance.finding import Finding


class Knowledge:
    """Of one target.

    Attributes:
        broken: Sets of features that are known not to work together, each with the one that is to blame.
        raised: Those of them that raise an error.
        symptoms: What is known to come of faults.
        rules: Names of the rules that are looked at.
        impossible: Features that the target cannot be given.

    """

    def __init__(self, rules: Sequence[str], impossible: frozenset[str]) -> None:
        self.broken: dict[frozenset[str], str] = {}
        self.raised: set[frozenset[str]] = set()
        self.symptoms: set[str] = set()
        self.rules = frozenset(rule(name).name for name in rules) or frozenset(each.name for each in RULES)
        self.impossible = impossible
        self._asked = frozenset[str]().union(*(with_needs(each.name) for each in FEATURES if each.rule in self.rules))

    def learn(self, findings: Iterable[Finding]) -> None:
        """Take note of what is broken."""
        for each in findings:
            if NAMES.issuperset(each.features):
                cause = frozenset(late_with(each.features) or each.features)
                self.broken.update({cause: each.features[-1]} if cause else {})
                self.raised.update({cause} if each.raised else ())
                self.symptoms.update(each.symptoms)

    def breaks(self, needs: frozenset[str]) -> bool:
        """Tell whether what ``needs`` these features is known not to work."""
        return bool(needs & self._off()) or any(cause <= needs for cause in self.broken)

    def allowed(self) -> frozenset[str]:
        """Return the features that are worth looking at, in any combination that is not broken."""
        return self._asked - self._off()

    def blames_promptness(self, held: frozenset[str]) -> bool:
        """Tell whether what holds these features is known to come late."""
        return any(cause - {"late"} <= held for cause in self.broken if "late" in cause)

    def _off(self) -> set[str]:
        off = {name for cause, name in self.broken.items() if name not in COMMON or name in CUTS or len(cause) == 1}
        off = off - {"late"} | self.impossible
        for each in FEATURES:
            if off.intersection((*each.needs, *each.presumes)):
                off.add(each.name)
        return off
