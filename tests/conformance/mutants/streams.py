"""Faults of meanings, chunks, times and instances."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from tests.conformance.mutants.plain import Event, Plain

if TYPE_CHECKING:
    from collections.abc import Iterator


class StopsAtDone(Plain):
    over: bool = False

    def dispatched(self) -> Event | None:
        event = None if self.over else super().dispatched()
        if event and event.data == "[DONE]":
            self.over = True
            return None
        return event


class SkipsDone(Plain):
    def dispatched(self) -> Event | None:
        event = super().dispatched()
        return None if event and event.data == "[DONE]" else event


class ReadsJson(Plain):
    """What is JSON is read, and said in other words."""

    def made(self) -> Event:
        event = super().made()
        try:
            return event._replace(data=str(json.loads(event.data)))
        except ValueError:
            return event


class CutsAtNul(Plain):
    def made(self) -> Event:
        event = super().made()
        return event._replace(data=event.data.partition("\0")[0])


class NoErrors(Plain):
    """An event called error is raised."""

    def made(self) -> Event:
        if self.event == "error":
            raise RuntimeError(self.data)
        return super().made()


class Flushes(Plain):
    """What is unfinished at the end is delivered."""

    def close(self) -> Iterator[Event]:
        if self.rest:
            self.line(self.rest)
        event = self.dispatched()
        if event is not None:
            yield event


class Forgets(Plain):
    """Nothing of an unfinished line is kept."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.rest = ""
        return super().feed(chunk)


class EveryChunkNew(Plain):
    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.rest = ""
        self.clear()
        return super().feed(chunk)


class OneAChunk(Plain):
    """One event comes out of a chunk; the others stay for later."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Event] = []

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.waiting += super().feed(chunk)
        yield from self.waiting[:1]
        del self.waiting[:1]

    def close(self) -> list[Event]:
        return self.waiting


class FirstOfChunk(Plain):
    def feed(self, chunk: bytes) -> Iterator[Event]:
        yield from list(super().feed(chunk))[:1]


class EmptyIsEnd(Plain):
    """An empty chunk is taken for the end."""

    over = False

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.over = self.over or not chunk
        return iter(()) if self.over else super().feed(chunk)


class OneLate(Plain):
    """An event is given out when the next one comes."""

    held: Event | None = None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        for event in super().feed(chunk):
            if self.held:
                yield self.held
            self.held = event

    def close(self) -> list[Event]:
        return [self.held] if self.held else []


class SharedData(Plain):
    """A list in the class belongs to all."""

    kept: ClassVar[list[str]] = []

    def clear(self) -> None:
        super().clear()
        self.data = self.kept

    def dispatched(self) -> Event | None:
        event = super().dispatched()
        self.kept.clear()
        return event


class SharedId(Plain):
    last: ClassVar[list[str]] = [""]

    def field(self, name: str, value: str) -> None:
        super().field(name, value)
        if name == "id":
            self.last[0] = self.id

    def made(self) -> Event:
        return super().made()._replace(id=self.last[0])


class KeepsEvents(Plain):
    """What was given out is kept for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Event] = []

    def made(self) -> Event:
        self.given.append(super().made())
        return self.given[-1]


class KeepsBytes(Plain):
    """So is what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.read = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.read += chunk
        return super().feed(chunk)


class KeepsComments(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.comments: list[str] = []

    def field(self, name: str, value: str) -> None:
        if name:
            super().field(name, value)
        else:
            self.comments.append(value)
