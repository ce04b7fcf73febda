"""Parsers with one fault each, around a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.sse import Event, Parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def right(chunks: Iterable[bytes]) -> Iterator[Event]:
    parser = Parser()
    for chunk in chunks:
        yield from parser.feed(chunk)


def of_bytes(data: bytes) -> Sequence[Event]:
    return Parser().feed(data)


def crashes_on_nul(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        if "\0" in event.data:
            raise RuntimeError("NUL")
        yield event


def splits_at_separators(chunks: Iterable[bytes]) -> Iterator[Event]:
    return right(
        "\n".join(chunk.decode("utf-8", "replace").splitlines()).encode() + b"\n\n"[: _ends(chunk)] for chunk in chunks
    )


def _ends(chunk: bytes) -> int:
    return 2 if chunk.endswith((b"\n\n", b"\r\n\r\n", b"\r\r")) else int(chunk.endswith((b"\n", b"\r")))


def flushes(chunks: Iterable[bytes]) -> Iterator[Event]:
    def more() -> Iterator[bytes]:
        yield from chunks
        yield b"\n\n"

    return right(more())


def waits(chunks: Iterable[bytes]) -> Iterator[Event]:
    held: list[Event] = []
    parser = Parser()
    for chunk in chunks:
        yield from held
        held = list(parser.feed(chunk))
    yield from held


def stops_when_done(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        if event.data == "[DONE]":
            return
        yield event


def two_faults(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        if event.data:
            yield Event(event.data.lstrip(" "), event.type, event.id)


class Shared:
    """All instances write into one parser."""

    parser = Parser()

    def feed(self, chunk: bytes) -> Sequence[Event]:
        return self.parser.feed(chunk)


class CalledBack:
    """Hands its events to a callback."""

    def __init__(self, callback: object) -> None:
        self._callback = callback
        self._parser = Parser()

    def feed(self, chunk: bytes) -> None:
        for event in self._parser.feed(chunk):
            assert callable(self._callback)
            self._callback(event)


class Quadratic:
    """Looks at the unfinished line anew with every chunk."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        self._held += chunk
        if not self._held.endswith(b"\n\n"):
            self._held.translate(None, b"x")
            return []
        events = Parser().feed(self._held)
        self._held = b""
        return events
