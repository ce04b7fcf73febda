"""What is asked of a cluster: when requests come, how long prompts and answers are, what an answer takes alone.

Law: each thing that is drawn has a table of its own, named by the seed and what it is, and draws by the request's
number; so more requests, other replicas or another router change none of them.
"""

from __future__ import annotations

from itertools import accumulate, chain, count, islice, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamsim.plan.distribution import Distribution, fixed
from streamsim.rng import Rng
from streamsim.traffic.exponential import ONE, exponential
from streamsim.traffic.tokens import PARTS, rounded
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK: Final = 4096
RING: Final = 1 << 16
"""Gaps between tokens that are drawn; each answer has its own row of them, which begins anywhere and goes round."""


class Asked(NamedTuple):
    """One request of a trace: when it comes, the tokens of its prompt, and those of its answer."""

    at_ns: int
    prompt: int
    output: int


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes:
        requests: How many.
        prompt, output: Tokens of prompts and of answers, as `streamsim.traffic.tokens` counts them.
        ttft: What an answer takes until its first token, alone, besides its prompt.
        itl: The gaps between its tokens, alone.
        rate: Requests a second, where they come by themselves.
        even: They come at even steps, and not independently of each other.
        users: How many ask one thing after the other; 0: requests come by themselves.
        think: How long a user waits from an answer to the next request.
        trace: What was asked elsewhere; instead of `rate`, `users`, `prompt` and `output`.

    """

    requests: int
    prompt: Distribution = fixed(512 * PARTS)
    output: Distribution = fixed(128 * PARTS)
    ttft: Distribution = fixed(0)
    itl: Distribution = fixed(20_000_000)
    rate: tuple[int, int] = (1, 1)
    even: bool = False
    users: int = 0
    think: Distribution = fixed(0)
    trace: tuple[Asked, ...] = ()


class Draws:
    """What is drawn for a workload, request by request."""

    def __init__(self, workload: Workload, seed: int) -> None:
        self._workload = workload
        self._seed = seed
        self._sums = [0, *accumulate(workload.itl.drawn(self._rng("itl"), 0, RING))]

    def arrivals(self) -> Iterator[int]:
        """Yield when requests come, in ns; where users ask, when each of them begins."""
        workload = self._workload
        if workload.trace:
            return iter([asked.at_ns for asked in workload.trace])
        if workload.users:
            thoughts = islice(self.thoughts(), min(workload.users, workload.requests))
            return iter(sorted(thoughts))
        above, below = workload.rate
        if workload.even:
            return (nth * below * SECOND // above for nth in range(workload.requests))
        gaps = (exponential(word) * below * SECOND // (above * ONE) for word in self._words("arrival"))
        return accumulate(islice(gaps, workload.requests))

    def thoughts(self) -> Iterator[int]:
        """Yield how long users wait before a request, in ns: the nth of all."""
        return self._drawn(self._workload.think, "think")

    def answers(self) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Yield, for each request: tokens of its prompt, tokens of its answer, and its plan: first token and end."""
        workload = self._workload
        if workload.trace:
            prompts: Iterator[int] = iter([asked.prompt for asked in workload.trace])
            outputs: Iterator[int] = iter([asked.output for asked in workload.trace])
        else:
            prompts = map(rounded, self._drawn(workload.prompt, "prompt"))
            outputs = map(rounded, self._drawn(workload.output, "output"))
        ttfts = self._drawn(workload.ttft, "ttft")
        for prompt, output, ttft_ns, word in zip(prompts, outputs, ttfts, self._words("gaps")):  # noqa: B905 - endless
            rest_ns = self._gaps_ns(word >> 48, output - 1)
            yield prompt, output, (ttft_ns, ttft_ns + rest_ns) if output > 1 else (ttft_ns,)

    def _gaps_ns(self, start: int, gaps: int) -> int:
        """Return the sum of so many gaps of the ring, from ``start`` on."""
        sums = self._sums
        rounds, end = divmod(start + gaps, RING)
        return rounds * sums[RING] + sums[end] - sums[start]

    def overheads(self, overhead: Distribution) -> Iterator[int]:
        """Yield what each prompt takes besides its tokens, in ns."""
        return self._drawn(overhead, "prefill_overhead")

    def _drawn(self, distribution: Distribution, purpose: str) -> Iterator[int]:
        if distribution.kind == "fixed":
            return repeat(distribution.middle_ns)
        rng = self._rng(purpose)
        return chain.from_iterable(distribution.drawn(rng, first, BLOCK) for first in count(0, BLOCK))

    def _words(self, purpose: str) -> Iterator[int]:
        rng = self._rng(purpose)
        return chain.from_iterable(rng.words(first, BLOCK) for first in count(0, BLOCK))

    def _rng(self, purpose: str) -> Rng:
        return Rng(self._seed, "simulate", purpose)
