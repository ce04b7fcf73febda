"""Distributions and lines fitted to measured times.

The laws: all is computed with decimals of a fixed precision and with fractions, so the same samples give the same fit
on every machine; a lognormal is the one of greatest likelihood; how well it fits is told by Kolmogorov's and Smirnov's
distance with the critical value for parameters taken from the samples themselves (Lilliefors; Stephens, JASA 69, 1974,
for 5 %).
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from streamsim.plan.distribution import Distribution, fixed
from streamsim.plan.quantiles import BINS, CONTEXT, standard_normal
from streamsim.traffic.polyline import WHOLE, distance, polyline
from streamsim.traffic.polyline import mean_ns as polyline_mean_ns
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

Family: TypeAlias = Literal["auto", "lognormal", "empirical"]

RESOLUTION_NS: Final = 1000
"""What recordings can tell apart; a shorter time is taken for this, as zero has no logarithm."""

_CRITICAL = Decimal("0.895")

# A line through the TTFTs is believed from so many different prompts on, and when its slope is four standard errors.
_PROMPTS = 5
_SURE = 16


class Fit(msgspec.Struct, frozen=True):
    """A distribution, and how well it fits.

    Attributes:
        distribution: As it is spelt on the command line.
        samples: How many it was fitted to.
        distance, critical: Of Kolmogorov and Smirnov between samples and lognormal, and the distance that one in twenty
            rows of true lognormal samples exceeds; as decimals with four places. None where all samples are equal.
        fits: The distance of the lognormal is not above the critical one.
        mean_ns, fitted_mean_ns: Of the samples, and of the distribution.
        fitted_distance: Of Kolmogorov and Smirnov between samples and the distribution that was chosen.

    """

    distribution: str
    samples: int
    distance: str | None
    critical: str | None
    fits: bool
    mean_ns: int
    fitted_mean_ns: int
    fitted_distance: str | None

    @property
    def off(self) -> int:
        """How far the fitted mean is from that of the samples, in whole percents of it, above it or below."""
        return round(Fraction(100 * (self.fitted_mean_ns - self.mean_ns), self.mean_ns))


class Line(msgspec.Struct, frozen=True):
    """TTFT against prompt tokens: their rate, in tokens a second as it is spelt, and the square of the correlation."""

    rate: str
    prompts: int
    r_squared: str


def fit(values_ns: Sequence[int], family: Family = "auto") -> Fit:
    """Return the distribution of ``values_ns``, of which there are two or more; ``auto``: lognormal where that fits."""
    ordered = sorted(max(ns, RESOLUTION_NS) for ns in values_ns)
    count, mean_ns = len(ordered), sum(ordered) // len(ordered)
    if ordered[0] == ordered[-1]:
        return Fit(
            str(fixed(mean_ns)),
            count,
            None,
            None,
            fits=True,
            mean_ns=mean_ns,
            fitted_mean_ns=mean_ns,
            fitted_distance=None,
        )
    with localcontext(CONTEXT):
        logs = [Decimal(ns).ln() for ns in ordered]
        mean = sum(logs, Decimal(0)) / count
        sigma = (sum(((log - mean) ** 2 for log in logs), Decimal(0)) / (count - 1)).sqrt()
        far = own_far = _distance(logs, mean, sigma)
        root = Decimal(count).sqrt()
        critical = _CRITICAL / (root - Decimal("0.01") + Decimal("0.85") / root)
        fits = far <= critical
        chosen, fitted_ns = _lognormal(mean, sigma), int((mean + sigma * sigma / 2).exp())
        if family == "empirical" or (family == "auto" and not fits):
            chosen = polyline([_whole(ns) for ns in ordered])
            fitted_ns, own_far = polyline_mean_ns(chosen), Decimal(distance(ordered, chosen)) / WHOLE
    return Fit(
        str(chosen), count, f"{far:.4f}", f"{critical:.4f}", fits, mean_ns, fitted_ns, fitted_distance=f"{own_far:.4f}"
    )


def _lognormal(mean: Decimal, sigma: Decimal) -> Distribution:
    median_ns = _whole(int(mean.exp()))
    spelt = f"{max(sigma, Decimal('0.0001')):.4f}".rstrip("0").rstrip(".")
    return Distribution("lognormal", median_ns, spelt)


def _whole(ns: int) -> int:
    """Return whole microseconds, which is what a recording tells."""
    return max(RESOLUTION_NS, (ns + RESOLUTION_NS // 2) // RESOLUTION_NS * RESOLUTION_NS)


def _distance(logs: Sequence[Decimal], mean: Decimal, sigma: Decimal) -> Decimal:
    """Return the greatest difference between the samples' share and the normal's, above and below each sample."""
    count = len(logs)
    greatest = Decimal(0)
    for nth, log in enumerate(logs):
        below = _normal((log - mean) / sigma)
        greatest = max(greatest, below - Decimal(nth) / count, Decimal(nth + 1) / count - below)
    return greatest


def _normal(z: Decimal) -> Decimal:
    """Return the probability that a standard normal is below ``z``, from its table of quantiles."""
    table = standard_normal()
    place = bisect_right(table, z)
    if place in (0, BINS + 1):
        return Decimal(min(place, 1))
    low = table[place - 1]
    return (place - 1 + (z - low) / (table[place] - low)) / BINS


def line(pairs: Sequence[tuple[int, int]]) -> Line | None:
    """Return how TTFT grows with prompt tokens, by least squares; None where the samples do not show that it does.

    Args:
        pairs: Prompt tokens and TTFT in ns of each answer.

    """
    count = len(pairs)
    if len({tokens for tokens, _ in pairs}) < _PROMPTS:
        return None
    xs, ys = sum(tokens for tokens, _ in pairs), sum(ns for _, ns in pairs)
    var_x = count * sum(tokens * tokens for tokens, _ in pairs) - xs * xs
    var_y = count * sum(ns * ns for _, ns in pairs) - ys * ys
    cov = count * sum(tokens * ns for tokens, ns in pairs) - xs * ys
    if cov <= 0 or cov * cov * (count - 2) < _SURE * (var_x * var_y - cov * cov):
        return None
    r_squared = Fraction(cov * cov, var_x * var_y)
    return Line(_spelt(Fraction(SECOND * var_x, cov), 1), count, _spelt(r_squared, 4))


def _spelt(value: Fraction, places: int) -> str:
    """Return ``value`` with so many decimal places, and never zero."""
    scaled = max(1, round(value * 10**places))
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0").rstrip(".")
