"""Fuzz: looking for what breaks a parser, here one that nothing breaks. How many examples a second of CPU?

An example is a stream, drawn, spelt, cut and read in several ways, judged by every rule that applies but those of time
and memory, which take few and large examples. Beside it, hypothesis alone draws as many strings of random bytes and has
the same parser read them: what drawing costs anyway. The public strategies are measured by what they draw, with nobody
to read it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric
from streamsim.conformance import RULES, find
from streamsim.sse import Parser
from streamsim.strategies import chunked_streams, plans, provider_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.goals import Goal
    from benchmarks.measure import Sample
    from benchmarks.rows import Row

T = TypeVar("T")

EXAMPLES = 1000
METRICS = (Metric(name="examples a second", better="higher"),)

BARE = "hypothesis, random bytes"
STRATEGIES: dict[str, st.SearchStrategy[object]] = {
    "streams in chunks": chunked_streams("nearly valid"),
    "streams of providers": provider_streams(),
    "plans": plans(),
}

GOALS: tuple[Goal, ...] = ()


DRAWN = (Metric(name="drawn a second", better="higher"),)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, and bare hypothesis."""
    contestants = {
        OURS: partial(_sample, METRICS, campaign),
        BARE: partial(_sample, METRICS, partial(drawn, st.binary(max_size=400), _read)),
    }
    yield from rows(f"{EXAMPLES:,} examples", METRICS, interleaved(bench.rounds, contestants))
    for case, strategy in STRATEGIES.items():
        contestants = {
            OURS: partial(_sample, DRAWN, partial(drawn, strategy, _nothing)),
            BARE: partial(_sample, DRAWN, partial(drawn, st.binary(max_size=400), _nothing)),
        }
        yield from rows(case, DRAWN, interleaved(bench.rounds, contestants))


def campaign(examples: int = EXAMPLES) -> int:
    """Try ``examples`` on our own parser; return how many were tried."""
    rules = [rule.name for rule in RULES if rule.name not in ("linear-time", "bounded-memory")]
    found = find(Parser, examples=examples, seed=7, rules=rules)
    if found:
        raise RuntimeError(f"our own parser breaks a rule: {found[0]}")
    return found.examples


def drawn(strategy: st.SearchStrategy[T], use: Callable[[T], object]) -> int:
    """Draw `EXAMPLES` for ``use``; return how many were drawn."""
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(value: T) -> None:
        nonlocal tried
        use(value)
        tried += 1

    one()
    return tried


def _read(data: bytes) -> None:
    Parser().feed(data)


def _nothing(_: object) -> None:
    pass


def _sample(metrics: tuple[Metric], work: Callable[[], int]) -> Sample:
    tried = 0

    def counted() -> None:
        nonlocal tried
        tried = work()

    spent_s = cpu_seconds(counted, least=0)
    return {metrics[0].name: tried / spent_s}
