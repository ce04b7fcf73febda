"""Reads that the client has and the recording has not yet: they are recorded together.

Law: no read waits longer than :data:`WAIT_S`, nor do more than :data:`MOST` bytes. Each keeps the time at which it
came. Reading, cleaning and spelling many at once, with one system call, costs a fraction of as many single times.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.shells.recorder.relay import Passage
    from streamsim.shells.recorder.session import Session

# What a killed recorder can lose.
WAIT_S = 0.01
MOST = 1 << 20


class Waiting:
    """What the passages of one session have read, in the order in which it came."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reads: list[tuple[Passage, bytes, int]] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, passage: Passage, data: bytes, at_us: int) -> None:
        """Let ``data`` wait, unless its passage may be over with it or too much waits already."""
        self._reads.append((passage, data, at_us))
        self._size += len(data)
        if self._size > MOST or passage.capture.may_end(data):
            self.record()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WAIT_S, self.record)

    def record(self) -> None:
        """Record all that waits, then tell the passages that are over with it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        reads, self._reads = self._reads, []
        self._size = 0
        self._session.feed_all([(passage.capture, data, at_us) for passage, data, at_us in reads])
        for passage, _, _ in reads:
            if passage.capture.cause is not None:
                passage.recorded()
