"""What Prometheus reads, as its own parser understands it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("prometheus_client", reason="needs the extra 'metrics'")

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

from streamsim.engine import tally
from streamsim.engine.tally import Tally
from streamsim.shells.metrics import Metrics

if TYPE_CHECKING:
    from prometheus_client.samples import Sample


def rows() -> list[Tally]:
    """Return what two processes counted."""
    one, other = Tally(), Tally()
    for each in (one, other):
        for cell in (tally.OPENED, *[tally.STARTED] * 3):
            each.add(cell)
    one.waits(1)
    one.add(tally.PLANNED)
    one.add(tally.INJECTED + tally.FAULTS.index("stall"))
    one.add(tally.ANSWERED + 200 * len(tally.OUTCOMES) + tally.OUTCOMES.index("client left"))
    other.add(tally.ANSWERED + tally.OUTCOMES.index("fin"))
    other.add(tally.REJECTED + 404)
    for cell in (tally.TTFT.total + 1, tally.TTFT.total + 2, tally.TTFT.counts.stop - 1):
        other.add(cell)
    other.cells[tally.TTFT.total] = 12_500_000_000
    return [one, other]


WANTED = {
    'streamsim_info{version="0.1.0"}': 1,
    "streamsim_workers{}": 2,
    "streamsim_connections_total{}": 2,
    "streamsim_connections_open{}": 2,
    "streamsim_requests_running{}": 3,
    "streamsim_requests_waiting{}": 1,
    'streamsim_requests_total{code="200",outcome="client left"}': 1,
    'streamsim_requests_total{code="none",outcome="fin"}': 1,
    'streamsim_requests_rejected_total{code="404"}': 1,
    'streamsim_faults_injected_total{fault="stall"}': 1,
    'streamsim_plan_cache_lookups_total{result="hit"}': 5,
    'streamsim_plan_cache_lookups_total{result="miss"}': 1,
    'streamsim_time_to_first_token_seconds_bucket{le="0.001"}': 1,
    'streamsim_time_to_first_token_seconds_bucket{le="0.005"}': 2,
    'streamsim_time_to_first_token_seconds_bucket{le="10.0"}': 2,
    'streamsim_time_to_first_token_seconds_bucket{le="+Inf"}': 3,
    "streamsim_time_to_first_token_seconds_sum{}": 12.5,
    "streamsim_time_to_first_token_seconds_count{}": 3,
}


def spelt(sample: Sample) -> str:
    labels = ",".join(f'{key}="{value}"' for key, value in sample.labels.items())
    return f"{sample.name}{{{labels}}}"


@pytest.mark.parametrize(
    ("accepted", "content_type", "parse"),
    [
        ("", "text/plain", classic),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text", openmetrics),
    ],
)
def test_rows_are_summed_in_the_format_that_is_accepted(accepted: str, content_type: str, parse: object) -> None:
    """Both formats say the same, and pass the parser of the library that Prometheus' makers keep."""
    assert callable(parse)
    told, text = Metrics([row.cells for row in rows()]).written(accepted)
    assert told.startswith(content_type)
    samples = {spelt(sample): sample.value for family in parse(text.decode()) for sample in family.samples}
    assert {name: samples.get(name) for name in WANTED} == WANTED
    assert len(samples) < 100


def test_every_count_is_told() -> None:
    """No cell is counted in vain: each that is 1 shows in what is written."""
    begun = Tally()
    begun.cells[tally.STARTED] = 2
    nothing = Metrics([begun.cells]).written("")[1]
    alike: list[int] = []
    for cell in range(tally.CELLS):
        row = Tally(list(begun.cells))
        row.add(cell)
        if tally.REJECTED < cell < tally.INJECTED and cell % 97:
            continue  # some of so many
        if Metrics([row.cells]).written("")[1] == nothing:
            alike.append(cell)
    assert alike == []
