"""The exponential distribution in integers: how long until the next of many who come independently.

Law: no float and no libm, as for the normal distribution in `streamsim.plan.quantiles`. A draw is -ln(u) with u = word
/ 2**64: the leading zeros of the word count halvings, of which each is ln 2, and what is left is looked up among 4,097
logarithms, computed once by decimals, and interpolated.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from typing import Final

from streamsim.plan.quantiles import CONTEXT

BINS: Final = 4096
ONE: Final = 1 << 40
"""What a draw of mean 1 is counted in."""

_STEP: Final = 52  # bits below a bin's


@cache
def _logarithms() -> tuple[int, ...]:
    """Return ln(1 + i / 4096) for i from 0 to 4,096, the last of which is ln 2."""
    with localcontext(CONTEXT):
        return tuple(int((Decimal(BINS + i) / BINS).ln() * ONE) for i in range(BINS + 1))


def exponential(word: int) -> int:
    """Return the draw that ``word`` (64 bits) makes, of mean `ONE`."""
    table = _logarithms()
    zeros = 65 - word.bit_length() if word else 65
    # 1 <= mantissa < 2, its first bit put away
    rest = (word << zeros) & ((1 << 64) - 1)
    place = rest >> _STEP
    low = table[place]
    fraction = low + ((table[place + 1] - low) * (rest & ((1 << _STEP) - 1)) >> _STEP)
    return zeros * table[BINS] - fraction
