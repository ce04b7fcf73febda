"""A recording that is kept in memory, for those who only look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.assemble import Assembler
from streamsim.recording.model import VERSION, Header, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Line


class Kept:
    """Takes the lines of a session."""

    def __init__(self) -> None:
        self.next_exchange = 1
        self.next_connection = 1
        self._lines: list[Line] = []

    def write(self, lines: Iterable[Line]) -> None:
        """Keep ``lines``."""
        self._lines += lines

    def recording(self, source: str) -> Recording:
        """Return what was recorded so far."""
        assembler = Assembler(source)
        assembler.add([*self._lines], 2)
        return Recording(
            header=Header(version=VERSION),
            entries=tuple(self._lines),
            exchanges=tuple(assembler.exchanges.values()),
            source=source,
        )
