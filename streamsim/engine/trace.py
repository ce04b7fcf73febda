"""What was really done, beside what was planned.

Times are nanoseconds since the request's last byte. A write may carry several steps; each entry says up to which step
the response had been handed over, and when.
"""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.engine.script import Script


class Trace:
    """One answer, as it went.

    Attributes:
        connection: Number of the connection, from 1 on.
        started_ns: When the request was complete, on the shell's clock.
        outcome: ``playing``, then ``complete``, ``fin``, ``reset``, ``hang``, ``client left``, or ``client stuck``.
        left_ns: When the client was seen to have left, or None.
        unacknowledged: Bytes handed over that the client's side had not acknowledged when it left; None where the
            system does not tell.

    """

    __slots__ = ("_steps", "_times", "connection", "left_ns", "outcome", "script", "started_ns", "unacknowledged")

    def __init__(self, script: Script, connection: int, started_ns: int) -> None:
        self.script = script
        self.connection = connection
        self.started_ns = started_ns
        self.outcome = "playing"
        self.left_ns: int | None = None
        self.unacknowledged: int | None = None
        self._steps = array("L")
        self._times = array("Q")

    def wrote(self, steps: int, at_ns: int) -> None:
        """Note that the first ``steps`` steps had been handed over at ``at_ns``."""
        self._steps.append(steps)
        self._times.append(at_ns)

    def close(self, outcome: str) -> None:
        """Note how it ended; the first outcome stands."""
        if self.outcome == "playing":
            self.outcome = outcome

    @property
    def steps(self) -> int:
        """How many steps were handed over."""
        return self._steps[-1] if self._steps else 0

    @property
    def bytes_written(self) -> int:
        """How many bytes were handed over, heads and framing included."""
        return self.script.offsets[self.steps]

    @property
    def events_written(self) -> int:
        """How many events those bytes complete."""
        events = self.script.events
        return events[self.steps - 1] if events and self.steps else 0

    def lateness_ns(self) -> list[int]:
        """Return, for each step handed over, how much later than planned that was."""
        ats = self.script.ats
        bounds = pairwise((0, *self._steps))
        return [
            at_ns - ats[step]
            for (low, high), at_ns in zip(bounds, self._times, strict=True)
            for step in range(low, high)
        ]

    def as_json(self) -> dict[str, object]:
        """Return all of it as plain data."""
        events = self.script.events
        late = self.lateness_ns()
        told: dict[str, object] = {
            **self.script.told,
            "connection": self.connection,
            "started_ns": self.started_ns,
            "outcome": self.outcome,
            "bytes_planned": self.script.offsets[-1],
            "bytes_written": self.bytes_written,
            "events_planned": events[-1] if events else 0,
            "events_written": self.events_written,
            "lateness_max_us": max(late, default=0) // 1000,
            "writes": [[steps, at // 1000] for steps, at in zip(self._steps, self._times, strict=True)],
        }
        if self.left_ns is not None:
            told["client_left_us"] = self.left_ns // 1000
            told["unacknowledged_bytes"] = self.unacknowledged
        return told
