from __future__ import annotations

import pytest

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.model import LOAD_KEYS, NO_LOAD, Load, reloaded
from tests.traffic.workloads import load

MS = 1_000_000


def test_every_parameter_is_read() -> None:
    """Each is spelt by its name; what is not given stays."""
    texts = {
        "max_concurrency": "64",
        "max_queue": " 0 ",
        "refuse_with": "503",
        "prefill_rate": "8000",
        "prefill_overhead": "normal:30ms:5ms",
        "prefill": "each",
        "ttft_quadratic": "10us",
        "itl_per_stream": "150us",
        "batch_size": "8",
    }
    base = load(**texts)
    assert base == Load(
        max_concurrency=64,
        max_queue=0,
        refuse_with=503,
        prefill_rate=(8000, 1),
        prefill_overhead=parse_distribution("normal:30ms:5ms"),
        prefill="each",
        ttft_quadratic_ns=10_000,
        itl_per_stream_ns=150_000,
        batch_size=8,
    )
    assert reloaded(base, {"max_queue": "none", "itl_per_stream": "0"}, where="--").max_queue is None
    factor = load(max_concurrency="8", time_factor_under_load="2.5x").time_factor_under_load
    assert (factor, set(texts) | {"time_factor_under_load"}) == ((5, 2), set(LOAD_KEYS))
    assert load() == NO_LOAD


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            {"max_concurrency": "0"},
            "--max-concurrency: '0' is not a whole number from 1 on; write one, or none for no limit",
        ),
        ({"max_queue": "-1"}, "--max-queue: '-1' is not a whole number from 0 on; write one, or none for no limit"),
        ({"batch_size": "٣"}, "--batch-size: '٣' is not a whole number from 1 on; write one, or none for no limit"),
        ({"refuse_with": "500"}, "--refuse-with: '500' is not known; write 429 or 503"),
        ({"prefill": "fast"}, "--prefill: 'fast' is not known; write shared or each"),
        ({"prefill_rate": "0"}, "--prefill-rate: '0' is not above zero; write it like 2, 0.5 or 1/20"),
        (
            {"itl_per_stream": "3"},
            "--itl-per-stream: '3' is not a duration; write a number and a unit: 250us, 30ms, 1.5s or 2m",
        ),
        (
            {"max_concurrency": "2", "time_factor_under_load": "1/2"},
            "--time-factor-under-load: it is below 1; load makes nothing faster: write 1 or more",
        ),
        (
            {"time_factor_under_load": "2"},
            "--time-factor-under-load: it is reached at the greatest concurrency; give --max-concurrency too",
        ),
        (
            {"time_factor_under_load": "2", "max_concurrency": "2", "itl_per_stream": "1ms"},
            "--itl-per-stream: the time factor under load says how ITL grows, too; give one of both",
        ),
        (
            {"prefill_rate": "1/3153600001"},
            "--prefill-rate: at '1/3153600001' a token takes longer than a century; write a higher rate",
        ),
        (
            {"time_factor_under_load": "1000001", "max_concurrency": "2"},
            "--time-factor-under-load: '1000001' is above 1000000; write a smaller one",
        ),
        ({"max_queue": "3"}, "--max-queue: without a limit nobody waits; give --max-concurrency too"),
    ],
)
def test_what_cannot_be_meant_is_refused(texts: dict[str, str], message: str) -> None:
    """The error names the option, and what to do."""
    with pytest.raises(UsageError) as caught:
        load(**texts)
    assert str(caught.value) == message


def test_in_a_file_the_keys_are_named() -> None:
    """What stands before a key is where it is spelt."""
    with pytest.raises(UsageError) as caught:
        reloaded(NO_LOAD, {"max_queue": "3"}, where="p.toml: load.")
    message = "p.toml: load.max_queue: without a limit nobody waits; give p.toml: load.max_concurrency too"
    assert str(caught.value) == message


def test_a_prompt_takes_its_tokens_and_the_overhead() -> None:
    """At 8,000 tokens a second 400 tokens take 50 ms; without a rate prompts take their overhead alone."""
    assert load(prefill_rate="8000").prefill_ns(400, 7 * MS) == 57 * MS
    assert load(prefill_rate="1/3").prefill_ns(1, 0) == 3000 * MS
    assert load().prefill_ns(400, 7 * MS) == 7 * MS
