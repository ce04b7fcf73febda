"""When events came: a row of cells of equal time, from the request on.

The law: memory does not grow with the stream. Cells begin at a millisecond; when there are too many of them, each two
become one.
"""

from __future__ import annotations

import msgspec

from streamsim.units import MILLISECOND, format_duration

CELLS = 64

_LEVELS = "▁▂▃▄▅▆▇█"


class Strip(msgspec.Struct, frozen=True):
    """How many events came in each cell of ``cell_ns``; the last cell is that of the end."""

    cell_ns: int
    events: tuple[int, ...]


class StripCounter:
    """Counts events into at most `CELLS` cells."""

    __slots__ = ("_cell_ns", "_counts", "_last")

    def __init__(self) -> None:
        self._cell_ns = MILLISECOND
        self._counts = [0] * CELLS
        self._last = 0

    def add(self, at_ns: int, events: int) -> None:
        """Take ``events`` at ``at_ns`` since the request; 0 events just say that the stream was still there."""
        while at_ns >= CELLS * self._cell_ns:
            self._halve()
        cell = at_ns // self._cell_ns
        self._counts[cell] += events
        self._last = max(self._last, cell)

    def strip(self) -> Strip:
        """Return what was counted."""
        return Strip(self._cell_ns, tuple(self._counts[: self._last + 1]))

    def _halve(self) -> None:
        pairs = zip(self._counts[::2], self._counts[1::2], strict=True)
        self._counts = [left + right for left, right in pairs] + [0] * (CELLS // 2)
        self._cell_ns *= 2
        self._last //= 2


def draw(strip: Strip) -> str:
    """Return the strip on one line: a block a cell, its height by the events in it, a blank where none came."""
    most = max(strip.events)
    row = "".join(" " if not count else _LEVELS[-(-8 * count // most) - 1] for count in strip.events)
    return f"│{row}│ each cell {format_duration(strip.cell_ns)}, at most {most} event{'' if most == 1 else 's'}"
