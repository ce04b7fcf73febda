"""The grammar of OpenAI Chat and its variations: deltas, one reason to finish a choice, then ``[DONE]``.

As recorded: 302 of 302 streams of OpenAI end in ``[DONE]``; a variation may leave it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.generic import DONE
from streamsim.dialects.loosely import UNREADABLE
from streamsim.dialects.protocol import Dialect, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.told import Told
    from streamsim.sse import Event


class Grammar(msgspec.Struct, frozen=True):
    """What the stream has to look like.

    Attributes:
        done: ``[DONE]`` must come; else the last reason to finish ends the answer.
        repeats: A reason to finish may come again, with the usage.

    """

    done: bool = True
    repeats: bool = False

    def complete(self, told: Sequence[Told]) -> bool:
        """Tell whether every choice has its reason to finish and the end came, or an error did."""
        if any(item.failure is not None for item in told):
            return any(item.terminal for item in told) or not self.done
        begun = {piece.choice for item in told for piece in item.pieces}
        over = {number for item in told for number, _ in item.stops}
        return bool(over) and begun <= over and (not self.done or any(item.terminal for item in told))

    def problems(self, events: Sequence[Event], told: Sequence[Told]) -> list[Problem]:
        """Return where it does not."""
        found = list(self._along(events, told))
        over = {number for item in told for number, _ in item.stops}
        failed = any(item.failure is not None for item in told)
        begun = {piece.choice for item in told for piece in item.pieces} or {0}
        if not failed:
            missing = sorted(begun - over)
            found += [Problem(None, "finish_missing", f"choice {number} has no finish_reason") for number in missing]
        if self.done and not any(item.terminal for item in told):
            found.append(Problem(None, "missing_done", "the stream ends without [DONE]"))
        return found

    def _along(self, events: Sequence[Event], told: Sequence[Told]) -> Iterator[Problem]:
        over: set[int] = set()
        calls: set[tuple[int, str]] = set()
        ended = False
        for nth, (event, item) in enumerate(zip(events, told, strict=True)):
            if ended:
                rule = "duplicate_done" if event.data == DONE else "data_after_done"
                yield Problem(nth, rule, "[DONE] comes again" if event.data == DONE else "an event comes after [DONE]")
                continue
            ended = event.data == DONE
            shape = "" if ended else _shape(event)
            if shape:
                yield Problem(nth, *_SHAPES[shape])
            yield from _grown(nth, item, over, calls)
            for number, _ in item.stops:
                if number in over and not self.repeats:
                    yield Problem(nth, "finish_repeated", f"choice {number} has a second finish_reason")
                over.add(number)


_SHAPES = {
    "not_json": ("not_json", "the data is no JSON"),
    "null_chunk": ("null_chunk", "the data is null instead of a chunk"),
    "choices_null": ("choices_null", "choices is null"),
    "delta_null": ("delta_null", "a choice's delta is null"),
}


class _Choice(msgspec.Struct):
    delta: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | msgspec.UnsetType | None = msgspec.UNSET


_decoder: msgspec.json.Decoder[_Chunk | None] = msgspec.json.Decoder(_Chunk | None)


def _shape(event: Event) -> str:
    """Return what is wrong with a chunk as such."""
    try:
        chunk = _decoder.decode(event.data)
    except UNREADABLE:
        return "not_json"
    if chunk is None:
        return "null_chunk"
    if chunk.choices is None:
        return "choices_null"
    choices = chunk.choices if isinstance(chunk.choices, list) else []
    null = any(isinstance(choice.delta, msgspec.Raw) and bytes(choice.delta) == b"null" for choice in choices)
    return "delta_null" if null else ""


def _grown(nth: int, item: Told, over: set[int], calls: set[tuple[int, str]]) -> Iterator[Problem]:
    for piece in item.pieces:
        if piece.choice in over and (piece.text or piece.name):
            yield Problem(nth, "content_after_finish", f"choice {piece.choice} grows after its finish_reason")
        if piece.kind != "tool":
            continue
        if not piece.call.isdigit() and piece.call != "function_call":
            yield Problem(nth, "tool_index_missing", "a tool call has no index")
        if (piece.choice, piece.call) not in calls and not piece.name:
            yield Problem(nth, "tool_name_late", f"tool call {piece.call or '?'} begins without a name")
        calls.add((piece.choice, piece.call))


class Choices(Dialect):
    """A dialect of this grammar."""

    grammar: ClassVar[Grammar]

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is missing, doubled, out of order, or no JSON."""
        return self.grammar.problems(events, [self.tell(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether every choice has its reason to finish and the end came, or an error did."""
        return self.grammar.complete([self.tell(event) for event in events])
