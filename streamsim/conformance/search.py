"""Drawing samples, judging them, and shrinking what fails, with what is known to fail switched off.

Law: after a finding its features never come together again, neither in generation nor in shrinking, and neither does
its symptom; so each further finding has another cause.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from streamsim.conformance import deltas, leading
from streamsim.conformance.anatomy import SPECIAL, features
from streamsim.conformance.anatomy import beside as cut_beside
from streamsim.conformance.expected import sound
from streamsim.conformance.features import (
    COMMON,
    CUTS,
    FEATURES,
    NAMES,
    OF_LINES,
    blamed,
    feature,
    late_with,
    telling,
    with_needs,
)
from streamsim.conformance.finding import Finding
from streamsim.conformance.generating import samples
from streamsim.conformance.judge import Breach, Judge
from streamsim.conformance.payload import words_inside
from streamsim.conformance.rules import RULES, rule
from streamsim.conformance.sample import line_of
from streamsim.conformance.simplify import simplest
from streamsim.conformance.symptoms import MARK_GOES, covered, symptoms
from streamsim.conformance.tokens import LINES
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamsim.conformance.finding import Label
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Target
    from streamsim.conformance.sample import Line, Sample

FIRST: Final = 6
"""Examples for each feature alone, before any gets more."""
ALONE: Final = 60
"""Examples for each feature alone, at most; all together they are half of what the head has."""
PASSED_OVER: Final = 40
"""Samples that may be drawn for each that is judged,"""
_AGAIN: Final = 8
"""So often a sample is tried that failed once and then did not: a busy machine, or a parser that draws lots?"""
RARE: Final = 1000
"""and so many more."""


class Search:
    """A search in one target.

    Attributes:
        broken: Sets of features that are known not to work together, each with the one that is to blame.
        symptoms: What is known to come of faults.
        usable: The target reads the simplest stream, or nearly.
        cut: Time was over before the work was done.
        tried: How many examples were judged, shrinking apart.

    """

    def __init__(self, target: Target, policy: Policy, rules: Sequence[str], tried: Callable[[int], bool]) -> None:
        self.judge = Judge(target, policy)
        self.policy = policy
        self.broken: dict[frozenset[str], str] = {}
        self.symptoms: set[str] = set()
        self._excused: frozenset[str] = frozenset()
        self._bare = False  # it is about the simplest stream, which has no feature
        self._raised: set[frozenset[str]] = set()  # of what is broken, what raises an error
        self._again = frozenset[str]()  # what is broken, and is looked at again: does it raise an error, too?
        self._covered: list[Sample] = []  # the first sample that showed nothing but what is known
        self._apart = False  # what the cut beside does, too, is no fault of a special cut
        self.usable = True
        self.cut = False
        self.tried = 0
        self._count = tried
        self._held_of: tuple[Sample | None, frozenset[str]] = None, frozenset()
        self._rules = frozenset(rule(name).name for name in rules) or frozenset(each.name for each in RULES)
        self._asked = frozenset[str]().union(*(with_needs(each.name) for each in FEATURES if each.rule in self._rules))
        self._impossible = self._impossible_features()

    def looks_at(self, name: str) -> bool:
        """Tell whether the rule ``name`` is looked at."""
        return name in self._rules

    def leave_alone(self, known: Iterable[Finding]) -> None:
        """Switch off what is known to be broken."""
        for each in known:
            if NAMES.issuperset(each.features):
                cause = frozenset(late_with(each.features) or each.features)
                self.broken.update({cause: each.features[-1]} if cause else {})
                self._raised.update({cause} if each.raised else ())
                self.symptoms.update(each.symptoms)

    def over(self) -> bool:
        """Tell whether there is nothing more to do: time is over, or the target reads nothing."""
        self.cut = self.cut or self._count(0)
        return self.cut or not self.usable

    def share(self, examples: int) -> int:
        """Return how many of ``examples`` each feature gets, at most."""
        return max(FIRST, min(ALONE, examples // (2 * len(FEATURES))))

    def one_by_one(self, examples: int, seed: int, size: int) -> Iterator[Finding]:
        """Look at each feature with what it needs, with ``size`` examples for each, as long as there are ``examples``.

        Consequences of what is known are findings here, where a feature has nothing worse: it shall not be blamed
        later, beside others.
        """
        for name, *_ in FEATURES if size else ():
            if self.tried >= examples or self.over():
                return
            wanted = with_needs(name)
            if wanted <= self._allowed() and feature(name).rule in self._rules:
                allowed = (wanted | beside(name)) & (self._allowed() | wanted)
                found = self._alone(name, allowed, min(size, examples - self.tried), f"{seed}/{size}/{name}")
                yield from () if found is None else (found,)

    def _alone(self, name: str, allowed: frozenset[str], examples: int, path: str) -> Finding | None:
        """Return what is new about a feature; if nothing is, what comes of it that is known."""
        excused, self._excused = self._excused, frozenset(self.symptoms)
        self._covered = []
        found, _ = self._find(allowed, examples, path, name)
        self._excused = excused
        return found or next((self._shrunk(each, allowed) for each in self._covered), None)

    def cuts_apart(self, seed: int, size: int) -> Iterator[Finding]:
        """Look at cuts inside CRLF and characters, too, where other cuts are known to do harm.

        What the same stream shows when it is cut just before is no fault of theirs.
        """
        for name in telling(SPECIAL - self._allowed() - self._impossible):
            wanted, known = with_needs(name), {name, *feature(name).presumes} - CUTS
            if self.over() or not wanted - {name} <= self._allowed() or known & {*self.broken.values()}:
                continue
            self._apart = True
            found, _ = self._find(
                (wanted | beside(name)) & (self._allowed() | wanted), size, f"{seed}/apart/{name}", name
            )
            self._apart = False
            yield from () if found is None else (found,)

    def crashes(self, seed: int, size: int) -> Iterator[Finding]:
        """Look again at what gives something wrong, whether other samples of the same raise an error.

        Where data is decoded this says nothing: any wrong text may raise an error there.
        """
        for cause, name in () if self.policy.payload else tuple(self.broken.items()):
            if self.over() or cause in self._raised or "late" in cause or not self.looks_at(feature(name).rule):
                continue
            self._again = cause
            allowed = (cause | beside(name) | {"characters"}) & (self._allowed() | cause)
            found, _ = self._find(allowed, size, f"{seed}/crashes/{name}", name)
            self._again = frozenset()
            yield from () if found is None else (found,)

    def simplest(self, seed: int) -> Iterator[Finding]:
        """Look at the simplest stream: if it is not read, nothing is."""
        found, _ = self._find(beside("") & self._allowed(), 1, f"{seed}/1/")
        if found is not None:
            yield found
            self.usable = not found.hopeless
            self._excused = frozenset(self.symptoms)

    def together(self, examples: int, seed: int, number: int) -> Iterator[Finding]:
        """Look at all that is left, in any combination."""
        turn = 0
        while examples > 0 and self.usable and not self.cut:
            self._excused = frozenset(self.symptoms)
            found, tried = self._find(self._allowed(), examples, f"{seed}/{number}/{turn}")
            if found is None:
                return
            yield found
            examples -= max(1, tried)
            turn += 1

    def answers(self, seed: int) -> Iterator[Finding]:
        """Look at answers of providers, cut anew."""
        if self.usable and not self.cut and self.looks_at("deltas") and not (self.policy.payload or self.policy.block):
            self._excused = frozenset(self.symptoms)
            dice = Rng(seed, "answers")
            drawn = islice(deltas.answers(dice), deltas.EXAMPLES)
            read = (each for each in drawn if self.judge((each.data,), promptness=False) is None)
            found, _ = self._judged(read, self._allowed(), deltas.EXAMPLES)
            if found is not None:
                yield self._of_answer(found) if len(found.data) > _LONG else found

    def _of_answer(self, found: Finding) -> Finding:
        return replace(found, rule="deltas", label=_label(found.features))

    def _find(self, allowed: frozenset[str], examples: int, path: str, name: str = "") -> tuple[Finding | None, int]:
        """Draw until something fails, ``examples`` were judged, or nothing new is drawn; with ``name``, what has it."""
        drawn = islice(samples(Rng(0, "fuzz", path), allowed, self.policy), examples * PASSED_OVER + RARE)
        self._bare = not allowed - {"late"}
        return self._judged(drawn, allowed, examples, frozenset({name}) - {"", "late"})

    def _judged(
        self, drawn: Iterable[Sample], allowed: frozenset[str], examples: int, wanted: frozenset[str] = frozenset()
    ) -> tuple[Finding | None, int]:
        """Return the first finding among those of ``drawn`` that hold what is ``wanted``, and how many that took."""
        tried = 0
        for sample in drawn:
            if tried >= examples:
                break
            if not (wanted <= self._held(sample) and self._fits(sample, allowed)):
                continue
            tried += 1
            self.tried += 1
            if self._count(1):
                self.cut = True
                break
            if self._breach(sample, allowed) is not None:
                found = self._shrunk(sample, allowed)
                if found is not None:
                    return found, tried
        return None, tried

    def _shrunk(self, sample: Sample, allowed: frozenset[str]) -> Finding | None:
        """Return the finding that ``sample`` stands for; None if it was seen to fail once and never again."""

        def fails(other: Sample) -> bool:
            return self._fits(other, allowed) and self._breach(other, allowed) is not None

        if not fails(sample):
            if not any(fails(sample) for _ in range(_AGAIN)):
                return None
            self.usable = False
            return _fickle(sample)
        return self._told(simplest(sample, fails, self._held, self._table()), allowed)

    def _table(self) -> Sequence[Line]:
        """Return the lines that others may be exchanged for."""
        if not self.policy.payload:
            return LINES
        data = line_of(self.policy.simplest.split(b"\n")[len(self.policy.block)])
        return [data] if self.policy.ndjson else [data, *(line for line in LINES if line.name != b"data")]

    def _fits(self, sample: Sample, allowed: frozenset[str]) -> bool:
        """Tell whether ``sample`` says something new."""
        if not sample.sound or (self.policy.payload and not sound(sample.data, self.policy)):
            return False
        if self.policy.block and not leading.complete(sample.lines, self.policy.block):
            return False
        held = self._held(sample)
        known = any(cause <= held for cause in self.broken if cause != self._again)
        return held <= allowed and bool(held or self._bare) and not known

    def _breach(self, sample: Sample, allowed: frozenset[str]) -> Breach | None:
        held = self._held(sample)
        promptness = "late" in allowed and not any(cause - {"late"} <= held for cause in self.broken if "late" in cause)
        breach = self.judge(sample.chunks, promptness=promptness)
        if breach is None or (self._again and breach.kind != "crash"):
            return None
        if covered(breach, held, self._excused):
            self._covered = self._covered or [sample]
            return None
        return None if self._apart and self._shown_beside(sample, breach) else breach

    def _shown_beside(self, sample: Sample, breach: Breach) -> bool:
        """Tell whether ``sample`` breaks a rule, and in no milder way, when it is cut just before."""
        other = self.judge(cut_beside(sample).chunks, promptness=False)
        return other is not None and (breach.kind != "crash" or other.kind == "crash")

    def _held(self, sample: Sample) -> frozenset[str]:
        """Return its features; the last answer is kept, for it is asked for again at once."""
        if sample is not self._held_of[0]:
            self._held_of = sample, self._features(sample)
        return self._held_of[1]

    def _features(self, sample: Sample) -> frozenset[str]:
        held = leading.features_beside(sample, self.policy.block) if self.policy.block else features(sample)
        if self.policy.ndjson:
            return _of_lines(sample, held)
        return held - _OF_JSON | words_inside(sample.lines, self.policy.payload) if self.policy.payload else held

    def _told(self, sample: Sample, allowed: frozenset[str]) -> Finding:
        breach = self._breach(sample, allowed)
        if breach is None:
            return _fickle(sample)
        late = frozenset({"late"}) if breach.kind == "late" else frozenset[str]()
        held = self._held(sample) | late
        names = _blamed_last(breach, held)
        broken = _rule(breach.kind, names)
        finding = Finding(
            rule=broken,
            features=tuple(names),
            label=_label(names),
            what=breach.what,
            symptoms=symptoms(breach, held),
            chunks=sample.chunks,
            expected=breach.expected,
            got=breach.got,
        )
        self.leave_alone([finding])
        return finding

    def broken_with(self, needs: frozenset[str]) -> bool:
        """Tell whether what ``needs`` these features is known not to work."""
        return bool(needs & self._off()) or any(cause <= needs for cause in self.broken)

    def _allowed(self) -> frozenset[str]:
        return self._asked - self._off()

    def _off(self) -> set[str]:
        off = {name for cause, name in self.broken.items() if name not in COMMON or name in CUTS or len(cause) == 1} - {
            "late"
        }
        off |= self._impossible
        for each in FEATURES:
            if off.intersection((*each.needs, *each.presumes)):
                off.add(each.name)
        return off

    def _impossible_features(self) -> frozenset[str]:
        """Return what this target cannot be given."""
        off = set(leading.names(self.policy.block))
        if self.policy.ndjson:
            off |= NAMES - OF_LINES
        if not self.judge.target.cuts:
            off |= {name for name in NAMES if name.startswith("cut")}
        if not self.judge.target.prompt:
            off.add("late")
        return frozenset(off)


def _label(names: Sequence[str]) -> Label:
    return "edge" if any(feature(name).edge for name in names) else "bug"


def _fickle(sample: Sample) -> Finding:
    what = "did not do the same twice with the same bytes"
    return Finding(rule="isolation", features=("fickle",), label="bug", what=what, chunks=sample.chunks)


def _blamed_last(breach: Breach, held: frozenset[str]) -> list[str]:
    if not held:
        return []
    last = "late" if breach.kind == "late" else blamed(held)
    if "bom-inside" in held and MARK_GOES in symptoms(breach, held):
        last = "bom-inside"
    return [*telling(held - {last}), last]


def _rule(kind: str, names: Sequence[str]) -> str:
    if not names:
        return {"crash": "no-crash", "hang": "no-hang"}.get(kind, "fields")
    return feature(names[-1]).rule


def _of_lines(sample: Sample, held: frozenset[str]) -> frozenset[str]:
    """Return what of ``held`` is true of lines of JSON."""
    data = sum(not line.blank for line in sample.lines)
    more = {"unfinished": bool(sample.rest), "blanks": data < len(sample.lines), "events": data > 1}
    cuts = {"cut-blank": "cut-line", "cut-event": "cut-line"}
    named = {cuts.get(name, name) for name in held - more.keys()}
    return frozenset(named - _OF_BLOCKS) | {name for name, is_so in more.items() if is_so}


_OF_BLOCKS: Final = frozenset({"comment-block", "blank-first", "no-data", "no-data-id", "comment", "comment-first"})
_LONG: Final = 60
"""An answer that can't be made shorter than this is not about one line."""
_USUAL: Final = frozenset({"events", "lines", "late"})
_BESIDE: Final = {
    "late": _USUAL | CUTS,
    "event-last": _USUAL | {"event", "id"},
    "twice": _USUAL | {"event", "id"},
    "mixed": _USUAL | {"crlf", "cr"},
    "id-empty": _USUAL | {"twice"},
    "no-data": _USUAL | {"event", "retry", "unknown"},
    "bom-twice": _USUAL | {"no-data"},
    "no-colon": _USUAL
    | {"empty-data", "empty-first", "empty-last", "event", "event-empty", "id", "id-empty", "unknown"},
    "cut-line": _USUAL | {"event", "id", "retry"},
    "cut-crlf": _USUAL | {"events", "lines"},
}
"""What a feature cannot be seen without, one way or another."""


def beside(name: str) -> frozenset[str]:
    """Return what may come with the feature ``name`` when it is looked at alone."""
    return _BESIDE.get(name, _USUAL) if name else frozenset({"late"})


_OF_JSON: Final = frozenset({"colon", "words"})
