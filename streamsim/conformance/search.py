"""Drawing samples, judging them, and shrinking what fails, with what is known to fail switched off.

Law: after a finding its features never come together again, neither in generation nor in shrinking; so each further
finding has another cause.
"""

from __future__ import annotations

from random import Random  # noqa: TID251 - hypothesis takes one; it is seeded, and draws are hypothesis' own
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import Flaky, NoSuchExample
from msgspec.structs import replace

from streamsim.conformance import deltas
from streamsim.conformance.anatomy import features
from streamsim.conformance.expected import sound
from streamsim.conformance.features import COMMON, FEATURES, NAMES, OF_LINES, blamed, feature, telling, with_needs
from streamsim.conformance.finding import Finding
from streamsim.conformance.generating import samples
from streamsim.conformance.judge import Breach, Judge
from streamsim.conformance.rules import RULES, rule
from streamsim.conformance.simplify import simplest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hypothesis import strategies as st

    from streamsim.conformance.finding import Label
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Target
    from streamsim.conformance.sample import Sample

ALONE: Final = 60
"""Examples for each feature alone, at most; all together they are half of what the head has."""


class _CutShort(Exception):  # noqa: N818 - it is no error
    """Time is over."""


class Search:
    """A search in one target.

    Attributes:
        broken: Sets of features that are known not to work together.
        usable: The target reads the simplest stream.
        cut: Time was over before the work was done.

    """

    def __init__(self, target: Target, policy: Policy, rules: Sequence[str], tried: Callable[[int], bool]) -> None:
        self.judge = Judge(target, policy)
        self.policy = policy
        self.broken: set[frozenset[str]] = set()
        self.usable = True
        self.cut = False
        self._tried = tried
        self._rules = frozenset(rule(name).name for name in rules) or frozenset(each.name for each in RULES)
        self._asked = frozenset[str]().union(*(with_needs(each.name) for each in FEATURES if each.rule in self._rules))
        self._impossible = self._impossible_features()

    def looks_at(self, name: str) -> bool:
        """Tell whether the rule ``name`` is looked at."""
        return name in self._rules

    def leave_alone(self, known: Sequence[Finding]) -> None:
        """Switch off what is known to be broken."""
        self.broken.update(
            frozenset(each.features) for each in known if each.features and NAMES.issuperset(each.features)
        )

    def one_by_one(self, examples: int, seed: int) -> Iterator[tuple[Finding | None, int]]:
        """Look at the simplest stream, then at each feature with what it needs; tell how many examples it took."""
        spent = 0
        share = max(10, min(ALONE, examples // (2 * len(FEATURES))))
        for name in ("", *(each.name for each in FEATURES)):
            wanted = with_needs(name) if name else frozenset[str]()
            if spent >= examples or not self.usable or self.cut:
                return
            if name and not (wanted <= self._allowed() and feature(name).rule in self._rules):
                continue
            size = min(share if name else 1, examples - spent)
            found = self._find(
                (wanted | _BESIDE.get(name, frozenset()) | {"late"}) & (self._allowed() | wanted),
                size,
                f"{seed}/{name}",
            )
            spent += size
            yield found, spent
            if not name and found is not None:
                self.usable = False

    def together(self, examples: int, seed: int, number: int) -> Iterator[Finding]:
        """Look at all that is left, in any combination."""
        turn = 0
        while examples > 0 and self.usable and not self.cut:
            before = self._spent
            found = self._find(self._allowed(), examples, f"{seed}/{number}/{turn}")
            if found is None:
                return
            yield found
            examples -= max(1, self._spent - before)
            turn += 1

    _spent = 0

    def answers(self, seed: int) -> Iterator[Finding]:
        """Look at answers of providers, cut anew."""
        if self.usable and not self.cut and self.looks_at("deltas") and not self.policy.payload:
            allowed = self._allowed()
            found = self._find(allowed, deltas.EXAMPLES, f"{seed}/deltas", deltas.answers())
            if found is not None:
                yield replace(found, rule="deltas") if len(found.data) > _LONG else found

    def _find(
        self, allowed: frozenset[str], examples: int, seed: str, source: st.SearchStrategy[Sample] | None = None
    ) -> Finding | None:
        failed: list[Sample] = []

        def fails(sample: Sample) -> bool:
            if not failed:
                self._spent += 1
                if self._tried(1):
                    raise _CutShort
            if self._breach(sample, allowed) is None:
                return False
            failed.append(sample)
            return True

        try:
            sample = find(
                samples(allowed, self.policy) if source is None else source,
                fails,
                settings=_settings(examples),
                random=Random(seed),  # noqa: S311 - for tests, not for secrets
            )
        except NoSuchExample:
            return None
        except Flaky:
            self.usable = False
            return _fickle(failed[-1])
        except _CutShort:
            self.cut = True
            return None
        plain = simplest(sample, lambda each: self._breach(each, allowed) is not None, lines=not self.policy.payload)
        return self._told(plain, allowed)

    def _breach(self, sample: Sample, allowed: frozenset[str]) -> Breach | None:
        if not (sample.sound and sound(sample.data, self.policy)):
            return None
        held = self._held(sample)
        if not held <= allowed or any(cause <= held for cause in self.broken):
            return None
        promptness = "late" in allowed and not any(cause - {"late"} <= held for cause in self.broken if "late" in cause)
        return self.judge(sample.chunks, promptness=promptness)

    def _held(self, sample: Sample) -> frozenset[str]:
        held = features(sample)
        if self.policy.ndjson:
            return _of_lines(sample, held)
        return held - _OF_JSON if self.policy.payload else held

    def _told(self, sample: Sample, allowed: frozenset[str]) -> Finding:
        breach = self._breach(sample, allowed)
        if breach is None:
            return _fickle(sample)
        late = frozenset({"late"}) if breach.kind == "late" else frozenset[str]()
        held = self._held(sample) | late
        names = _blamed_last(breach.kind, held)
        self.broken.add(held)
        broken = _rule(breach.kind, held)
        return Finding(
            rule=broken,
            features=tuple(names),
            label=self._label(broken, names),
            what=breach.what,
            chunks=sample.chunks,
            expected=breach.expected,
            got=breach.got,
        )

    def _label(self, broken: str, names: Sequence[str]) -> Label:
        if broken in self.policy.by_design or self.policy.by_design & set(names):
            return "by design"
        return "edge" if any(feature(name).edge for name in names) else "bug"

    def _allowed(self) -> frozenset[str]:
        off: set[str] = set(self._impossible)
        for cause in filter(None, self.broken):
            if len(cause) == 1:
                off |= cause
            elif "late" not in cause and blamed(cause) not in COMMON:
                off.add(blamed(cause))
        return frozenset(name for name in self._asked if not with_needs(name) & off)

    def _impossible_features(self) -> frozenset[str]:
        """Return what this target cannot be given."""
        off = set[str]()
        if self.policy.ndjson:
            off |= NAMES - OF_LINES
        if not self.judge.target.cuts:
            off |= {name for name in NAMES if name.startswith("cut")}
        if not self.judge.target.prompt:
            off.add("late")
        return frozenset(off)


def _fickle(sample: Sample) -> Finding:
    what = "did not do the same twice with the same bytes"
    return Finding(rule="isolation", features=("fickle",), label="bug", what=what, chunks=sample.chunks)


def _blamed_last(kind: str, held: frozenset[str]) -> list[str]:
    if not held:
        return []
    last = "late" if kind == "late" else blamed(held)
    return [*telling(held - {last}), last]


def _rule(kind: str, held: frozenset[str]) -> str:
    if not held:
        return {"crash": "no-crash", "hang": "no-hang"}.get(kind, "fields")
    return "promptness" if kind == "late" else feature(blamed(held)).rule


def _of_lines(sample: Sample, held: frozenset[str]) -> frozenset[str]:
    """Return what of ``held`` is true of lines of JSON."""
    data = sum(not line.blank for line in sample.lines)
    more = {"unfinished": bool(sample.rest), "blanks": data < len(sample.lines), "events": data > 1}
    cuts = {"cut-blank": "cut-line", "cut-event": "cut-line"}
    named = {cuts.get(name, name) for name in held - more.keys()}
    return frozenset(named - _OF_BLOCKS) | {name for name, is_so in more.items() if is_so}


_OF_BLOCKS: Final = frozenset({"comment-block", "blank-first", "no-data", "comment", "comment-first"})
_LONG: Final = 60
"""An answer that can't be made shorter than this is not about one line."""
_BESIDE: Final = {
    "late": frozenset({"events", "lines", "cut", "cut-line", "cut-blank", "cut-event"}),
    "no-data": frozenset({"event", "id", "retry", "events"}),
    "cut-crlf": frozenset({"events", "lines"}),
}
"""What a feature cannot be seen without, one way or another."""
_OF_JSON: Final = frozenset({"colon", "words"})


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
