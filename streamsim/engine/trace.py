"""What was really done, beside what was planned, as a test asks for it.

The laws: nothing here is noted while an answer is played; all is read from the script and the times when somebody asks.
Names that end in ``_ns`` are whole nanoseconds, and None where there is nothing; the same names without it are seconds,
and a mismatch where there is nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from streamsim.engine.contents import Contents
from streamsim.engine.progress import NOTHING, Progress
from streamsim.engine.received import compared
from streamsim.engine.side_by_side import Row, Side, difference, milliseconds, render
from streamsim.errors import StreamMismatch, UsageError
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.engine.contents import Portion
    from streamsim.engine.durations import Durations
    from streamsim.engine.received import Received
    from streamsim.engine.script import Script

# Headers that the shell adds: they are outside the plan, and two plans that do the same may be named differently.
_OURS = re.compile(rb"^x-streamsim-[^\r\n]*\r\n", re.MULTILINE)


class Trace(Progress):
    """One answer, as it went, and what it means."""

    __slots__ = ("_contents",)

    _contents: Contents  # not there before it is asked for, so that an answer that nobody asks about pays nothing

    def __repr__(self) -> str:
        return f"<Trace of {self.name}: {self.outcome}>"

    def shrink(self) -> None:
        """Let go of what may be large: of all that follows, only `name` and `client_left_at` can be asked for then."""
        super().shrink()
        if hasattr(self, "_contents"):
            del self._contents

    @property
    def name(self) -> str:
        """Which answer it is, for people."""
        told = self._summary or self.script.told
        if "exchange" not in told:
            return f"the answer on connection {self.connection}"
        return f"{told['recording']}, exchange {told['exchange']}, attempt {told['attempt']}"

    @property
    def contents(self) -> Contents:
        """What the script says to a conforming client.

        Raises:
            UsageError: The script was let go of.

        """
        if not hasattr(self, "_contents"):
            self._contents = Contents(self._whole().wires)
        return self._contents

    @property
    def ttfb_ns(self) -> int | None:
        """When the first byte was handed over; None if none was."""
        first = bisect_right(self._whole().offsets, 0) - 1
        return self.at_ns(first) if first < self.steps else None

    @property
    def ttft_ns(self) -> int | None:
        """When the first content was handed over; None if none was."""
        steps = self._content_steps()
        return self.at_ns(steps[0]) if steps else None

    @property
    def ttfb(self) -> float:
        """When the first byte was handed over, in seconds since the request.

        Raises:
            StreamMismatch: None was.

        """
        return self._seconds(self.ttfb_ns, "byte")

    @property
    def ttft(self) -> float:
        """When the first content was handed over, in seconds since the request.

        Raises:
            StreamMismatch: None was.

        """
        return self._seconds(self.ttft_ns, "content")

    @property
    def itl(self) -> Durations:
        """The gaps between successive chunks with content, as handed over; fewer than two chunks have none."""
        from streamsim.engine.durations import Durations  # noqa: PLC0415 - a server does without

        times = map(self.at_ns, self._content_steps())
        where = f"{self.name}: gaps between chunks with content"
        return Durations((after - before for before, after in pairwise(times)), where=where)

    @property
    def client_left_at(self) -> float | None:
        """When the client left, in seconds since the request; None if it did not. ``left_ns`` has it in ns."""
        return self.left_ns / SECOND if self.left_ns is not None and self.outcome == "client left" else None

    @property
    def planned(self) -> Portion:
        """The whole answer, as planned."""
        return self._portion(0, len(self._whole().ats))

    @property
    def sent(self) -> Portion:
        """What was handed over."""
        return self._portion(0, self.steps)

    @property
    def never_sent(self) -> Portion:
        """What was planned and not handed over: what an early stop saved."""
        return self._portion(self.steps, len(self._whole().ats))

    @property
    def delivered(self) -> Portion:
        """What the client's side has for sure, whole chunks only.

        Raises:
            UsageError: Nobody can tell.

        """
        return self._portion(0, self._steps_delivered())

    @property
    def never_delivered(self) -> Portion:
        """What was planned and did not surely arrive: what was never sent, and what was on its way.

        Raises:
            UsageError: Nobody can tell.

        """
        return self._portion(self._steps_delivered(), len(self._whole().ats))

    def assert_complete(self) -> None:
        """Assert that all of the answer was handed over, up to its dialect's last event or its body's end.

        Raises:
            StreamMismatch: It was not; shows what was planned beside what was sent.

        """
        from streamsim.engine.claims import incomplete  # noqa: PLC0415 - a server does without

        wrong = incomplete(self.outcome, self.contents, self.steps)
        if wrong is not None:
            raise self._mismatch(*wrong, self._planned_side(), self._done_side("sent"))

    def assert_as_planned(self) -> None:
        """Assert that each step was handed over at its planned nanosecond, as on a virtual clock it is.

        Raises:
            StreamMismatch: One was not, or the answer ended otherwise; shows both sides.

        """
        self._alike("step", self._planned_side(), self._done_side("sent"))

    def assert_same(self, other: Trace) -> None:
        """Assert that ``other`` handed over the same bytes at the same times, and ended in the same way.

        Raises:
            StreamMismatch: It did not; shows both sides.

        """
        self._alike("step", self._done_side("this"), other._done_side("other"))

    def assert_feels(self, *feelings: str) -> None:
        """Assert how the answer would feel to a reader: ``instant``, ``natural``, or what the reference has more.

        Raises:
            StreamMismatch: It would not.
            UsageError: There is no such feeling.

        """
        from streamsim.engine.claims import unlike  # noqa: PLC0415 - a server does without

        itl = self.itl
        median_ns = itl.percentile_ns(50) if itl else None
        for feeling in feelings:
            wrong = unlike(feeling, self.ttft_ns, median_ns)
            if wrong is not None:
                raise StreamMismatch(self.name, *wrong)

    def assert_received(self, received: Received, *, at_ns: Sequence[int] | None = None) -> None:
        """Assert that what the client says it received is what was delivered to it.

        A client that left may have read less, but nothing else. Where nobody can tell what was delivered, what was
        sent stands in for it.

        Args:
            received: ``bytes``: the body; ``str``: the text that its deltas add up to; else events, each its data or an
                object with ``data`` and, if it has them, ``type`` or ``event``, and ``id``.
            at_ns: When each event came, since the request, if that is to be compared too.

        Raises:
            StreamMismatch: It is not; shows what was delivered beside what was received.
            ValueError: There are not as many times as events.

        """
        steps = self.steps if self.bytes_delivered is None else self._steps_delivered()
        both = compared(self.contents, steps, self.at_ns, received)
        if both is None:
            return
        seen = both.received
        if at_ns is not None:
            seen = [row._replace(at_ns=ns) for row, ns in zip(seen, at_ns, strict=True)]
        due = both.delivered if self.left_ns is None else both.delivered[: len(seen)]
        self._alike(both.noun, Side("delivered", due, self._end()), Side("received", seen))

    def _whole(self) -> Script:
        if self.script is NOTHING:
            remedy = "ask in Engine.on_trace, which is called before that"
            raise UsageError(self.name, "its script was let go of, being large, when the answer was over", remedy)
        return self.script

    def _content_steps(self) -> list[int]:
        return [step for step in self.contents.content_steps if step < self.steps]

    def _seconds(self, ns: int | None, what: str) -> float:
        if ns is None:
            remedy = "assert on the outcome, or read on"
            raise StreamMismatch(self.name, f"no {what} was sent; it is {self.outcome!r}", remedy)
        return ns / SECOND

    def _steps_delivered(self) -> int:
        delivered = self.bytes_delivered
        if delivered is None:
            problem = "nobody can tell what had arrived when the connection was given up"
            raise UsageError(self.name, problem, "assert on sent and never_sent, or play it under a virtual clock")
        return min(self.steps, bisect_right(self._whole().offsets, delivered) - 1)

    def _portion(self, start: int, stop: int) -> Portion:
        offsets = self._whole().offsets
        return self.contents.portion(start, stop, offsets[stop] - offsets[start])

    def _planned_side(self) -> Side:

        script = self._whole()
        close = "complete" if script.close == "end" else script.close
        return Side("planned", self._rows(script.ats), Row(close, script.ats[-1], close))

    def _done_side(self, title: str) -> Side:

        return Side(title, self._rows([self.at_ns(step) for step in range(self.steps)]), self._end())

    def _rows(self, ats: Sequence[int]) -> list[Row]:
        """Return a row for each step that has a time in ``ats``, the last of all, which is the end, left out."""
        bodies = self.contents.bodies
        rows: list[Row] = []
        for wire, body, at_ns in zip(self._whole().wires[:-1], bodies, ats, strict=False):
            key = wire if body else _OURS.sub(b"", wire)
            rows.append(Row(key, at_ns, (body or key).decode("utf-8", "backslashreplace")))
        return rows

    def _end(self) -> Row:
        last_ns = self._times[-1] if self._times else None
        if self.outcome == "client left" and self.script.close == "hang" and self.steps == len(self.script.ats):
            left = f"hang, until the client left at {milliseconds(self.left_ns)} ms"  # nothing else ends it
            return Row("hang", last_ns, left)
        return Row(self.outcome, last_ns if self.left_ns is None else self.left_ns, self.outcome)

    def _alike(self, noun: str, left: Side, right: Side) -> None:
        problem = difference(noun, left, right)
        if problem is not None:
            raise self._mismatch(problem, f"{left.title} and {right.title}, side by side:", left, right)

    def _mismatch(self, problem: str, remedy: str, left: Side, right: Side) -> StreamMismatch:
        return StreamMismatch(self.name, problem, f"{remedy}\n\n{render(left, right)}")
