"""The search: which examples are tried, in what order, and what is done about a finding.

Law: the work is a list of batches, each a function of seed, number and what the head found, so that the findings do
not depend on who runs which batch. The head is the first batch; the rest start from its findings.

The head looks at each feature alone, with what it needs, so that root causes come out apart: a little at each, at large
streams, and some more at each. Then it looks, like all other batches, at all features together that were not broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.conformance import deltas, memory, passes, serving
from streamsim.conformance.isolation import isolation
from streamsim.conformance.policy import Policy
from streamsim.conformance.reconnection import RULE as RECONNECT
from streamsim.conformance.reconnection import reconnection
from streamsim.conformance.scaling import scaling
from streamsim.conformance.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.conformance.finding import Finding
    from streamsim.conformance.reading import Target

HEAD = 4_000
"""Examples of the first batch, at most."""
BATCH = 2_000
"""Examples of each other batch, at most."""


class Batch(msgspec.Struct, frozen=True):
    """A piece of the work.

    Attributes:
        number: From 0; 0 is the head, which has to be run first, alone.
        examples: How many it tries.
        seed: Of the campaign.
        rules: Names of the rules that are looked at; empty for all.

    """

    number: int
    examples: int
    seed: int
    rules: tuple[str, ...] = ()


def batches(examples: int, seed: int = 0, rules: Sequence[str] = ()) -> list[Batch]:
    """Return the work; the first batch is the head."""
    sizes = [min(HEAD, examples)]
    left = examples - sizes[0]
    while left > 0:
        sizes.append(min(BATCH, left))
        left -= sizes[-1]
    return [Batch(number, size, seed, tuple(rules)) for number, size in enumerate(sizes)]


def run_batch(
    target: Target,
    batch: Batch,
    policy: Policy | None = None,
    known: Sequence[Finding] = (),
    tried: Callable[[int], bool] | None = None,
) -> list[Finding]:
    """Run one batch.

    Args:
        target: The parser.
        batch: The work; others than the head take the head's findings as ``known``.
        policy: What the parser does by design.
        known: Findings whose causes are left alone.
        tried: Called with the number of examples since the last call; when it returns True, the batch is cut short.

    """
    return list(_running(target, batch, policy or Policy(), known, tried or _never))


def _running(
    target: Target, batch: Batch, policy: Policy, known: Sequence[Finding], tried: Callable[[int], bool]
) -> Iterator[Finding]:
    """Yield what is found, marked where the policy declares it."""
    for finding in _found(target, batch, policy, known, tried):
        if policy.by_design.isdisjoint((finding.rule, *finding.features)):
            yield finding
        else:
            yield msgspec.structs.replace(finding, label="by design")


def _found(
    target: Target, batch: Batch, policy: Policy, known: Sequence[Finding], tried: Callable[[int], bool]
) -> Iterator[Finding]:
    search = Search(target, policy, batch.rules, tried)
    search.known.learn(known)
    if batch.number:
        search.judge.washing = any(each.rule == "isolation" for each in known)
        if not search.judge.soiled():
            yield from passes.together(search, batch.examples, batch.seed, batch.number)
        return
    leaks = isolation(target, policy) if search.looks_at("isolation") else []
    yield from leaks
    search.judge.washing = bool(leaks)
    if search.judge.soiled():
        return
    if search.looks_at(RECONNECT):
        yield from reconnection(target, policy)
    yield from passes.simplest(search, batch.seed)
    for name, look in ((serving.PROMPTNESS, serving.promptness), (serving.TYPES, serving.content_types)):
        yield from look(target, policy) if search.looks_at(name) and not search.over() else ()
    yield from passes.one_by_one(search, batch.examples, batch.seed, passes.FIRST)
    yield from passes.cuts_apart(search, batch.seed)
    if not search.over():
        yield from scaling(target, policy, search.looks_at, search.known.breaks, search.over)
    if (
        not search.over()
        and search.looks_at(memory.RULE)
        and not (search.looks_at(serving.PROMPTNESS) and memory.at_the_end(target, policy))
    ):
        yield from memory.memory(target, policy, search.known.breaks)
    yield from passes.one_by_one(search, batch.examples, batch.seed, passes.share(batch.examples) - passes.FIRST)
    yield from passes.crashes(search, batch.seed)
    yield from passes.together(search, batch.examples - search.tried - deltas.EXAMPLES, batch.seed, 0)
    yield from passes.answers(search, batch.seed)


def _never(_: int) -> bool:
    return False


def campaign(
    target: Target,
    *,
    policy: Policy | None = None,
    rules: Sequence[str] = (),
    examples: int = 6_000,
    seed: int = 0,
    tried: Callable[[int], bool] | None = None,
) -> Iterator[Finding]:
    """Run all batches here, one after the other, and yield what each finds; `merge` makes one list of it."""
    head, *rest = batches(examples, seed, rules)
    known: list[Finding] = []
    for finding in _running(target, head, policy or Policy(), (), tried or _never):
        known.append(finding)
        yield finding
    if any(finding.hopeless for finding in known):
        return
    for batch in rest:
        yield from _running(target, batch, policy or Policy(), known, tried or _never)
