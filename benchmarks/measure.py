"""Running contestants in turn, round after round, and making rows of what they gave."""

from __future__ import annotations

import gc
import sys
import time
from subprocess import SubprocessError
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.rows import Metric

    Sample: TypeAlias = Mapping[str, float]
    Contestant: TypeAlias = Callable[[], Sample]

OURS = "streamsim"
FAILURES = (RuntimeError, OSError, SubprocessError)
Name = TypeVar("Name", str, int)


def interleaved(rounds: int, contestants: Mapping[Name, Contestant]) -> dict[Name, list[Sample]]:
    """Return each contestant's sample of every round; who begins changes from round to round.

    A peer of ours that fails is out, and the rest goes on without it.
    """
    names = list(contestants)
    samples: dict[Name, list[Sample]] = {name: [] for name in names}
    for nth in range(rounds):
        first = nth % len(names)
        for name in names[first:] + names[:first]:
            if name not in samples:
                continue
            try:
                samples[name].append(contestants[name]())
            except FAILURES as error:
                if str(name) == OURS or OURS not in map(str, names):
                    raise
                print(f"{name} is out: {error}", file=sys.stderr)
                del samples[name]
    return samples


def rows(
    case: str, metrics: Sequence[Metric], samples: Mapping[str, Sequence[Sample]], *, note: str = ""
) -> Iterator[Row]:
    """Yield one row a metric and peer; a metric that no peer has, or that stands alone, gets a row of its own."""
    for metric in metrics:
        mine = _values(metric, samples[OURS])
        peers = {name: _values(metric, taken) for name, taken in samples.items() if name != OURS}
        measured = {name: values for name, values in peers.items() if values and not metric.alone}
        if not measured:
            yield Row(case=case, note=note, metric=metric, ours=mine)
        for name, values in measured.items():
            yield Row(case=case, note=note, metric=metric, ours=mine, peer=name, theirs=values)


def _values(metric: Metric, samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(sample[metric.name] for sample in samples if metric.name in sample)


def cpu_seconds(work: Callable[[], object], *, least: float = 0.1) -> float:
    """Return the CPU time of one ``work()``, from as many as take ``least`` seconds together.

    A first one that takes less is not counted: it brings memory into the process that the others find there.
    """
    gc.collect()
    first = _cpu(work, 1)
    if first >= least:
        return first
    times, spent = 0, 0.0
    while spent < least:
        more = max(1, times)
        spent += _cpu(work, more)
        times += more
    return spent / times


def _cpu(work: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - start
