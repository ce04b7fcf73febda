"""The formulas of two other simulators, as published, and ours with parameters that mean the same.

Sources, as of August 2026: llm-d-inference-sim, ``docs/latency-simulation.md`` and ``pkg/llm-d-inference-sim/
latencies.go``; NVIDIA AIPerf's mock server, ``tests/aiperf_mock_server/utils.py`` (`LatencySimulator`) and
``scheduler.py``. Both take the number of running requests once for a wait; so what is compared is a batch that stays
the same while the streams run, all of which begin at once.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from streamsim.plan.distribution import parse_distribution
from streamsim.rng import Rng
from streamsim.traffic.model import NO_LOAD, reloaded
from streamsim.traffic.replica import Replica, Stream
from streamsim.traffic.speed import Speed

MS = 1_000_000
GAPS = 40


def batch(streams: int, tokens: int, *, ttft_ms: int = 0, itl_ms: int, **texts: str) -> tuple[list[Fraction], Fraction]:
    """Return each stream's TTFT and its mean ITL in ms, when ``streams`` begin at once and stay to the end."""
    load = reloaded(NO_LOAD, texts, where="--")
    replica = Replica(load, Speed(load, parse_distribution(f"{itl_ms}ms")))
    ats = [ttft_ms * MS + nth * itl_ms * MS for nth in range(GAPS + 1)]
    asked = [Stream(tokens, load.prefill_ns(tokens, load.prefill_overhead.first_ns), ats) for _ in range(streams)]
    for stream in asked:
        assert replica.arrive(stream, 0)
    while replica.next_ns is not None:
        replica.advance(replica.next_ns)
    first = asked[0].dues
    return [Fraction(stream.dues[0], MS) for stream in asked], Fraction(first[-1] - first[0], GAPS * MS)


def llm_d(
    running: int, tokens: int, *, overhead: int, per_token: Fraction, itl: int, factor: Fraction, most: int
) -> tuple[Fraction, Fraction]:
    """llm-d-inference-sim, calculator ``per-token``: prefill time and inter-token latency, in ms.

    load factor = 1 + (time-factor-under-load - 1) x (running - 1) / (max-num-seqs - 1), 1 where max-num-seqs is 1;
    prefill time = (prefill-overhead + tokens x prefill-time-per-token) x load factor;
    inter-token latency = inter-token-latency x load factor.
    """
    load_factor = 1 + (factor - 1) * (running - 1) / (most - 1) if most > 1 else Fraction(1)
    return (overhead + tokens * per_token) * load_factor, itl * load_factor


@pytest.mark.parametrize(
    ("running", "tokens", "most", "expected"),
    [
        (1, 256, 8, (94, 12)),
        (4, 256, 8, (Fraction(1081, 7), Fraction(138, 7))),
        (8, 256, 8, (235, 30)),
        (8, 0, 8, (75, 30)),
        (1, 1000, 1, (280, 12)),
    ],
)
def test_llm_d_inference_sim(running: int, tokens: int, most: int, expected: tuple[Fraction, Fraction]) -> None:
    """Prefill by the token, slower by the load factor, as ITL is: 30 ms, 0.25 ms a token, 12 ms, factor 2.5."""
    published = llm_d(running, tokens, overhead=30, per_token=Fraction(1, 4), itl=12, factor=Fraction(5, 2), most=most)
    assert published == expected
    ttfts, itl = batch(
        running,
        tokens,
        itl_ms=12,
        prefill="each",
        prefill_overhead="30ms",
        prefill_rate="4000",
        max_concurrency=str(most),
        time_factor_under_load="2.5",
    )
    assert all(abs(ttft - published[0]) * MS <= 1 for ttft in ttfts)
    assert abs(itl - published[1]) * MS <= 1


def test_llm_d_constant() -> None:
    """Its calculator ``constant`` is the same without tokens: 100 ms at one stream, 250 ms at eight of eight."""
    ttfts, _ = batch(8, 5000, ttft_ms=100, itl_ms=12, prefill="each", max_concurrency="8", time_factor_under_load="2.5")
    assert ttfts == [250] * 8


def aiperf(
    active: int, tokens: int, *, ttft: int, per_token: Fraction, quad: int, itl: int, lin: int
) -> tuple[Fraction, Fraction]:
    """AIPerf's mock server, without jitter: TTFT and ITL in ms.

    ttft_ms = ttft + ttft_per_isl_token_ms x isl + ttft_concurrency_quad_ms x active ** 2;
    itl_ms = itl + itl_concurrency_lin_ms x active.
    """
    return ttft + per_token * tokens + quad * active**2, Fraction(itl + lin * active)


@pytest.mark.parametrize(("active", "tokens", "expected"), [(1, 100, (72, 7)), (5, 100, (120, 15)), (5, 0, (70, 15))])
def test_aiperf(active: int, tokens: int, expected: tuple[int, int]) -> None:
    """Linear in tokens, quadratic in streams, ITL linear in streams: 20 ms, 0.5 ms, 2 ms; 5 ms and 2 ms.

    AIPerf counts a stream's own self into ITL, where ours says what one alone has: 5 + 2.
    """
    published = aiperf(active, tokens, ttft=20, per_token=Fraction(1, 2), quad=2, itl=5, lin=2)
    assert list(published) == list(expected)
    ttfts, itl = batch(
        active,
        tokens,
        itl_ms=7,
        prefill="each",
        prefill_overhead="20ms",
        prefill_rate="2000",
        ttft_quadratic="2ms",
        itl_per_stream="2ms",
    )
    # Ours counts who runs at admission; the last of a batch that begins at once finds all of it, as AIPerf's do.
    assert ttfts[-1] == published[0]
    assert abs(itl - published[1]) <= Fraction(1, 2)


def test_aiperf_itl_is_exact_while_the_batch_stays() -> None:
    """When all five are past their first token, a token takes 5 + 2 x 5 ms."""
    _, itl = batch(5, 0, itl_ms=7, itl_per_stream="2ms")
    assert itl == 15


@pytest.mark.parametrize(("active", "steps"), [(1, 1), (4, 1), (8, 2), (12, 3), (6, Fraction(3, 2))])
def test_aiperf_batched_steps(active: int, steps: Fraction) -> None:
    """Its scheduler gives a token to ``max_batch_size`` of the queue in each step of ``step_ms``.

    So each of ``active`` streams has one in max(1, active / max_batch_size) steps: here 10 ms, four at once.
    """
    _, itl = batch(active, 0, itl_ms=10, batch_size="4")
    assert itl == 10 * steps


def test_aiperf_jitter_by_coefficient_of_variation() -> None:
    """Its multiplier exp(sigma x Z - sigma**2 / 2) with sigma**2 = ln(1 + cv**2) is a lognormal of ours.

    For cv = 0.2 and a mean of 50 ms: sigma = 0.198042, median = 50 / sqrt(1.04) = 49.029 ms; mean and deviation are
    measured over 65,536 draws, to one part in 200.
    """
    drawn = parse_distribution("lognormal:49.029034ms:0.198042")
    rng = Rng(0, "cv")
    values = [drawn.draw(rng, nth) for nth in range(65_536)]
    mean = Fraction(sum(values), len(values))
    variance = Fraction(sum(value * value for value in values), len(values)) - mean * mean
    assert abs(mean / (50 * MS) - 1) < Fraction(1, 200)
    assert abs(variance / (10 * MS) ** 2 - 1) < Fraction(1, 50)
