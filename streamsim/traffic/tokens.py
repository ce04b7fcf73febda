"""Numbers of tokens, fixed or drawn: ``512``, ``uniform(100,900)``, ``normal(512,100)``, ``lognormal(512,0.6)``.

Law: they are spelt and drawn as durations are, in thousandths of a token, and rounded to the nearest token, but never
below one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution

if TYPE_CHECKING:
    from streamsim.plan.distribution import Distribution

PARTS: Final = 1000
"""Parts of a token in which a distribution of tokens counts."""

MOST: Final = 100_000_000
"""Tokens of a prompt or an answer."""


def parse_tokens(text: str, *, where: str) -> Distribution:
    """Return the distribution that ``text`` spells, in thousandths of a token.

    Raises:
        UsageError: It spells none.

    """
    try:
        read = parse_distribution(text, where=where, read=_number)
    except UsageError as error:
        remedy = "write 512, uniform(100,900), normal(512,100), lognormal(512,0.6) or empirical(1,200,900)"
        raise UsageError(where, f"{text!r} is no number of tokens", remedy) from error
    if read.kind == "fixed" and not read.middle_ns:
        raise UsageError(where, f"{text!r} is less than one token", "write 1 or more")
    return read


def rounded(parts: int) -> int:
    """Return whole tokens."""
    return max(1, (parts + PARTS // 2) // PARTS)


def _number(text: str, *, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) > MOST:
        raise UsageError(where, f"{text!r} is not a whole number", f"write one up to {MOST}")
    return int(text) * PARTS
