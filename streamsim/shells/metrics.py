"""What servers counted, as Prometheus reads it.

Laws: nothing is kept here; what several processes counted is summed when somebody asks. Names and units are those of
Prometheus' and OpenTelemetry's conventions, and no label holds what a client sent or a recording says.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder

from streamsim.engine import tally
from streamsim.units import SECOND
from streamsim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prometheus_client import Metric

    from streamsim.engine.tally import Cells, Histogram

_COUNTERS = (
    ("streamsim_connections", "Connections that clients made.", tally.OPENED),
    ("streamsim_requests_unmatched", "Requests that no recorded exchange answers.", tally.MISSED),
    ("streamsim_response_bytes", "Bytes of answers handed over, heads and framing included.", tally.BYTES),
    ("streamsim_response_events", "Events of answers handed over.", tally.EVENTS),
    ("streamsim_response_events_unsent", "Events planned and never handed over: what leaving saved.", tally.UNSENT),
)
_GAUGES: tuple[tuple[str, str, Callable[[list[int]], int]], ...] = (
    ("streamsim_connections_open", "Connections open now.", lambda cells: cells[tally.OPENED] - cells[tally.CLOSED]),
    ("streamsim_requests_running", "Answers being played now.", tally.running),
    ("streamsim_requests_waiting", "Requests that wait for a place now.", lambda cells: cells[tally.WAITING]),
)
_HISTOGRAMS = (
    ("streamsim_time_to_first_token_seconds", "Request to first content, as handed over.", tally.TTFT),
    ("streamsim_request_duration_seconds", "Request to the last byte, or to the client's leaving.", tally.DURATION),
    ("streamsim_first_token_lateness_seconds", "How much later than due the first content was.", tally.TTFT_LATE),
    ("streamsim_end_lateness_seconds", "How much later than due the last step was.", tally.END_LATE),
)


class Metrics:
    """What ``rows``, one a process, say together."""

    def __init__(self, rows: Sequence[Cells]) -> None:
        self._rows = rows
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def written(self, accepted: str) -> tuple[str, bytes]:
        """Return content type and body in the format that an ``Accept`` header asks for."""
        encode, content_type = choose_encoder(accepted)
        return content_type, encode(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: the registry need not ask, as nobody else collects into it."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all families of metrics."""
        cells = tally.summed(self._rows)
        yield InfoMetricFamily("streamsim", "Which streamsim this is.", {"version": __version__})
        yield GaugeMetricFamily("streamsim_workers", "Processes that serve together.", len(self._rows))
        for name, told, value in _GAUGES:
            yield GaugeMetricFamily(name, told, value(cells))
        for name, told, cell in _COUNTERS:
            yield CounterMetricFamily(name, told, cells[cell])
        yield _answered(cells)
        yield _rejected(cells)
        yield _injected(cells)
        yield _looked_up(cells)
        for name, told, histogram in _HISTOGRAMS:
            yield _histogram(name, told, cells, histogram)


def _answered(cells: list[int]) -> Metric:
    told = "Recorded or written answers that are over, by status code and how they ended."
    family = CounterMetricFamily("streamsim_requests", told, labels=("code", "outcome"))
    kinds = ((code, outcome) for code in range(tally.CODES) for outcome in tally.OUTCOMES)
    for (code, outcome), count in zip(kinds, cells[tally.ANSWERED : tally.INJECTED], strict=True):
        if count:
            family.add_metric((_code(code), outcome), count)
    return family


def _rejected(cells: list[int]) -> Metric:
    told = "Answers of streamsim's own that say what is wrong with a request, by status code."
    family = CounterMetricFamily("streamsim_requests_rejected", told, labels=("code",))
    for code, count in enumerate(cells[tally.REJECTED : tally.ANSWERED]):
        if count:
            family.add_metric((_code(code),), count)
    return family


def _code(code: int) -> str:
    return str(code) if code else "none"


def _injected(cells: list[int]) -> Metric:
    told = "Answers that are over and had this fault in them."
    family = CounterMetricFamily("streamsim_faults_injected", told, labels=("fault",))
    for fault, count in zip(tally.FAULTS, cells[tally.INJECTED : tally.TTFT.total], strict=True):
        if count:
            family.add_metric((fault,), count)
    return family


def _looked_up(cells: list[int]) -> Metric:
    told = "Answers by whether their plan was ready (hit) or had to be made (miss)."
    family = CounterMetricFamily("streamsim_plan_cache_lookups", told, labels=("result",))
    made = cells[tally.PLANNED]
    family.add_metric(("hit",), max(0, cells[tally.STARTED] - cells[tally.REFUSED] - made))  # one may be in the making
    family.add_metric(("miss",), made)
    return family


def _histogram(name: str, told: str, cells: list[int], histogram: Histogram) -> Metric:
    bounds = [*(str(bound / SECOND) for bound in histogram.bounds_ns), "+Inf"]
    counts = accumulate(cells[histogram.counts])
    family = HistogramMetricFamily(name, told)
    family.add_metric((), [*zip(bounds, counts, strict=True)], cells[histogram.total] / SECOND)
    return family
