"""What a script says, as a conforming client reads it: which step completes which event, and what that says.

Law: all of it is read from the script's bytes when somebody asks, with whatever faults made of them; nothing is kept
while the script is played.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from streamsim.dialects.reading import read_chunks
from streamsim.wire.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed


class Portion(msgspec.Struct, frozen=True):
    """A part of an answer.

    Attributes:
        bytes: As on the wire, heads and framing included.
        events: SSE events.
        deltas: Those with content: text, reasoning or tool arguments.
        tokens: Output tokens; ``tokens_by`` says how they are known. By ``usage``: the answer counts them itself, and
            a part has its share by deltas, rounded so that parts add up. By ``deltas``: it does not, and each delta
            counts as one.
        text: What the deltas say, joined.

    """

    bytes: int
    events: int
    deltas: int
    tokens: int
    tokens_by: Literal["usage", "deltas"]
    text: str


class Contents:
    """What the bytes in ``wires``, one entry a step, say.

    Attributes:
        status: Of the final head; 0 where none can be read.
        headers: Of the final head.
        bodies: The body bytes of each step, without framing.
        dialect: What the events are.
        landed: The events in order; the ``chunk`` of each is the step that completes it.

    """

    def __init__(self, wires: Sequence[bytes]) -> None:
        answer = Reader()
        self.bodies = [answer.feed(wire) for wire in wires]
        self.status, self.headers = answer.status, answer.headers
        reading = read_chunks(answer.headers, self.bodies)
        self.dialect = reading.dialect
        self.landed = reading.landed
        self._steps = [item.chunk for item in self.landed]
        self._said = [item for item in self.landed if item.content]
        self._said_steps = [item.chunk for item in self._said]

    @cached_property
    def usage(self) -> int | None:
        """The last count of output tokens that an event tells; None where none does.

        What is told before any content, as Anthropic does, counts none of it.
        """
        first = next((nth for nth, item in enumerate(self.landed) if item.content), 0)
        told = (item.told.usage for item in reversed(self.landed[first:]))
        return next((usage.output for usage in told if usage is not None and usage.output is not None), None)

    @property
    def content_steps(self) -> list[int]:
        """The steps that complete an event with content, in order."""
        return list(dict.fromkeys(self._said_steps))

    def events(self, steps: int) -> tuple[Landed, ...]:
        """Return the events that the first ``steps`` steps complete."""
        return self.landed[: bisect_left(self._steps, steps)]

    def last(self, steps: int) -> Landed | None:
        """Return the first terminal event among them."""
        return next((item for item in self.events(steps) if item.terminal), None)

    def portion(self, start: int, stop: int, size: int) -> Portion:
        """Return what the steps from ``start`` up to ``stop``, ``size`` bytes on the wire, carry."""
        low, high = bisect_left(self._said_steps, start), bisect_left(self._said_steps, stop)
        return Portion(
            bytes=size,
            events=bisect_left(self._steps, stop) - bisect_left(self._steps, start),
            deltas=high - low,
            tokens=self._tokens(high) - self._tokens(low),
            tokens_by="deltas" if self.usage is None else "usage",
            text="".join(item.content for item in self._said[low:high]),
        )

    def _tokens(self, deltas: int) -> int:
        """Return how many tokens the first ``deltas`` deltas are."""
        if self.usage is None or not self._said:
            return deltas
        return self.usage * deltas // len(self._said)
