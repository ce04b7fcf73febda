"""Chunks handed out one by one, with a count, as bytes, as text or as lines.

Law: who pulls a chunk has seen those before it; who pulls past the last one has seen the end. Who takes text leaves
decoding to others, and who takes lines the ends of lines, too: that is then done as the standard says.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from itertools import chain, repeat
from typing import TYPE_CHECKING, Generic, TypeVar

from streamsim.conformance import oracle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

T = TypeVar("T")


class Source:
    """The chunks of one stream.

    Attributes:
        given: How many were pulled; one more than there are once the end was met.
        first: Chunks of the connection before.
        times: How often they are handed out, one round after the other.

    """

    def __init__(self, chunks: Sequence[bytes], meanwhile: Callable[[], None] | None = None, after: int = 0) -> None:
        self._chunks = chunks
        self._meanwhile = meanwhile
        self._after = after
        self.given = 0
        self.first: Sequence[bytes] = ()
        self.times = 1

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks; once ``after`` were given, and before the next, do what was asked for."""
        for chunk in chain.from_iterable(repeat(self._chunks, self.times)):
            self._look_up()
            self.given += 1
            yield chunk
        self._look_up()
        self.given += 1

    def _look_up(self) -> None:
        if self._meanwhile is not None and self.given == self._after:
            self._meanwhile()


def texts(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield each chunk decoded; the bytes of a character come together, and a byte order mark goes."""
    decoder = getincrementaldecoder("utf-8-sig")("replace")
    for chunk in chunks:
        text = decoder.decode(chunk)
        if text or not chunk:
            yield text
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest


def text(chunks: Iterable[bytes]) -> str:
    """Return the whole stream, decoded."""
    return "".join(texts(chunks))


def lines(chunks: Iterable[bytes]) -> list[str]:
    """Return the lines of the whole stream, decoded, without their ends and without what no line end follows."""
    return [line for line, _ in oracle.lines(b"".join(chunks))[0]]


def byte_lines(chunks: Iterable[bytes]) -> list[bytes]:
    """Return the same as bytes."""
    return [line.encode() for line in lines(chunks)]


class AsyncSource(Generic[T]):
    """The same for asynchronous readers."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = iter(items)

    def __aiter__(self) -> AsyncIterator[T]:
        """Return itself."""
        return self

    async def __anext__(self) -> T:
        """Return the next chunk."""
        for item in self._items:
            return item
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Do nothing: readers close what they read from."""
