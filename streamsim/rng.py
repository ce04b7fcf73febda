"""Random integers that no Python version, platform or neighbour can change.

The law: a draw is a function of the seed, the path and its own number, and of nothing drawn before it. So adding a
fault, or skipping a draw, moves no other draw.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import chain, islice
from struct import Struct

_WORDS = Struct(">8Q")


class Rng:
    """An endless table of 64-bit integers named by a seed and a path.

    Path items are length-prefixed before they are hashed, so ``("ab", "c")`` and ``("a", "bc")`` are two tables.
    """

    __slots__ = ("_block", "_key", "_words")

    def __init__(self, seed: int, *path: str) -> None:
        named = b"".join(b"%d:%b" % (len(part), part) for part in map(str.encode, (str(seed), *path)))
        self._key = blake2b(named, digest_size=32).digest()
        self._block = -1
        self._words: tuple[int, ...] = ()

    def word(self, nth: int) -> int:
        """Return entry ``nth`` of the table, uniform in ``range(2**64)``."""
        block, place = divmod(nth, 8)
        if block != self._block:
            self._words = _WORDS.unpack(blake2b(block.to_bytes(8, "big"), key=self._key).digest())
            self._block = block
        return self._words[place]

    def words(self, first: int, count: int) -> list[int]:
        """Return entries ``first`` and the next, ``count`` in all."""
        blocks = range(first // 8, (first + count + 7) // 8)
        told = [_WORDS.unpack(blake2b(block.to_bytes(8, "big"), key=self._key).digest()) for block in blocks]
        start = first % 8
        return list(islice(chain.from_iterable(told), start, start + count))

    def below(self, nth: int, bound: int) -> int:
        """Return draw ``nth``, uniform in ``range(bound)`` for any ``bound`` from 1 to 2**64, without bias."""
        limit = _limit(bound)
        draw = self.word(nth)
        retry = 0
        while draw >= limit:
            retry += 1
            again = b"%d/%d" % (nth, retry)
            draw = int.from_bytes(blake2b(again, key=self._key, digest_size=8).digest(), "big")
        return draw % bound

    def draws(self, first: int, count: int, bound: int) -> list[int]:
        """Return draw ``first`` and the next, ``count`` in all, each as `below` gives it."""
        limit = _limit(bound)
        words = self.words(first, count)
        if max(words, default=0) < limit:
            return [word % bound for word in words]
        return [self.below(nth, bound) for nth in range(first, first + count)]

    def between(self, nth: int, low: int, high: int) -> int:
        """Return draw ``nth``, uniform from ``low`` to ``high``, both ends included."""
        return low + self.below(nth, high - low + 1)

    def hits(self, nth: int, parts: int, out_of: int) -> bool:
        """Return True with probability ``parts / out_of``, exactly."""
        return self.below(nth, out_of) < parts


def _limit(bound: int) -> int:
    """Return the first word that would favour the low ones of ``bound`` numbers, so that it is drawn again."""
    if not 1 <= bound <= 1 << 64:
        raise ValueError(f"bound must be from 1 to 2**64, got {bound}")
    return (1 << 64) - (1 << 64) % bound
