"""Requests that came whole in one read, by their bytes: whoever retries, or loads a server, repeats itself.

Law: what is remembered is equal to what reading the bytes once more would give.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Request = TypeVar("Request")

# Bytes of all that is remembered, and what one request takes besides its own.
ROOM: Final = 1 << 20
EACH: Final = 2 << 10


class Repeats(Generic[Request]):
    """What was heard last. Who came first has to go when room is short."""

    __slots__ = ("_known", "_size")

    def __init__(self) -> None:
        self._known: dict[bytes, Request] = {}
        self._size = 0

    def get(self, data: bytes) -> Request | None:
        """Return the request whose bytes are ``data``."""
        return self._known.get(data)

    def put(self, data: bytes, request: Request) -> None:
        """Remember ``request``, which was not known."""
        self._known[data] = request
        self._size += _taken(data)
        while self._size > ROOM:
            first = next(iter(self._known))
            del self._known[first]
            self._size -= _taken(first)


def _taken(data: bytes) -> int:
    return 2 * len(data) + EACH
