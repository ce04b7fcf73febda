"""Answers of providers, cut anew: their text must not change.

Law: what is judged are streams that providers' own writers make; what is known to be broken without them is left out.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from streamsim.conformance.sample import BOM, Sample, line_of
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Reasoning, Say, Text
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXAMPLES: Final = 60

_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\r|\n)")
_WORDS: Final = (
    "Hello",
    " world",
    "\u00e9",
    "\U0001f642",
    "\n",
    "\u2028",
    ' "quoted"',
    "{",
    "[DONE]",
    "data: x",
    "\u597d",
)


def answers(dice: Rng) -> Iterator[Sample]:
    """Yield streams of providers without end, whatever their dialect, each cut in places of its own."""
    nth = 0
    while True:
        data = _written(nth % len(_writers()), *(dice.below(nth * 16 + part, len(_WORDS)) for part in range(4)))
        cuts = {dice.below(nth * 16 + 4 + part, len(data)) for part in range(dice.below(nth * 16 + 12, 8))}
        yield taken_apart([data[start:end] for start, end in pairwise(sorted({0, *cuts, len(data)}))])
        nth += 1


@cache
def _writers() -> list[str]:
    """Return the dialects that are written as event streams."""
    found: list[str] = []
    for dialect in BY_NAME.values():
        headers = () if dialect.writer is None else dialect.writer.headers(Rng(0), stream=True)
        if any(key.lower() == "content-type" and "event-stream" in value for key, value in headers):
            found.append(dialect.name)
    return found


def _written(which: int, *words: int) -> bytes:
    first, *rest = (_WORDS[word] for word in words)
    name = _writers()[which]
    writer = BY_NAME[name].writer
    say = Say((Reasoning(first), Text("".join(rest))))
    return b"" if writer is None else b"".join(chunk.data for chunk in writer.write(say, Rng(0)))


def taken_apart(chunks: Sequence[bytes]) -> Sample:
    """Return the sample that has these chunks."""
    data = b"".join(chunks)
    mark = BOM if data.startswith(BOM) else b""
    found = list(_LINE.finditer(data, len(mark)))
    rest = data[found[-1].end() if found else len(mark) :]
    lines = tuple(line_of(each[1]) for each in found)
    cuts = tuple(accumulate(map(len, chunks[:-1])))
    return Sample(mark, lines, tuple(each[2] for each in found), rest, cuts)
