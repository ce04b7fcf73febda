"""The work of a campaign, done by many: any executor of `concurrent.futures`, here or on other machines.

Law: a batch is done by a freshly started parser and knows nothing but the findings of the head; so the same work gives
the same findings, whoever does which part of it and in whatever order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamsim.conformance.campaign import Batch, batches, run_batch
from streamsim.conformance.finding import Finding, merge
from streamsim.conformance.policy import Policy
from streamsim.conformance.targets import Spec, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future


class Work(msgspec.Struct, frozen=True):
    """What is looked for.

    Attributes:
        spec: In which parser.
        policy: What it does by design.
        rules: Names of the rules that are looked at; empty for all.
        examples: How many are tried.
        seconds: How long that may take; 0 for as long as it takes.
        seed: Of all that is drawn.
        known: Findings of an earlier time, whose causes are left alone.

    """

    spec: Spec
    policy: Policy = Policy()
    rules: tuple[str, ...] = ()
    examples: int = 10_000
    seconds: float = 0.0
    seed: int = 0
    known: tuple[Finding, ...] = ()


class Done(msgspec.Struct, frozen=True):
    """What came of a part of it, or of all.

    Attributes:
        findings: Broken rules.
        tried: How many examples that took.
        cut: Time was over before the work was done.

    """

    findings: tuple[Finding, ...] = ()
    tried: int = 0
    cut: bool = False


class Pool(NamedTuple):
    """Who does the work.

    Attributes:
        executor: Takes a function and data that can be pickled.
        width: How many do work at a time.

    """

    executor: Executor
    width: int


def do_part(work: Work, batch: Batch, known: tuple[Finding, ...], seconds: float = 0.0) -> Done:
    """Do one batch here, within ``seconds`` unless they are 0. What other processes call."""
    return _part(work, batch, known, seconds, _nobody)


def do_all(work: Work, pool: Pool | None = None, tell: Callable[[int], None] | None = None) -> Done:
    """Do all of it: here, or by others; ``tell`` is called with the number of examples since the last call.

    Raises:
        UsageError: The parser cannot be started.

    """
    told = tell or _nobody
    deadline = monotonic() + work.seconds if work.seconds else 0.0
    head, *rest = batches(work.examples, work.seed, work.rules)
    first = _part(work, head, work.known, work.seconds, told)
    known = (*work.known, *first.findings)
    parts = [first]
    if not (first.cut or any(finding.hopeless for finding in first.findings)):
        parts += _spread(pool, work, rest, known, deadline, told) if pool else _here(work, rest, known, deadline, told)
    return _together(work, parts)


def _together(work: Work, parts: Sequence[Done]) -> Done:
    """Return all parts as one, the order of which says nothing."""
    found = [finding for part in parts for finding in part.findings]
    tried = sum(part.tried for part in parts)
    return Done(tuple(merge([*work.known, *found])), tried, any(part.cut for part in parts))


def _part(work: Work, batch: Batch, known: tuple[Finding, ...], seconds: float, tell: Callable[[int], None]) -> Done:
    deadline = monotonic() + seconds if seconds else 0.0
    tried, cut = 0, False

    def count(number: int) -> bool:
        nonlocal tried, cut
        tried += number
        tell(number)
        cut = cut or bool(deadline and monotonic() >= deadline)
        return cut

    with opened(work.spec) as target:
        findings = run_batch(target, batch, work.policy, known, count)
    return Done(tuple(findings), tried, cut)


def _here(
    work: Work, rest: Sequence[Batch], known: tuple[Finding, ...], deadline: float, tell: Callable[[int], None]
) -> Iterator[Done]:
    for batch in rest:
        seconds = _left(deadline)
        if seconds < 0:
            yield Done(cut=True)
            return
        yield _part(work, batch, known, seconds, tell)


def _spread(
    pool: Pool,
    work: Work,
    rest: Sequence[Batch],
    known: tuple[Finding, ...],
    deadline: float,
    tell: Callable[[int], None],
) -> Iterator[Done]:
    """Have the batches done, as many at a time as the executor has hands, so that each knows how much time is left."""
    queue = deque(rest)
    waiting: set[Future[Done]] = set()
    while queue or waiting:
        while queue and len(waiting) < pool.width and (left := _left(deadline)) >= 0:
            waiting.add(pool.executor.submit(do_part, work, queue.popleft(), known, left))
        if not waiting:
            yield Done(cut=True)
            return
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            part = future.result()
            tell(part.tried)
            yield part


def _left(deadline: float) -> float:
    """Return the seconds that are left; 0 for all there are, less than that when there are none."""
    if not deadline:
        return 0.0
    left = deadline - monotonic()
    return left if left > 0 else -1.0


def _nobody(_: int) -> None:
    """Tell nobody."""
