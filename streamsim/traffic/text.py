"""An outcome and a curve as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.analysis.histogram import bar
from streamsim.units import format_duration

if TYPE_CHECKING:
    from streamsim.traffic.outcome import Outcome, Percentiles
    from streamsim.traffic.saturation import Curve, Point

_WIDTH: Final = 24
_NAMES: Final = ("mean", "p50", "p90", "p95", "p99", "max")


def told(outcome: Outcome) -> str:
    """Return an outcome in lines."""
    became = f"completed {outcome.completed}, refused {outcome.refused}, in {format_duration(outcome.span_ns)}"
    rates = f"{outcome.requests_per_s:.3f} requests/s, {outcome.tokens_per_s:.1f} tokens/s"
    lines = [
        f"requests {outcome.requests}: {became}",
        f"throughput {rates}; in system {outcome.in_system:.1f} on average",
    ]
    if outcome.good is not None:
        lines.append(f"goodput {outcome.goodput_per_s:.3f} requests/s: {_part(outcome)} keep the SLO")
    rows = {"TTFT": outcome.ttft, "ITL": outcome.itl, "E2E": outcome.e2e, "wait": outcome.wait}
    lines += ["", "      " + "".join(f"{name:>11}" for name in _NAMES)]
    lines += [_row(name, spread) for name, spread in rows.items() if spread is not None]
    lines += ["", f"digest {outcome.digest}"]
    return "\n".join(lines)


def _part(outcome: Outcome) -> str:
    """Return which part of all requests is good, in percent, rounded down."""
    tenths = (outcome.good or 0) * 1000 // max(1, outcome.requests)
    return f"{tenths // 10}.{tenths % 10} %"


def _row(name: str, spread: Percentiles) -> str:
    values = (spread.mean_ns, spread.p50_ns, spread.p90_ns, spread.p95_ns, spread.p99_ns, spread.max_ns)
    return f"{name:<6}" + "".join(f"{short(ns):>11}" for ns in values)


def short(ns: int) -> str:
    """Return a duration in few digits: to the microsecond below a second, to the millisecond above."""
    size = 1_000_000 if ns >= 1_000_000_000 else 1_000
    return format_duration(ns - ns % size) if ns >= size else format_duration(ns)


def drawn(curve: Curve) -> str:
    """Return a curve: a line a rate, with a bar for what of it is completed, or good where there is an SLO."""
    known = curve.capacity_per_s
    title = "saturation" if known is None else f"saturation: capacity {known:.3f} requests/s"
    if curve.played < curve.replicas:
        title += f", from {curve.played} of {curve.replicas} replicas"
    most = max((_shown(point) for point in curve.points), default=0)
    good = any(point.outcome.good is not None for point in curve.points)
    what = "goodput" if good else "completed"
    head = f"{'rate/s':>10} {what + '/s':>12}  {'':<{_WIDTH}} {'TTFT p50':>10} {'TTFT p99':>10} {'ITL p50':>10} "
    lines = [title, head + f"{'ITL p99':>10} {'refused':>8}"]
    return "\n".join((*lines, *(_line(point, most) for point in curve.points)))


def _shown(point: Point) -> int:
    """Return what a bar shows, in thousandths of a request a second."""
    outcome = point.outcome
    return int((outcome.requests_per_s if outcome.goodput_per_s is None else outcome.goodput_per_s) * 1000)


def _line(point: Point, most: int) -> str:
    outcome, shown = point.outcome, _shown(point)
    drawn_bar = bar(shown, max(1, most), _WIDTH)
    times = [
        "-" if spread is None else short(ns)
        for spread in (outcome.ttft, outcome.itl)
        for ns in ((spread.p50_ns, spread.p99_ns) if spread is not None else (0, 0))
    ]
    told_times = " ".join(f"{time:>10}" for time in times)
    return f"{point.rate_per_s:>10.3f} {shown / 1000:>12.3f}  {drawn_bar:<{_WIDTH}} {told_times} {outcome.refused:>8}"
