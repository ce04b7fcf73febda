"""What the numbers mean to someone who waits and reads, by the field's thresholds.

The law: a verdict is a function of the numbers reported beside it, so anyone can check it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from streamsim.units import MILLISECOND, SECOND

Start: TypeAlias = Literal["instant", "noticeable", "sluggish"]
Pace: TypeAlias = Literal["fast", "natural", "slow"]

INSTANT_NS = 500 * MILLISECOND
SLUGGISH_NS = 2 * SECOND
NATURAL_NS = (20 * MILLISECOND, 50 * MILLISECOND)


class Verdict(msgspec.Struct, frozen=True):
    """How a stream would feel.

    Attributes:
        start: By TTFT: below 500 ms instant, above 2 s sluggish; None without content.
        pace: By the median ITL: 20 to 50 ms is natural; None without two chunks of content.
        completed: Whether the answer came whole.

    """

    start: Start | None
    pace: Pace | None
    completed: bool


def start(ttft_ns: int | None) -> Start | None:
    """Return how the wait for the first content feels."""
    if ttft_ns is None:
        return None
    if ttft_ns < INSTANT_NS:
        return "instant"
    return "sluggish" if ttft_ns > SLUGGISH_NS else "noticeable"


def pace(median_ns: int | None) -> Pace | None:
    """Return how content feels that comes at this median gap."""
    if median_ns is None:
        return None
    low_ns, high_ns = NATURAL_NS
    if median_ns < low_ns:
        return "fast"
    return "slow" if median_ns > high_ns else "natural"
