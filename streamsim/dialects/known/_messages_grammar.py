"""The grammar of Anthropic's messages: start, blocks one after the other, delta with the reason, stop; and pings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.sse import Event


class _Delta(msgspec.Struct):
    stop_reason: str | None = None


class _Chunk(msgspec.Struct):
    type: str | None = None
    index: int | None = None
    delta: _Delta | None = None


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)


def complete(events: Sequence[Event]) -> bool:
    """Tell whether every block that began has stopped and the message too, or an error came."""
    state = _State()
    for nth, event in enumerate(events):
        state.take(nth, event)
    return state.failed or (state.started and state.reason and state.stopped and not state.open)


def problems(events: Sequence[Event]) -> list[Problem]:
    """Return where the grammar is broken, and what is missing at the end."""
    state = _State()
    for nth, event in enumerate(events):
        state.take(nth, event)
    if not state.failed:
        state.close()
    return state.found


class _State:
    """How far a message is."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.started = self.reason = self.delta = self.stopped = self.failed = False
        self.open: set[int] = set()
        self.blocks = 0
        self._nth = 0
        self._takers: dict[str, Callable[[_Chunk], None]] = {
            "message_start": self._start,
            "content_block_start": self._block_start,
            "content_block_delta": self._block_delta,
            "content_block_stop": self._block_stop,
            "message_delta": self._message_delta,
            "message_stop": self._stop,
        }

    def take(self, nth: int, event: Event) -> None:
        """Take the next event."""
        self._nth = nth
        if self.stopped or self.failed:
            self._wrong("data_after_stop", f"{event.type} comes after the end")
            return
        if event.type == "error":
            self.failed = True
            return
        if event.type == "ping":
            return
        taker = self._takers.get(event.type)
        if taker is None:
            self._wrong("unknown_event", f"no event is called {event.type}")
            return
        if not self.started and event.type != "message_start":
            self._wrong("no_message_start", f"{event.type} comes before message_start")
            self.started = True  # said once
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            self._wrong("not_json", "the data is no JSON object")
            chunk = _Chunk(event.type)
        if chunk.type != event.type:
            self._wrong("type_mismatch", f"event {event.type} has data of type {chunk.type}")
        taker(chunk)

    def close(self) -> None:
        """Take note that nothing more comes."""
        missing = (
            (self.started, "no_message_start", "there is no message_start"),
            (not self.open, "block_not_stopped", f"no content_block_stop for {sorted(self.open)}"),
            (self.delta, "no_message_delta", "there is no message_delta"),
            (self.reason or not self.delta, "finish_missing", "message_delta has no stop_reason"),
            (self.stopped, "no_message_stop", "there is no message_stop"),
        )
        self.found += [Problem(None, rule, message) for fine, rule, message in missing if not fine]

    def _wrong(self, rule: str, message: str) -> None:
        self.found.append(Problem(self._nth, rule, message))

    def _start(self, _: _Chunk) -> None:
        if self.started:
            self._wrong("message_start_repeated", "message_start comes again")
        self.started = True

    def _block_start(self, chunk: _Chunk) -> None:
        if chunk.index != self.blocks:
            self._wrong("block_index_gap", f"block {chunk.index} begins where {self.blocks} is due")
        if self.open:
            self._wrong("block_not_stopped", f"block {chunk.index} begins before {max(self.open)} has stopped")
        self.blocks = (self.blocks if chunk.index is None else chunk.index) + 1
        self.open.add(self.blocks - 1)

    def _block_delta(self, chunk: _Chunk) -> None:
        if self.delta:
            self._wrong("content_after_finish", "a block grows after message_delta")
        elif chunk.index not in self.open:
            self._wrong("delta_before_start", f"block {chunk.index} grows but is not open")

    def _block_stop(self, chunk: _Chunk) -> None:
        if chunk.index not in self.open:
            self._wrong("stop_before_start", f"block {chunk.index} stops but is not open")
        self.open.discard(-1 if chunk.index is None else chunk.index)

    def _message_delta(self, chunk: _Chunk) -> None:
        if self.open:
            self._wrong("block_not_stopped", f"message_delta comes before block {max(self.open)} has stopped")
            self.open.clear()
        reason = chunk.delta is not None and bool(chunk.delta.stop_reason)
        if reason and self.reason:
            self._wrong("finish_repeated", "a second message_delta has a stop_reason")
        self.delta = True
        self.reason = self.reason or reason

    def _stop(self, _: _Chunk) -> None:
        self.stopped = True
