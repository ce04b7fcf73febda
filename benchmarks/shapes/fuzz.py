"""Fuzz: looking for what breaks a parser, here one that nothing breaks. How many examples a second of CPU?

An example is a stream, drawn, spelt, cut and read in several ways, judged by every rule that applies but those of time
and memory, which take few and large examples. Beside it, hypothesis alone draws as many strings of random bytes and has
the same parser read them: what drawing costs anyway.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric
from streamsim.conformance import RULES, find
from streamsim.sse import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.goals import Goal
    from benchmarks.measure import Sample
    from benchmarks.rows import Row

EXAMPLES = 1000
METRICS = (Metric(name="examples a second", better="higher"),)

GOALS: tuple[Goal, ...] = ()


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, and bare hypothesis."""
    contestants = {
        OURS: partial(_sample, campaign),
        "hypothesis, random bytes": partial(_sample, _random_bytes),
    }
    yield from rows(f"{EXAMPLES:,} examples", METRICS, interleaved(bench.rounds, contestants))


def campaign(examples: int = EXAMPLES) -> int:
    """Try ``examples`` on our own parser; return how many were tried."""
    rules = [rule.name for rule in RULES if rule.name not in ("linear-time", "bounded-memory")]
    found = find(Parser, examples=examples, seed=7, rules=rules)
    if found:
        raise RuntimeError(f"our own parser breaks a rule: {found[0]}")
    return found.examples


def _random_bytes() -> int:
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(max_size=400))
    def read(data: bytes) -> None:
        nonlocal tried
        Parser().feed(data)
        tried += 1

    read()
    return tried


def _sample(work: Callable[[], int]) -> Sample:
    tried = 0

    def counted() -> None:
        nonlocal tried
        tried = work()

    spent_s = cpu_seconds(counted, least=0)
    return {METRICS[0].name: tried / spent_s}
