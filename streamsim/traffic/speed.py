"""How fast a replica's streams go, by how many there are: exact ratios, looked up.

Law: one stream alone goes at full speed, and none goes faster when another joins.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from streamsim.plan.distribution import Distribution
    from streamsim.traffic.model import Load


class Speed:
    """Slowness: how many times longer things take, as whole numbers above `playing_unit` and `filling_unit`."""

    __slots__ = ("_filling", "_playing", "_shared", "_size", "filling_unit", "playing_unit")

    def __init__(self, load: Load, itl: Distribution | None) -> None:
        """Take ``itl`` as the usual gap: what ``itl_per_stream`` is added to.

        Raises:
            UsageError: It is needed, and there is none.

        """
        slope = _slope(load)
        self._filling = slope.numerator
        self.filling_unit = slope.denominator
        self._shared = load.prefill == "shared"
        if load.itl_per_stream_ns:
            slope = Fraction(load.itl_per_stream_ns, _usual_ns(itl))
        self._playing = slope.numerator
        self._size = load.batch_size
        self.playing_unit = slope.denominator * (load.batch_size or 1)

    def playing(self, running: int) -> int:
        """Return the slowness of what is played when ``running`` streams run (1 or more)."""
        size = self._size
        if size is None:
            return self.playing_unit + self._playing * (running - 1)
        together = min(running, size)
        return (self.playing_unit // size + self._playing * (together - 1)) * max(running, size)

    def filling(self, running: int, filling: int) -> int:
        """Return the slowness of a prompt when ``running`` streams run and ``filling`` of them are at their prompts."""
        slowness = self.filling_unit + self._filling * (running - 1)
        return slowness * filling if self._shared else slowness


def _slope(load: Load) -> Fraction:
    """Return what each further stream adds, by the time factor under load: as llm-d-inference-sim has it."""
    most = load.max_concurrency or 1
    return (Fraction(*load.time_factor_under_load) - 1) / (most - 1) if most > 1 else Fraction(0)


def _usual_ns(itl: Distribution | None) -> int:
    """Return the middle of ``itl``."""
    usual = 0 if itl is None else itl.middle_ns
    if not usual:
        remedy = "give --itl, or --time-factor-under-load instead"
        raise UsageError("--itl-per-stream", "it is added to the usual ITL, and none is given", remedy)
    return usual
