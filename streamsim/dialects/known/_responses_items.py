"""The items of OpenAI's responses: messages with text or a refusal, thoughts as summaries, calls of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.said import Reasoning, Refusal, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.answer import Part
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng

Json: TypeAlias = dict[str, object]


class Item(msgspec.Struct):
    """One item: a message of text.

    Attributes:
        id: Its own.
        text: All by which it grows.

    """

    id: str
    text: str

    delta: ClassVar[str] = "response.output_text.delta"
    named: ClassVar[bool] = False
    """Its beginning tells a name."""

    @property
    def place(self) -> Json:
        """Where a delta belongs, within its item."""
        return {"item_id": self.id, "content_index": 0, **self.extra()}

    def extra(self) -> Json:
        """Return what deltas of text have besides."""
        return {"logprobs": []}

    def part(self, text: str) -> Json:
        """Return the content."""
        return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}

    def added(self) -> Json:
        """Return the item as it begins."""
        return {"id": self.id, "type": "message", "status": "in_progress", "content": [], "role": "assistant"}

    def done(self) -> Json:
        """Return the item as it ends."""
        return {**self.added(), "status": "completed", "content": [self.part(self.text)]}

    def opening(self) -> Iterator[tuple[str, Json]]:
        """Yield the events before the deltas."""
        where: Json = {"item_id": self.id, "content_index": 0}
        yield "response.content_part.added", {**where, "part": self.part("")}

    def closing(self) -> Iterator[tuple[str, Json]]:
        """Yield the events after the deltas."""
        yield "response.output_text.done", {**self.place, "text": self.text}
        where: Json = {"item_id": self.id, "content_index": 0}
        yield "response.content_part.done", {**where, "part": self.part(self.text)}


class Refused(Item):
    """A message that is a refusal."""

    delta: ClassVar[str] = "response.refusal.delta"

    def extra(self) -> Json:
        """Return nothing."""
        return {}

    def part(self, text: str) -> Json:
        """Return the content."""
        return {"type": "refusal", "refusal": text}

    def closing(self) -> Iterator[tuple[str, Json]]:
        """Yield the events after the deltas."""
        yield "response.refusal.done", {**self.place, "refusal": self.text}
        yield "response.content_part.done", {**self.place, "part": self.part(self.text)}


class Thought(Item):
    """Thoughts, as a summary."""

    delta: ClassVar[str] = "response.reasoning_summary_text.delta"

    @property
    def place(self) -> Json:
        """Where a delta belongs."""
        return {"item_id": self.id, "summary_index": 0}

    def part(self, text: str) -> Json:
        """Return the part of the summary."""
        return {"type": "summary_text", "text": text}

    def added(self) -> Json:
        """Return the item as it begins."""
        return {"id": self.id, "type": "reasoning", "summary": []}

    def done(self) -> Json:
        """Return the item as it ends."""
        return {**self.added(), "summary": [self.part(self.text)]}

    def opening(self) -> Iterator[tuple[str, Json]]:
        """Yield the event before the deltas."""
        yield "response.reasoning_summary_part.added", {**self.place, "part": self.part("")}

    def closing(self) -> Iterator[tuple[str, Json]]:
        """Yield the events after the deltas."""
        yield "response.reasoning_summary_text.done", {**self.place, "text": self.text}
        yield "response.reasoning_summary_part.done", {**self.place, "part": self.part(self.text)}


class Called(Item):
    """A call of a function, which grows by its arguments."""

    call_id: str = ""
    name: str = ""

    delta: ClassVar[str] = "response.function_call_arguments.delta"
    named: ClassVar[bool] = True

    @property
    def place(self) -> Json:
        """Where a delta belongs."""
        return {"item_id": self.id}

    def added(self) -> Json:
        """Return the item as it begins."""
        told: Json = {"id": self.id, "type": "function_call", "status": "in_progress", "arguments": ""}
        return {**told, "call_id": self.call_id, "name": self.name}

    def done(self) -> Json:
        """Return the item as it ends."""
        return {**self.added(), "status": "completed", "arguments": self.text}

    def opening(self) -> Iterator[tuple[str, Json]]:
        """Yield nothing."""
        yield from ()

    def closing(self) -> Iterator[tuple[str, Json]]:
        """Yield the event after the deltas."""
        yield "response.function_call_arguments.done", {**self.place, "arguments": self.text}


def item_of(part: Spoken, index: int, dice: Rng) -> Item:
    """Return a part of a script as an item."""
    drawn = spell.name(dice, 16 + index, 50, spell.HEX)
    if isinstance(part, ToolCall):
        call_id = part.id or f"call_{spell.name(dice, 1024 + index, 24)}"
        return Called(f"fc_{drawn}", part.arguments, call_id, part.name)
    if isinstance(part, Reasoning):
        return Thought(f"rs_{drawn}", part.text)
    return (Refused if isinstance(part, Refusal) else Item)(f"msg_{drawn}", part.text)


def items_of(parts: Sequence[Part], dice: Rng) -> Iterator[Item]:
    """Yield the parts of an answer as items."""
    for index, part in enumerate(parts):
        drawn = spell.name(dice, 16 + index, 50, spell.HEX)
        if part.kind == "tool":
            call_id = part.id or f"call_{spell.name(dice, 1024 + index, 24)}"
            yield Called(f"fc_{drawn}", part.text, call_id, part.name)
        elif part.kind == "reasoning":
            yield Thought(f"rs_{drawn}", part.text)
        elif part.kind in ("text", "refusal"):
            yield (Refused if part.kind == "refusal" else Item)(f"msg_{drawn}", part.text)
