"""The normal distribution as a table of integers.

Law: no float, no libm, and no decimal context but our own, so a draw is the same number on every machine and beside any
neighbour. The table holds 4,097 quantiles, computed once in decimal arithmetic (whose ``ln`` and ``sqrt`` are correctly
rounded by specification) with Wichura's algorithm AS 241 (Applied Statistics 37, 1988), exact to 15 digits. Between two
entries a draw is interpolated; the ends are cut at 1/16,384, that is 3.84 standard deviations.
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Context, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BINS = 4096
UNIT = 1 << 32
PLACES = 1_000_000
"""Parts of the whole in which the place of a quantile is counted."""

CONTEXT = Context(prec=24)

_CENTRE = (
    (
        "3.3871328727963666080e0 1.3314166789178437745e2 1.9715909503065514427e3 1.3731693765509461125e4 "
        "4.5921953931549871457e4 6.7265770927008700853e4 3.3430575583588128105e4 2.5090809287301226727e3"
    ),
    (
        "1.0 4.2313330701600911252e1 6.8718700749205790830e2 5.3941960214247511077e3 "
        "2.1213794301586595867e4 3.9307895800092710610e4 2.8729085735721942674e4 5.2264952788528545610e3"
    ),
)
_TAIL = (
    (
        "1.42343711074968357734e0 4.63033784615654529590e0 5.76949722146069140550e0 3.64784832476320460504e0 "
        "1.27045825245236838258e0 2.41780725177450611770e-1 2.27238449892691845833e-2 7.74545014278341407640e-4"
    ),
    (
        "1.0 2.05319162663775882187e0 1.67638483018380384940e0 6.89767334985100004550e-1 "
        "1.48103976427480074590e-1 1.51986665636164571966e-2 5.47593808499534494600e-4 1.05075007164441684324e-9"
    ),
)


def _ratio(polynomials: tuple[str, str], r: Decimal) -> Decimal:
    values: list[Decimal] = []
    for text in polynomials:
        total = Decimal(0)
        for coefficient in reversed(text.split()):
            total = total * r + Decimal(coefficient)
        values.append(total)
    return values[0] / values[1]


def _quantile(p: Decimal) -> Decimal:
    """Return z for which a standard normal is below z with probability ``p`` (1e-11 < p <= 1/2)."""
    q = p - Decimal("0.5")
    if abs(q) <= Decimal("0.425"):
        return q * _ratio(_CENTRE, Decimal("0.180625") - q * q)
    return -_ratio(_TAIL, (-p.ln()).sqrt() - Decimal("1.6"))


@cache
def standard_normal() -> tuple[Decimal, ...]:
    """Return the standard normal's quantiles at 0, 1/4096, …, 1, the two ends cut."""
    with localcontext(CONTEXT):
        cut = Decimal(1) / (4 * BINS)
        lower = [_quantile(place) for place in (cut, *(Decimal(i) / BINS for i in range(1, BINS // 2)))]
        return (*lower, Decimal(0), *(-z for z in reversed(lower)))


def interpolate(table: tuple[int, ...], word: int) -> int:
    """Return the value of ``table`` (4,097 integers) at ``word / 2**64``."""
    place = word >> 52
    low = table[place]
    return low + ((table[place + 1] - low) * ((word >> 20) & (UNIT - 1)) >> 32)


def interpolated(table: tuple[int, ...], words: Iterable[int]) -> list[int]:
    """Return the same for each of ``words``; a call each would take as long as the rest."""
    least = UNIT - 1
    return [
        (low := table[word >> 52]) + ((table[(word >> 52) + 1] - low) * ((word >> 20) & least) >> 32) for word in words
    ]


def between(quantiles: tuple[int, ...], word: int) -> int:
    """Return the value at ``word / 2**64`` between ``quantiles``: two or more, at equal steps."""
    place, rest = divmod(word * (len(quantiles) - 1), 1 << 64)
    low = quantiles[place]
    return low + ((quantiles[place + 1] - low) * rest >> 64)


def among(places: tuple[int, ...], quantiles: tuple[int, ...], word: int) -> int:
    """Return the value at ``word / 2**64`` among ``quantiles``, which lie at ``places``; two at one place: a leap."""
    at = word * PLACES
    nth = bisect_right(places, at >> 64) - 1
    low, begin = quantiles[nth], places[nth]
    return low + (quantiles[nth + 1] - low) * (at - (begin << 64)) // (places[nth + 1] - begin << 64)
