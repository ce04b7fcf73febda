"""The grammar of OpenAI's responses: created, items that are added, grow and are done, and one last event.

As recorded: ``sequence_number`` counts from 0 without a gap (144 of 151 streams; six proxies leave it out, one begins
at 1), and the type of the event is that of its data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.sse import Event

_FIRST = ("response.created", "response.queued")
_LAST = frozenset(("response.completed", "response.incomplete", "response.failed"))


class _Typed(msgspec.Struct):
    type: str = ""


class _Chunk(msgspec.Struct):
    type: str = ""
    sequence_number: int | None = None
    output_index: int | None = None


_typed_decoder: msgspec.json.Decoder[_Typed] = msgspec.json.Decoder(_Typed)
_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)


def type_of(event: Event) -> str:
    """Return the event's type, from its data where there is no ``event`` line."""
    if event.type != "message":
        return event.type
    told = decoded(_typed_decoder, event.data)
    return told.type if told is not None else ""


def problems(events: Sequence[Event]) -> list[Problem]:
    """Return where the grammar is broken, and what is missing at the end."""
    state = _State()
    for nth, event in enumerate(events):
        state.take(nth, event)
    if not state.ended:
        state.found += [
            Problem(None, "item_not_done", f"item {index} is not done") for index in sorted(state.items - state.done)
        ]
        state.found.append(Problem(None, "no_last_event", "there is no response.completed, .incomplete or .failed"))
    return state.found


class _State:
    """How far a response is."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.items: set[int] = set()
        self.done: set[int] = set()
        self.ended = False
        self._error = False
        self._number: int | None = None
        self._nth = 0

    def take(self, nth: int, event: Event) -> None:
        """Take the next event."""
        self._nth = nth
        kind = type_of(event)
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            self._wrong("not_json", "the data is no JSON object")
            return
        if self.ended and not (self._error and kind in _LAST):
            self._wrong("data_after_end", f"{kind or 'an event'} comes after the last event")
            return
        if kind != "error" and not kind.startswith("response."):
            self._wrong("unknown_event", f"no event is called {kind or event.type}")
            return
        if nth == 0 and kind not in _FIRST and kind != "error":
            self._wrong("no_created", f"{kind} comes before response.created")
        if chunk.type != kind:
            self._wrong("type_mismatch", f"event {kind} has data of type {chunk.type or '?'}")
        self._count(chunk.sequence_number)
        self._item(kind, chunk.output_index)
        self._error = kind == "error"
        self.ended = self._error or kind in _LAST

    def _wrong(self, rule: str, message: str) -> None:
        self.found.append(Problem(self._nth, rule, message))

    def _count(self, number: int | None) -> None:
        if number is not None and self._number is not None and number != self._number + 1:
            self._wrong("sequence_gap", f"sequence_number {number} comes after {self._number}")
        self._number = self._number if number is None else number

    def _item(self, kind: str, index: int | None) -> None:
        if kind == "response.completed" and self.items - self.done:
            self._wrong("item_not_done", f"completed before item {min(self.items - self.done)} is done")
        if index is None:
            return
        if kind == "response.output_item.added":
            if index in self.items:
                self._wrong("item_repeated", f"item {index} is added again")
            self.items.add(index)
        elif kind == "response.output_item.done":
            if index not in self.items:
                self._wrong("done_before_added", f"item {index} is done but was not added")
            self.done.add(index)
        elif kind.endswith(".delta"):
            self._grown(index)

    def _grown(self, index: int) -> None:
        if index not in self.items:
            self._wrong("delta_before_start", f"item {index} grows but was not added")
        elif index in self.done:
            self._wrong("content_after_done", f"item {index} grows after it is done")
