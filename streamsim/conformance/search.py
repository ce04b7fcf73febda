"""Drawing samples, judging them, and shrinking what fails, with what is known to fail switched off.

Law: after a finding its features never come together again, neither in generation nor in shrinking, and neither does
its symptom; so each further finding has another cause.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.conformance import leading
from streamsim.conformance.anatomy import beside
from streamsim.conformance.expected import sound
from streamsim.conformance.features import blamed, feature, telling
from streamsim.conformance.finding import Finding
from streamsim.conformance.generating import samples
from streamsim.conformance.holding import held, impossible
from streamsim.conformance.judge import Judge
from streamsim.conformance.knowledge import Knowledge
from streamsim.conformance.sample import line_of
from streamsim.conformance.simplify import simplest
from streamsim.conformance.symptoms import MARK_GOES, covered, symptoms
from streamsim.conformance.tokens import LINES
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamsim.conformance.finding import Label
    from streamsim.conformance.judge import Breach
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Target
    from streamsim.conformance.sample import Line, Sample

PASSED_OVER: Final = 40
"""Samples that may be drawn for each that is judged,"""
RARE: Final = 1000
"""and so many more."""
_AGAIN: Final = 8
"""So often a sample is tried that failed once and then did not: a busy machine, or a parser that draws lots?"""


class Look(NamedTuple):
    """What is looked for.

    Attributes:
        allowed: Features that samples may have.
        wanted: Those that they must have.
        excused: Symptoms that say nothing new.
        again: Features that are known not to work together, for errors that they raise, too.
        apart: What the same sample shows when it is cut just beside its special cuts is no fault of those.

    """

    allowed: frozenset[str]
    wanted: frozenset[str] = frozenset()
    excused: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    apart: bool = False


class Outcome(NamedTuple):
    """What was seen.

    Attributes:
        finding: What is new, if anything.
        tried: How many samples were judged.
        covered: The first of them that showed nothing but what is excused.

    """

    finding: Finding | None
    tried: int
    covered: Sample | None


class Search:
    """A search in one target.

    Attributes:
        known: What is known to be broken.
        excused: Symptoms of the simplest stream, which all show.
        usable: The target reads the simplest stream, or nearly.
        cut: Time was over before the work was done.
        tried: How many examples were judged, shrinking apart.

    """

    def __init__(self, target: Target, policy: Policy, rules: Sequence[str], tried: Callable[[int], bool]) -> None:
        self.judge = Judge(target, policy)
        self.policy = policy
        self.known = Knowledge(rules, impossible(target, policy))
        self.excused = frozenset[str]()
        self.usable = True
        self.cut = False
        self.tried = 0
        self._count = tried
        self._featuresof: tuple[Sample | None, frozenset[str]] = None, frozenset()

    def looks_at(self, name: str) -> bool:
        """Tell whether the rule ``name`` is looked at."""
        return name in self.known.rules

    def over(self) -> bool:
        """Tell whether there is nothing more to do: time is over, or the target reads nothing."""
        self.cut = self.cut or self._count(0)
        return self.cut or not self.usable

    def find(self, look: Look, examples: int, path: str) -> Outcome:
        """Draw until something fails, ``examples`` were judged, or nothing new is drawn."""
        drawn = samples(Rng(0, "fuzz", path), look.allowed, self.policy)
        return self.judged(islice(drawn, examples * PASSED_OVER + RARE), look, examples)

    def judged(self, drawn: Iterable[Sample], look: Look, examples: int) -> Outcome:
        """Judge as many as ``examples`` of those of ``drawn`` that are looked for, until one is a finding."""
        tried, first = 0, None
        for sample in drawn:
            if tried >= examples:
                break
            if not (look.wanted <= self._held(sample) and self._fits(sample, look)):
                continue
            tried += 1
            self.tried += 1
            if self._count(1):
                self.cut = True
                break
            breach, excused = self._verdict(sample, look)
            first = first or (sample if excused else None)
            found = None if breach is None else self.shrunk(sample, look)
            if found is not None:
                return Outcome(found, tried, first)
        return Outcome(None, tried, first)

    def shrunk(self, sample: Sample, look: Look) -> Finding | None:
        """Return the finding that ``sample`` stands for; None if it was seen to fail once and never again."""

        def fails(other: Sample) -> bool:
            return self._fits(other, look) and self._verdict(other, look)[0] is not None

        if not fails(sample):
            if not any(fails(sample) for _ in range(_AGAIN)):
                return None
            self.usable = False
            return _fickle(sample)
        return self._told(simplest(sample, fails, self._held, self._table()), look)

    def _table(self) -> Sequence[Line]:
        """Return the lines that others may be exchanged for."""
        if not self.policy.payload:
            return LINES
        data = line_of(self.policy.simplest.split(b"\n")[len(self.policy.block)])
        return [data] if self.policy.ndjson else [data, *(line for line in LINES if line.name != b"data")]

    def _fits(self, sample: Sample, look: Look) -> bool:
        """Tell whether ``sample`` says something new."""
        if not sample.sound or (self.policy.payload and not sound(sample.data, self.policy)):
            return False
        if self.policy.block and not leading.complete(sample.lines, self.policy.block):
            return False
        features = self._held(sample)
        bare = not look.allowed - {"late"}  # it is about the simplest stream, which has no feature
        known = any(cause <= features for cause in self.known.broken if cause != look.again)
        return features <= look.allowed and bool(features or bare) and not known

    def _verdict(self, sample: Sample, look: Look) -> tuple[Breach | None, bool]:
        """Return what is wrong with what the target does, if it is looked for; and whether it is excused."""
        features = self._held(sample)
        promptness = "late" in look.allowed and not self.known.blames_promptness(features)
        breach = self.judge(sample.chunks, promptness=promptness)
        if breach is None or (look.again and breach.kind != "crash"):
            return None, False
        if covered(breach, features, look.excused):
            return None, True
        return None if look.apart and self._shown_beside(sample, breach) else breach, False

    def _shown_beside(self, sample: Sample, breach: Breach) -> bool:
        """Tell whether ``sample`` breaks a rule, and in no milder way, when it is cut just before."""
        other = self.judge(beside(sample).chunks, promptness=False)
        return other is not None and (breach.kind != "crash" or other.kind == "crash")

    def _held(self, sample: Sample) -> frozenset[str]:
        """Return its features; the last answer is kept, for it is asked for again at once."""
        if sample is not self._featuresof[0]:
            self._featuresof = sample, held(sample, self.policy)
        return self._featuresof[1]

    def _told(self, sample: Sample, look: Look) -> Finding:
        breach, _ = self._verdict(sample, look)
        if breach is None:
            return _fickle(sample)
        late = frozenset({"late"}) if breach.kind == "late" else frozenset[str]()
        shown = self._held(sample) | late
        names = _blamed_last(breach, shown)
        finding = Finding(
            rule=_rule(breach.kind, names),
            features=tuple(names),
            label=labelled(names),
            what=breach.what,
            symptoms=symptoms(breach, shown),
            chunks=sample.chunks,
            expected=breach.expected,
            got=breach.got,
        )
        self.known.learn([finding])
        return finding


def labelled(names: Sequence[str]) -> Label:
    """Return the label of what needs these features."""
    return "edge" if any(feature(name).edge for name in names) else "bug"


def _fickle(sample: Sample) -> Finding:
    what = "did not do the same twice with the same bytes"
    return Finding(rule="isolation", features=("fickle",), label="bug", what=what, chunks=sample.chunks)


def _blamed_last(breach: Breach, shown: frozenset[str]) -> list[str]:
    if not shown:
        return []
    last = "late" if breach.kind == "late" else blamed(shown)
    if "bom-inside" in shown and MARK_GOES in symptoms(breach, shown):
        last = "bom-inside"
    return [*telling(shown - {last}), last]


def _rule(kind: str, names: Sequence[str]) -> str:
    if not names:
        return {"crash": "no-crash", "hang": "no-hang"}.get(kind, "fields")
    return feature(names[-1]).rule
