"""How a stream's bytes come: every way of cutting them, those that hurt more often.

Law: chunks joined are the bytes; the simplest chunking is the uncut one.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from hypothesis import strategies as st

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
    if how == "bytewise":
        return st.just(_cut(data, range(1, len(data))))
    if how == "every":
        return st.integers(0, (1 << max(0, len(data) - 1)) - 1).map(lambda bits: _cut(data, _places(bits)))
    if how == "adversarial":
        places = _hurting(data)
        return st.lists(st.sampled_from(places), max_size=6).map(lambda chosen: _cut(data, sorted(chosen)))
    return st.one_of(
        st.just(Chunks([data])), chunkings(data, "adversarial"), chunkings(data, "every"), chunkings(data, "bytewise")
    )


def _places(bits: int) -> list[int]:
    return [place + 1 for place in range(bits.bit_length()) if bits >> place & 1]


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
