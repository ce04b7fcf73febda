"""Answers of providers, cut anew: their text must not change.

Law: what is judged are streams that providers' own writers make; what is known to be broken without them is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamsim.conformance.sample import BOM, Sample, line_of
from streamsim.strategies import chunkings, provider_streams

if TYPE_CHECKING:
    from hypothesis import strategies as st

EXAMPLES: Final = 60

_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\r|\n)")


def answers() -> st.SearchStrategy[Sample]:
    """Return streams of providers, cut in any way."""
    return provider_streams().flatmap(lambda chunks: chunkings(chunks.data)).map(taken_apart)


def taken_apart(chunks: tuple[bytes, ...]) -> Sample:
    """Return the sample that has these chunks."""
    data = b"".join(chunks)
    mark = BOM if data.startswith(BOM) else b""
    found = list(_LINE.finditer(data, len(mark)))
    rest = data[found[-1].end() if found else len(mark) :]
    cuts: list[int] = []
    for chunk in chunks[:-1]:
        cuts.append((cuts[-1] if cuts else 0) + len(chunk))
    lines = tuple(line_of(each[1]) for each in found)
    return Sample(mark, lines, tuple(each[2] for each in found), rest, tuple(cuts))
