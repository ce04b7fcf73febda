"""Streams and everything around them, drawn by hypothesis.

Needs the extra ``fuzz``. What is drawn shrinks to what a person would write, and is said in a way that a person reads.

    from streamsim.strategies import Chunks, chunked_streams

    @given(chunked_streams("nearly valid"))
    def test_my_parser(chunks: Chunks) -> None: ...
"""

from __future__ import annotations

from streamsim.strategies.cutting import Chunks, chunkings
from streamsim.strategies.planning import plans
from streamsim.strategies.profiling import faults, pacings, profiles
from streamsim.strategies.providers import provider_streams, says
from streamsim.strategies.streams import chunked_streams, fields, frames, lines, streams, values

__all__ = [
    "Chunks",
    "chunked_streams",
    "chunkings",
    "faults",
    "fields",
    "frames",
    "lines",
    "pacings",
    "plans",
    "profiles",
    "provider_streams",
    "says",
    "streams",
    "values",
]
