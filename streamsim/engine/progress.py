"""What was noted while an answer was played: how far it was at which time, and how it ended.

Times are nanoseconds since the request's last byte. A write may carry several steps; each entry says up to which step
the response had been handed over, and when.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from streamsim.engine.script import Script
from streamsim.wire import Fin, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.replica import Stream

NOTHING = Script((Step(0, Fin()),))


class Progress:
    """One answer, as it went.

    Attributes:
        connection: Number of the connection, from 1 on.
        started_ns: When the request was complete, on the shell's clock.
        outcome: ``playing``, then ``complete``, ``fin``, ``reset``, ``hang``, ``client left``, ``client stuck`` or
            ``server stopped``.
        left_ns: When the client was seen to have left, or was left by us; None while all goes as planned.
        unacknowledged: Bytes handed over that the client's side had not acknowledged by then; None where nobody can
            tell.
        stream: What load did to it; None where there is none, and once the script was let go of.

    """

    __slots__ = (
        "_steps", "_summary", "_times", "connection", "left_ns", "outcome", "script", "started_ns", "stream",
        "unacknowledged",
    )  # fmt: skip

    def __init__(self, script: Script, connection: int, started_ns: int) -> None:
        self.script = script
        self.connection = connection
        self.started_ns = started_ns
        self.outcome = "playing"
        self.left_ns: int | None = None
        self.unacknowledged: int | None = None
        self.stream: Stream | None = None
        self._steps = array("L")
        self._times = array("Q")
        self._summary: dict[str, object] | None = None

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

    def at_ns(self, step: int) -> int:
        """Return when ``step`` was handed over."""
        return self._times[bisect_right(self._steps, step)]

    @property
    def last_ns(self) -> int:
        """When the last of them was handed over; there is one."""
        return self._times[-1]

    def due_ns(self, step: int) -> int:
        """Return when ``step``, which was handed over, was due: by the plan, and by load."""
        stream = self.stream
        return self.script.ats[step] if stream is None else stream.dues[step] - self.started_ns

    @property
    def bytes_written(self) -> int:
        """How many bytes were handed over, heads and framing included."""
        return self.script.offsets[self.steps]

    @property
    def events_written(self) -> int:
        """How many events those bytes complete."""
        return self._events(self.steps)

    @property
    def bytes_delivered(self) -> int | None:
        """How many bytes the client's side has for sure; None where nobody can tell."""
        if self.left_ns is None:
            return self.bytes_written
        return None if self.unacknowledged is None else max(0, self.bytes_written - self.unacknowledged)

    @property
    def events_delivered(self) -> int | None:
        """How many events those bytes complete."""
        delivered = self.bytes_delivered
        if delivered is None:
            return None
        return self._events(min(self.steps, bisect_right(self.script.offsets, delivered) - 1))

    def _events(self, steps: int) -> int:
        events = self.script.events
        return events[steps - 1] if events and steps else 0

    def lateness_ns(self) -> list[int]:
        """Return, for each step handed over, how much later that was than it was due: by the plan, and by load."""
        ats = self._dues()
        return [
            at_ns - ats[step]
            for low, high, at_ns in zip(self._firsts(), self._steps, self._times, strict=True)
            for step in range(low, high)
        ]

    def _firsts(self) -> list[int]:
        """Return the first step of each write."""
        return [0, *self._steps][: len(self._steps)]

    def _latest_ns(self) -> int:
        """Return the greatest lateness: in each write, that of its first step."""
        ats = self._dues()
        return max((at_ns - ats[low] for low, at_ns in zip(self._firsts(), self._times, strict=True)), default=0)

    def _dues(self) -> Sequence[int]:
        """Return when each step was due, as far as that is known."""
        stream = self.stream
        return self.script.ats if stream is None else [due_ns - self.started_ns for due_ns in stream.dues]

    def as_json(self, *, writes: bool = True) -> dict[str, object]:
        """Return all of it as plain data, with or without the list of every write."""
        told = dict(self._summary or self._summarize())
        if writes:
            told["writes"] = [[steps, at_ns // 1000] for steps, at_ns in zip(self._steps, self._times, strict=True)]
        return told

    def shrink(self) -> None:
        """Let go of the script and of single writes, which may be large, and keep what the rest of `as_json` tells."""
        self._summary = self._summarize()
        self.script = NOTHING
        self.stream = None
        self._steps = array("L")
        self._times = array("Q")

    def _summarize(self) -> dict[str, object]:
        planned = self._events(len(self.script.ats))
        told: dict[str, object] = {
            **self.script.told,
            "connection": self.connection,
            "started_ns": self.started_ns,
            "outcome": self.outcome,
            "bytes_planned": self.script.offsets[-1],
            "bytes_written": self.bytes_written,
            "events_planned": planned,
            "events_written": self.events_written,
            "lateness_max_us": self._latest_ns() // 1000,
        }
        if self.stream is not None:
            told["load"] = self._load(self.stream)
        if self.left_ns is not None:
            told |= {
                "client_left_us": self.left_ns // 1000,
                "unacknowledged_bytes": self.unacknowledged,
                "bytes_delivered": self.bytes_delivered,
                "events_delivered": self.events_delivered,
                "events_never_sent": planned - self.events_written,
            }
        return told

    def _load(self, stream: Stream) -> dict[str, object]:
        """Return what load did: how long it waited and was read, and how much later than planned its last step was."""
        arrived_ns, admitted_ns, started_ns = stream.arrived_ns, stream.admitted_ns, stream.started_ns
        dues = self._dues()
        return {
            "state": stream.state,
            "prompt_tokens": stream.prompt_tokens,
            "waited_us": None if admitted_ns is None or arrived_ns is None else (admitted_ns - arrived_ns) // 1000,
            "prefill_us": None if started_ns is None or admitted_ns is None else (started_ns - admitted_ns) // 1000,
            "delay_us": (dues[-1] - self.script.ats[len(dues) - 1]) // 1000 if dues else None,
        }
