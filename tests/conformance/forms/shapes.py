"""Right parsers, one of each form that people give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamsim.sse import Event, Parser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence


def of_chunks(chunks: Iterable[bytes]) -> Iterator[Event]:
    parser = Parser()
    for chunk in chunks:
        yield from parser.feed(chunk)


def of_bytes(data: bytes) -> Sequence[Event]:
    return Parser().feed(data)


def decoded() -> Parser:
    """Return a parser of what was decoded: the byte order mark is gone, and another one is a character."""
    parser = Parser()
    parser.feed(b"\xef\xbb\xbf")
    return parser


def of_text_chunks(chunks: Iterable[str]) -> Iterator[Event]:
    parser = decoded()
    for chunk in chunks:
        yield from parser.feed(chunk.encode())


def of_text(text: str) -> Sequence[Event]:
    return decoded().feed(text.encode())


def of_lines(lines: Iterable[str]) -> Iterator[Event]:
    return of_text_chunks(f"{line}\n" for line in lines if "\n" not in line)


def of_byte_lines(lines: Iterable[bytes]) -> Iterator[Event]:
    return of_lines(line.decode() for line in lines)


def sent() -> Generator[Sequence[Event], bytes]:
    parser = Parser()
    events: Sequence[Event] = ()
    while True:
        events = parser.feed((yield events))


def sent_text() -> Generator[Sequence[Event], str]:
    parser = decoded()
    events: Sequence[Event] = ()
    while True:
        events = parser.feed((yield events).encode())


def sent_and_calling_back(on_event: Callable[[Event], None]) -> Generator[None, bytes]:
    parser = Parser()
    while True:
        for event in parser.feed((yield)):
            on_event(event)


class FedWithText:
    def __init__(self) -> None:
        self._parser = decoded()

    def feed(self, text: str) -> Sequence[Event]:
        return self._parser.feed(text.encode())


class FedWithLines:
    """Gives one event or none."""

    def __init__(self) -> None:
        self._parser = decoded()

    def decode(self, line: str) -> dict[str, str] | None:
        for event in self._parser.feed(f"{line}\n".encode() if "\n" not in line else b""):
            return {"data": event.data, "event": event.type, "id": event.id}
        return None


class OfSource:
    """Is no iterator, but has a method that gives one."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    def events(self) -> Iterator[Event]:
        return of_chunks(self._chunks)


class OfResponse:
    """The same, of a response of httpx."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def iter_sse(self) -> Iterator[Event]:
        return of_chunks(self._response.iter_bytes())


def of_content(response: Any) -> Iterator[Event]:
    return of_chunks(response.iter_content(chunk_size=None))


async def of_async_chunks(chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    parser = Parser()
    async for chunk in chunks:
        for event in parser.feed(chunk):
            yield event


async def of_async_text(chunks: AsyncIterator[str]) -> AsyncIterator[Event]:
    parser = decoded()
    async for chunk in chunks:
        for event in parser.feed(chunk.encode()):
            yield event


async def of_async_lines(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    parser = decoded()
    async for line in lines:
        for event in parser.feed(f"{line}\n".encode() if "\n" not in line else b""):
            yield event


async def of_async_bytes(data: bytes) -> Sequence[Event]:
    return of_bytes(data)


async def of_async_response(response: Any) -> AsyncIterator[Event]:
    async for event in of_async_chunks(response.aiter_bytes()):
        yield event


class Subscribed:
    """Calls whoever asked for it; a method that takes a name, too, is none that asks."""

    def __init__(self) -> None:
        self._parser = Parser()
        self._callbacks: list[Callable[[Event], object]] = []

    def subscribe(self, callback: Callable[[Event], object]) -> None:
        self._callbacks.append(callback)

    def feed(self, data: bytes) -> None:
        for event in self._parser.feed(data):
            for callback in self._callbacks:
                callback(event)
