"""Durations that are drawn: ``30ms``, ``uniform(20ms,50ms)``, ``normal(30ms,5ms)``, ``lognormal(30ms,0.4)``.

``empirical(20ms,25ms,80ms)`` draws between measured values: quantiles at equal steps, from the least to the greatest;
``empirical(20ms,p50=25ms,p99.6=40ms,p99.6=2s,2s)`` between quantiles at the percents that are named, twice for a leap.
The same without parentheses, for shells: ``lognormal:30ms:0.4:max=2s``. ``min=`` and ``max=`` clamp any of them. A
drawn duration is a whole number of nanoseconds, never below zero.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.quantiles import CONTEXT, PLACES, among, between, interpolate, interpolated, standard_normal
from streamsim.units import LONGEST, format_duration, parse_duration, parse_ratio

if TYPE_CHECKING:
    from fractions import Fraction

    from streamsim.rng import Rng

Kind: TypeAlias = Literal["fixed", "uniform", "normal", "lognormal", "empirical"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_CALL = re.compile(r"([a-z]+)\((.*)\)")
_FORMS = "30ms, uniform(20ms,50ms), normal(30ms,5ms) or lognormal(30ms,0.4)"

_PLACE = re.compile(r"p(\d{1,3})(?:\.(\d{1,4}))?", re.ASCII)
_A_PERCENT = PLACES // 100

# Quantiles that `empirical` takes at most: one for each percent.
QUANTILES = 101


class Distribution(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """A duration, or a way to draw one.

    Attributes:
        kind: The family.
        first_ns: The value; the lower end; the mean; the median; the least quantile.
        second: Unused; the upper end in ns; the standard deviation in ns; sigma, as it was written; the other quantiles
            in ns, with commas between, and where they are no equal steps apart each but the last after its place in
            millionths: ``500000=25000000,30000000``.
        min_ns, max_ns: Draws beyond are moved here.

    """

    kind: Kind
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
        if self.kind == "empirical":
            return self._clamp(_measure(self.first_ns, self.second, rng.word(nth)))
        return self._clamp(interpolate(_table(self.kind, self.first_ns, self.second), rng.word(nth)))

    def drawn(self, rng: Rng, first: int, count: int) -> list[int]:
        """Return draws ``first`` and the next, ``count`` in all."""
        if self.kind not in ("normal", "lognormal"):
            return [self.draw(rng, nth) for nth in range(first, first + count)]
        table = _table(self.kind, self.first_ns, self.second)
        drawn = interpolated(table, rng.words(first, count))
        beyond = min(drawn, default=0) < self.min_ns or (
            self.max_ns is not None and max(drawn, default=0) > self.max_ns
        )
        return list(map(self._clamp, drawn)) if beyond else drawn

    @property
    def middle_ns(self) -> int:
        """What half of the draws do not exceed."""
        if self.kind == "uniform":
            return self._clamp((self.first_ns + int(self.second)) // 2)
        if self.kind == "empirical":
            return self._clamp(_measure(self.first_ns, self.second, 1 << 63))
        return self._clamp(self.first_ns)

    def _clamp(self, ns: int) -> int:
        low = max(ns, self.min_ns)
        return low if self.max_ns is None else min(low, self.max_ns)

    def __str__(self) -> str:
        """Return the shell-safe spelling, which parses back to an equal distribution."""
        if self.kind == "fixed":
            parts = [_exact(self.first_ns)]
        else:
            rest = [self.second] if self.kind == "lognormal" else map(_spelt, self.second.split(","))
            parts = [self.kind, _exact(self.first_ns), *rest]
        if self.min_ns:
            parts.append(f"min={_exact(self.min_ns)}")
        if self.max_ns is not None:
            parts.append(f"max={_exact(self.max_ns)}")
        return ":".join(parts)


def fixed(ns: int) -> Distribution:
    """Return the distribution that always gives ``ns``."""
    return Distribution("fixed", ns)


class Reads(Protocol):
    """How one value is spelt."""

    def __call__(self, text: str, *, where: str) -> int:
        """Return the whole number that ``text`` spells, or raise UsageError."""
        ...


def parse_distribution(text: str, *, where: str = "duration", read: Reads = parse_duration) -> Distribution:
    """Return the distribution that ``text`` spells, its values read by ``read``.

    Raises:
        UsageError: It spells none.

    """
    kind, items, limits = _split(text, where, read)
    if limits.get("min_ns", 0) > limits.get("max_ns", LONGEST):
        raise UsageError(where, f"in {text!r} min is above max", "write the smaller one as min")
    if kind == "fixed" and len(items) == 1:
        return Distribution(kind, read(items[0], where=where), "", **limits)
    if kind == "empirical":
        least, others = _measured(items, text, where, read)
        return Distribution(kind, least, others, **limits)
    if kind == "fixed" or len(items) != 2:
        raise UsageError(where, f"{text!r} is not a duration or a distribution", f"write {_FORMS}")
    first = read(items[0], where=where)
    if kind == "lognormal":
        return Distribution(kind, first, _sigma(items[1], where), **limits)
    second = read(items[1], where=where)
    if kind == "uniform" and second < first:
        raise UsageError(where, f"{text!r} ends before it begins", "write the smaller duration first")
    return Distribution(kind, first, str(second), **limits)


def _split(text: str, where: str, read: Reads) -> tuple[Kind, list[str], dict[str, int]]:
    """Return (family, values, limits)."""
    call = _CALL.fullmatch(text.strip())
    items = [call[1], *call[2].split(",")] if call else text.split(":")
    items = [item.strip() for item in items]
    kind = _KINDS.get(items[0])
    limits: dict[str, int] = {}
    values: list[str] = []
    for item in items[1:] if kind else items:
        name, sign, value = item.partition("=")
        if not sign:
            values.append(item)
        elif name in ("min", "max"):
            limits[f"{name}_ns"] = read(value, where=where)
        elif kind == "empirical" and _PLACE.fullmatch(name):
            values.append(item)
        else:
            raise UsageError(where, f"{name!r} in {text!r} means nothing here", "limits are min= and max=")
    return kind or "fixed", values, limits


def _measured(items: list[str], text: str, where: str, read: Reads) -> tuple[int, str]:
    """Return the least quantile and, as they are kept, the others."""
    parts = [item.rpartition("=") for item in items]
    quantiles = [read(value, where=where) for _, _, value in parts]
    if not 2 <= len(quantiles) <= QUANTILES or quantiles != sorted(quantiles):
        remedy = f"write 2 to {QUANTILES} durations, from the least to the greatest: empirical(20ms,25ms,80ms)"
        raise UsageError(where, f"{text!r} is no row of quantiles", remedy)
    if not any(name for name, _, _ in parts):
        return quantiles[0], ",".join(map(str, quantiles[1:]))
    places = [_place(name) for name, _, _ in parts]
    inner = places[1:-1]
    if places[0] != -1 or places[-1] != -1 or inner != sorted(inner) or not 0 <= inner[0] <= inner[-1] <= PLACES:
        remedy = "name all but the least and the greatest, in order, or none: empirical(20ms,p50=25ms,p99.6=40ms,80ms)"
        raise UsageError(where, f"{text!r} does not place its quantiles", remedy)
    placed = [f"{place}={ns}" for place, ns in zip(inner, quantiles[1:-1], strict=True)]
    return quantiles[0], ",".join((*placed, str(quantiles[-1])))


def _place(name: str) -> int:
    """Return the place that ``p99.5`` names, in millionths; -1 where nothing is named."""
    match = _PLACE.fullmatch(name)
    return int(match[1]) * _A_PERCENT + int((match[2] or "").ljust(4, "0")) if match else -1


def _spelt(quantile: str) -> str:
    """Return a quantile as users spell it, of the form in which it is kept."""
    place, sign, ns = quantile.rpartition("=")
    if not sign:
        return _exact(int(ns))
    percent, part = divmod(int(place), _A_PERCENT)
    return f"p{f'{percent}.{part:04d}'.rstrip('0').rstrip('.')}={_exact(int(ns))}"


def _sigma(text: str, where: str) -> str:
    ratio: Fraction = parse_ratio(text, where=where)
    if ratio > 10:
        raise UsageError(where, f"a sigma of {text} is above 10", "sigma is that of ln(duration); 0.4 is common")
    return text.strip()


def _exact(ns: int) -> str:
    """Return ``ns`` without loss."""
    return format_duration(ns, places=9)


@lru_cache(maxsize=64)
def quantiles(first_ns: int, others: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places, in millionths, and the values of an empirical distribution; no places: equal steps.

    Args:
        first_ns: The least, as `Distribution` keeps it.
        others: The others, as it keeps them in ``second``.

    """
    parts = [quantile.rpartition("=") for quantile in others.split(",")]
    values = (first_ns, *(int(ns) for _, _, ns in parts))
    return (0, *(int(place) for place, _, _ in parts[:-1]), PLACES) if parts[0][1] else (), values


def _measure(first_ns: int, others: str, word: int) -> int:
    """Return the value of an empirical distribution at ``word / 2**64``."""
    places, values = quantiles(first_ns, others)
    return among(places, values, word) if places else between(values, word)


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
