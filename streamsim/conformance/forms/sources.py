"""Chunks handed out one by one, with a count.

Law: who pulls a chunk has seen those before it; who pulls past the last one has seen the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence


class Source:
    """The chunks of one stream.

    Attributes:
        given: How many were pulled; one more than there are once the end was met.
        first: Chunks of the connection before.

    """

    def __init__(self, chunks: Sequence[bytes], meanwhile: Callable[[], None] | None = None, after: int = 0) -> None:
        self._chunks = chunks
        self._meanwhile = meanwhile
        self._after = after
        self.given = 0
        self.first: Sequence[bytes] = ()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks; once ``after`` were given, and before the next, do what was asked for."""
        for chunk in self._chunks:
            self._look_up()
            self.given += 1
            yield chunk
        self._look_up()
        self.given += 1

    def _look_up(self) -> None:
        if self._meanwhile is not None and self.given == self._after:
            self._meanwhile()


class AsyncSource:
    """The same for asynchronous readers."""

    def __init__(self, source: Source) -> None:
        self._chunks = iter(source)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return itself."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next chunk."""
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Do nothing: readers close what they read from."""
