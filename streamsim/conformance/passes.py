"""The looks that are taken at a target, one after the other: at each feature alone first, then at all together.

Law: a look finds at most one thing new, and what it finds is known from then on.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from streamsim.conformance import deltas
from streamsim.conformance.anatomy import SPECIAL
from streamsim.conformance.features import CUTS, FEATURES, feature, telling, with_needs
from streamsim.conformance.search import Look, labelled
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.conformance.finding import Finding
    from streamsim.conformance.search import Search

FIRST: Final = 6
"""Examples for each feature alone, before any gets more."""
ALONE: Final = 60
"""Examples for each feature alone, at most; all together they are half of what the head has."""
CRASHES: Final = 40
"""Examples of each feature that is broken, for errors that others of it raise."""
_LONG: Final = 60
"""An answer that can't be made shorter than this is not about one line."""


def simplest(search: Search, seed: int) -> Iterator[Finding]:
    """Look at the simplest stream: if it is not read, nothing is."""
    found = search.find(Look(beside("") & search.known.allowed()), 1, f"{seed}/1/").finding
    if found is not None:
        yield found
        search.usable = not found.hopeless
        search.excused = frozenset(search.known.symptoms)


def share(examples: int) -> int:
    """Return how many of ``examples`` each feature gets, at most."""
    return max(FIRST, min(ALONE, examples // (2 * len(FEATURES))))


def one_by_one(search: Search, examples: int, seed: int, size: int) -> Iterator[Finding]:
    """Look at each feature with what it needs, with ``size`` examples for each, as long as there are ``examples``.

    Consequences of what is known are findings here, where a feature has nothing worse: it shall not be blamed later,
    beside others.
    """
    for name, *_ in FEATURES if size else ():
        if search.tried >= examples or search.over():
            return
        wanted, allowed = with_needs(name), search.known.allowed()
        if wanted <= allowed and search.looks_at(feature(name).rule):
            look = Look((wanted | beside(name)) & (allowed | wanted), _of(name), search.excused)
            found = _alone(search, look, min(size, examples - search.tried), f"{seed}/{size}/{name}")
            yield from () if found is None else (found,)


def _alone(search: Search, look: Look, examples: int, path: str) -> Finding | None:
    """Return what is new about a feature; if nothing is, what comes of it that is known."""
    seen = search.find(look._replace(excused=frozenset(search.known.symptoms)), examples, path)
    return seen.finding or (None if seen.covered is None else search.shrunk(seen.covered, look))


def cuts_apart(search: Search, seed: int) -> Iterator[Finding]:
    """Look at cuts inside CRLF and characters, too, where other cuts are known to do harm.

    What the same stream shows when it is cut just before is no fault of theirs.
    """
    for name in telling(SPECIAL - search.known.allowed() - search.known.impossible):
        wanted, allowed = with_needs(name), search.known.allowed()
        known = {name, *feature(name).presumes} - CUTS
        if search.over() or not wanted - {name} <= allowed or known & {*search.known.broken.values()}:
            continue
        look = Look((wanted | beside(name)) & (allowed | wanted), _of(name), search.excused, apart=True)
        found = search.find(look, FIRST, f"{seed}/apart/{name}").finding
        yield from () if found is None else (found,)


def crashes(search: Search, seed: int) -> Iterator[Finding]:
    """Look again at what gives something wrong, whether other samples of the same raise an error.

    Where data is decoded this says nothing: any wrong text may raise an error there.
    """
    known = search.known
    for cause, name in () if search.policy.payload else tuple(known.broken.items()):
        if search.over() or cause in known.raised or "late" in cause or not search.looks_at(feature(name).rule):
            continue
        allowed = (cause | beside(name) | {"characters"}) & (known.allowed() | cause)
        found = search.find(Look(allowed, _of(name), search.excused, cause), CRASHES, f"{seed}/crashes/{name}").finding
        yield from () if found is None else (found,)


def together(search: Search, examples: int, seed: int, number: int) -> Iterator[Finding]:
    """Look at all that is left, in any combination."""
    turn = 0
    while examples > 0 and search.usable and not search.cut:
        look = Look(search.known.allowed(), excused=frozenset(search.known.symptoms))
        seen = search.find(look, examples, f"{seed}/{number}/{turn}")
        if seen.finding is None:
            return
        yield seen.finding
        examples -= max(1, seen.tried)
        turn += 1


def answers(search: Search, seed: int) -> Iterator[Finding]:
    """Look at answers of providers, cut anew."""
    policy = search.policy
    if not search.over() and search.looks_at("deltas") and not (policy.payload or policy.block):
        drawn = islice(deltas.answers(Rng(seed, "answers")), deltas.EXAMPLES)
        read = (each for each in drawn if search.judge((each.data,), promptness=False) is None)
        look = Look(search.known.allowed(), excused=frozenset(search.known.symptoms))
        found = search.judged(read, look, deltas.EXAMPLES).finding
        if found is not None:
            yield _of_answer(found) if len(found.data) > _LONG else found


def _of_answer(found: Finding) -> Finding:
    return replace(found, rule="deltas", label=labelled(found.features))


def _of(name: str) -> frozenset[str]:
    """Return what samples must hold for a look at ``name``: late is what they come, whatever they hold."""
    return frozenset({name}) - {"late"}


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
