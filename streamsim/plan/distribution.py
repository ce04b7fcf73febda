"""Durations that are drawn: ``30ms``, ``uniform(20ms,50ms)``, ``normal(30ms,5ms)``, ``lognormal(30ms,0.4)``.

The same without parentheses, for shells: ``lognormal:30ms:0.4:max=2s``. ``min=`` and ``max=`` clamp any of them. A drawn
duration is a whole number of nanoseconds, never below zero.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.quantiles import CONTEXT, interpolate, standard_normal
from streamsim.units import format_duration, parse_duration, parse_ratio

if TYPE_CHECKING:
    from fractions import Fraction

    from streamsim.rng import Rng

_FORMS = "30ms, uniform(20ms,50ms), normal(30ms,5ms) or lognormal(30ms,0.4)"


class Distribution(msgspec.Struct, frozen=True):
    """A duration, or a way to draw one.

    Attributes:
        kind: The family.
        first_ns: The value; the lower end; the mean; the median.
        second: Unused; the upper end in ns; the standard deviation in ns; sigma, as it was written.
        min_ns, max_ns: Draws beyond are moved here.

    """

    kind: Literal["fixed", "uniform", "normal", "lognormal"]
    first_ns: int
    second: str = ""
    min_ns: int = 0
    max_ns: int | None = None

    def draw(self, rng: Rng, nth: int) -> int:
        """Return draw ``nth`` in nanoseconds."""
        if self.kind == "fixed":
            return self._clamp(self.first_ns)
        if self.kind == "uniform":
            return self._clamp(rng.between(nth, self.first_ns, int(self.second)))
        return self._clamp(interpolate(_table(self.kind, self.first_ns, self.second), rng.word(nth)))

    def _clamp(self, ns: int) -> int:
        low = max(ns, self.min_ns)
        return low if self.max_ns is None else min(low, self.max_ns)

    def __str__(self) -> str:
        """Return the shell-safe spelling, which parses back to an equal distribution."""
        if self.kind == "fixed":
            parts = [_exact(self.first_ns)]
        else:
            second = self.second if self.kind == "lognormal" else _exact(int(self.second))
            parts = [self.kind, _exact(self.first_ns), second]
        if self.min_ns:
            parts.append(f"min={_exact(self.min_ns)}")
        if self.max_ns is not None:
            parts.append(f"max={_exact(self.max_ns)}")
        return ":".join(parts)


def fixed(ns: int) -> Distribution:
    """Return the distribution that always gives ``ns``."""
    return Distribution("fixed", ns)


def parse_distribution(text: str, *, where: str = "duration") -> Distribution:
    """Return the distribution that ``text`` spells.

    Raises:
        UsageError: It spells none.

    """
    kind, items, limits = _split(text, where)
    if kind is None and len(items) == 1:
        return Distribution("fixed", parse_duration(items[0], where=where), "", **limits)
    if len(items) != 2:
        raise UsageError(where, f"{text!r} is not a duration or a distribution", f"write {_FORMS}")
    first = parse_duration(items[0], where=where)
    if kind == "lognormal":
        return Distribution("lognormal", first, _sigma(items[1], where), **limits)
    second = parse_duration(items[1], where=where)
    if kind == "uniform":
        if second < first:
            raise UsageError(where, f"{text!r} ends before it begins", "write the smaller duration first")
        return Distribution("uniform", first, str(second), **limits)
    return Distribution("normal", first, str(second), **limits)


def _split(text: str, where: str) -> tuple[str | None, list[str], dict[str, int]]:
    """Return (family or None, values, limits)."""
    flat = text.strip().replace("(", ":", 1).removesuffix(")").replace(",", ":")
    items = [item.strip() for item in flat.split(":")]
    limits: dict[str, int] = {}
    values: list[str] = []
    for item in items:
        name, sign, value = item.partition("=")
        if not sign:
            values.append(item)
        elif name in ("min", "max"):
            limits[f"{name}_ns"] = parse_duration(value, where=where)
        else:
            raise UsageError(where, f"{name!r} in {text!r} means nothing here", "limits are min= and max=")
    known = values[0] in ("uniform", "normal", "lognormal", "fixed")
    kind = values.pop(0) if known else None
    return (None if kind == "fixed" else kind), values, limits


def _sigma(text: str, where: str) -> str:
    ratio: Fraction = parse_ratio(text, where=where)
    if ratio > 10:
        raise UsageError(where, f"a sigma of {text} spreads beyond all measure", "sigma is that of ln(duration); 0.4 is common")
    return text.strip()


def _exact(ns: int) -> str:
    """Return ``ns`` without loss."""
    short = format_duration(ns)
    return short if parse_duration(short) == ns else f"{ns}ns"


@lru_cache(maxsize=64)
def _table(kind: str, first_ns: int, second: str) -> tuple[int, ...]:
    """Return the 4,097 quantiles, in ns, of a normal or lognormal distribution."""
    with localcontext(CONTEXT):
        first = Decimal(first_ns)
        if kind == "normal":
            spread = Decimal(second)
            return tuple(int(first + spread * z) for z in standard_normal())
        ratio = parse_ratio(second)
        sigma = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        return tuple(int(first * (sigma * z).exp()) for z in standard_normal())
