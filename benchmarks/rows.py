"""One row of the table: a number of ours over all rounds, and a peer's of the same rounds."""

from __future__ import annotations

from statistics import median
from typing import Literal

import msgspec

Better = Literal["lower", "higher", ""]


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """What a number means.

    Attributes:
        name: Its key in a sample, and its heading.
        unit: Its unit; empty for a count.
        better: Which way is better, if either is.
        compared: Whether ours ÷ theirs means anything.
        alone: Whether only ours is shown.
        low: What no round may fall below, if there is such a law.
        high: What the median may not pass, or, if ``strict``, no round.

    """

    name: str
    unit: str = ""
    better: Better = "lower"
    compared: bool = True
    alone: bool = False
    low: float | None = None
    high: float | None = None
    strict: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        case: What was run.
        note: What is to know about this run of it.
        metric: What was measured.
        ours: One value a round.
        peer: Who ran beside us; empty when nobody did.
        theirs: The peer's values, in the same rounds.
        skipped: Why there are no values.

    """

    case: str
    note: str = ""
    metric: Metric = Metric(name="")
    ours: tuple[float, ...] = ()
    peer: str = ""
    theirs: tuple[float, ...] = ()
    skipped: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours ÷ theirs: the median of the rounds' ratios, because the two of one round shared the machine's mood."""
        if not self.metric.compared or not self.theirs or 0.0 in self.theirs:
            return None
        return median(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))

    @property
    def holds(self) -> bool | None:
        """Whether ours is within the metric's bounds; None when there are none."""
        low, high = self.metric.low, self.metric.high
        if not self.ours or (low is None and high is None):
            return None
        most = max(self.ours) if self.metric.strict else median(self.ours)
        return (low is None or min(self.ours) >= low) and (high is None or most <= high)
