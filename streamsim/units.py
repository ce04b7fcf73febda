"""Durations and ratios, as people write them and as integers.

Inside streamsim time is whole nanoseconds and a ratio is a pair of integers: no float is ever compared.
"""

from __future__ import annotations

import re
from fractions import Fraction

from streamsim.errors import UsageError

_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
# No longer than anyone needs: Python refuses to read thousands of digits.
_DIGITS = r"(\d{1,30}(?:\.\d{1,30})?)"
_DURATION = re.compile(_DIGITS + r"\s*(ns|us|µs|ms|s|m|h)", re.ASCII)
_NUMBER = re.compile(_DIGITS + r"(?:/(\d{1,30}))?", re.ASCII)

SECOND = _NS["s"]
MILLISECOND = _NS["ms"]

# Twice that still fits the 64 bits of a random draw.
LONGEST = 100 * 365 * 24 * _NS["h"]


def parse_duration(text: str, *, where: str = "duration") -> int:
    """Return ``text`` (``250us``, ``30ms``, ``1.5s``, ``2m``, ``0``) in whole nanoseconds.

    Raises:
        UsageError: It is no duration: a unit is missing, or the number is; or it is longer than a century.

    """
    stripped = text.strip()
    if stripped == "0":
        return 0
    match = _DURATION.fullmatch(stripped)
    if match is None:
        raise UsageError(where, f"{text!r} is not a duration", "write a number and a unit: 250us, 30ms, 1.5s or 2m")
    ns = int(Fraction(match[1]) * _NS[match[2]])
    if ns > LONGEST:
        raise UsageError(where, f"{text!r} is longer than a century", "write a shorter one")
    return ns


def format_duration(ns: int, *, places: int = 3) -> str:
    """Return ``ns`` in the largest unit that keeps it at or above 1: ``412.345ms``; with 9 places nothing is lost."""
    sign, rest = ("-", -ns) if ns < 0 else ("", ns)
    for unit in ("s", "ms", "us"):
        size = _NS[unit]
        if rest >= size:
            whole, part = divmod(rest, size)
            digits = f"{part * 10**places // size:0{places}d}".rstrip("0")
            return f"{sign}{whole}.{digits}{unit}" if digits else f"{sign}{whole}{unit}"
    return f"{sign}{rest}ns" if rest else "0"


def parse_ratio(text: str, *, where: str = "ratio") -> Fraction:
    """Return ``text`` (``2``, ``0.5``, ``1/20``) as an exact, positive fraction.

    Raises:
        UsageError: It is no number, or it is zero.

    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise UsageError(where, f"{text!r} is not a plain number", "write it like 2, 0.5 or 1/20")
    above, below = Fraction(match[1]), int(match[2] or 1)
    if not above or not below:
        raise UsageError(where, f"{text!r} is not above zero", "write it like 2, 0.5 or 1/20")
    return above / below
