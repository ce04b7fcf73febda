"""How a stream's bytes come: every way of cutting them, those that hurt more often.

Law: chunks joined are the bytes; the simplest chunking is the uncut one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hypothesis import strategies as st

from streamsim.strategies.tapes import of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

How: TypeAlias = Literal["any", "every", "bytewise", "adversarial"]


class Chunks(tuple[bytes, ...]):
    """Chunks of one stream; ``data`` joins them."""

    __slots__ = ()

    @property
    def data(self) -> bytes:
        """The bytes, uncut."""
        return b"".join(self)

    def __repr__(self) -> str:
        """Say it as a list that can be pasted."""
        return f"[{', '.join(map(repr, self))}]"


def chunkings(data: bytes, how: How = "any") -> st.SearchStrategy[Chunks]:
    """Return ways to cut ``data``.

    Args:
        data: The stream.
        how: ``every``: any subset of all places; ``bytewise``: byte by byte, the only one there is; ``adversarial``:
            inside CRLF, characters and the byte order mark, at blank lines, with empty chunks; ``any``: uncut, or one
            of these.

    """
    return told(lambda tape: cut(data, tape, how), _tape(len(data) + 1 if how != "bytewise" else 0))


def cut(data: bytes, tape: bytes, how: How) -> Chunks:
    """Return ``data`` cut where the tape says; uncut for an empty one, unless it is ``bytewise``."""
    return _WAYS[how](data, tape)


_HURTS: Final = 6
"""Cuts that hurt, at most."""
_APART: Final = 32
"""How many distances to the next cut a byte of a tape can say."""
_EVERY: Final = 128  # from here on, any subset of all places
_BYTEWISE: Final = 224  # and from here on, all of them


@cache
def _tape(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=size)


def _adversarial(data: bytes, tape: bytes) -> Chunks:
    """Cut at a place that hurts for each two bytes."""
    places = _hurting(data)
    chosen = [of(places, first | second << 8) for first, second in zip(tape[::2], tape[1::2], strict=False)]
    return _cut(data, sorted(chosen[:_HURTS]))


def _every(data: bytes, tape: bytes) -> Chunks:
    """Cut as far after the last cut as each byte says."""
    places: list[int] = []
    place = 0
    for byte in tape:
        step = byte % _APART + 1
        if step == _APART:  # only further
            place += step - 1
        elif (place := place + step) < len(data):
            places.append(place)
    return _cut(data, places)


def _bytewise(data: bytes, _: bytes) -> Chunks:
    return _cut(data, range(1, len(data)))


def _any(data: bytes, tape: bytes) -> Chunks:
    """Cut in the way that the first byte says, where the others say; not at all if there is none."""
    if not tape or tape[0] < _EVERY:
        return _adversarial(data, tape[1:])
    return (_every if tape[0] < _BYTEWISE else _bytewise)(data, tape[1:])


_WAYS: Final = {"any": _any, "every": _every, "bytewise": _bytewise, "adversarial": _adversarial}


def _cut(data: bytes, places: Sequence[int]) -> Chunks:
    """Cut; of two equal places one makes an empty chunk."""
    return Chunks(data[start:end] for start, end in pairwise((0, *places, len(data))))


@lru_cache(maxsize=1024)
def _hurting(data: bytes) -> list[int]:
    """Return where a cut hurts, inside CRLF first; at least the end, where it makes an empty chunk."""
    ranked: list[tuple[int, int]] = [(4, len(data))]
    for place in range(1, len(data)):
        before, after = data[place - 1], data[place]
        if before == 0x0D and after == 0x0A:
            ranked.append((0, place))
        elif 0x80 <= after <= 0xBF:
            ranked.append((1, place))
        elif before in b"\r\n" and after in b"\r\n":
            ranked.append((2, place))
        elif before in b"\r\n":
            ranked.append((3, place))
    return [place for _, place in sorted(ranked)]
