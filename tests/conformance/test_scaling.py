"""Large streams: what they hold, and what is told of readers that take too long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance import Policy
from streamsim.conformance.expected import due, sound
from streamsim.conformance.forms.pulling import OfChunks
from streamsim.conformance.scaling import SHAPES, Shape, scaling
from streamsim.sse import Parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAYLOAD = Policy(payload='{"text":TEXT}')
LINES = Policy(payload='{"text":TEXT}', ndjson=True)
SIZE = 4096


class Slow(OfChunks):
    """Reads payloads. Its work is every byte that it looks at: with each chunk, all of the line that is unfinished."""

    def __init__(self) -> None:
        super().__init__(self._texts, "slow")
        self._work = 0.0

    def at_work_s(self) -> float:
        return self._work

    def _texts(self, chunks: Iterable[bytes]) -> Iterator[str]:
        parser, held = Parser(), 0
        for chunk in chunks:
            held += len(chunk)
            self._work += held / 1e6
            held = min(held, len(chunk) - chunk.rfind(b"\n") - 1) if b"\n" in chunk else held
            for event in parser.feed(chunk):
                yield json.loads(event.data)["text"]


@pytest.mark.parametrize("policy", [Policy(), PAYLOAD, LINES])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_holds_what_it_says(shape: Shape, policy: Policy) -> None:
    """In every form of data, the standard sees the events that the shape calls right."""
    held = shape.holding(policy)
    if held is None:
        assert policy.payload
        return
    data = b"".join(held.chunks(SIZE))
    events = due(data, policy, frozenset())
    assert sound(data, policy)
    assert (len(events), sum(len(each.event.data) for each in events)) == held.right(SIZE)


def test_a_slow_reader_of_payloads_is_told() -> None:
    """Whoever looks at an unfinished line anew with each chunk is found, once, by the work that it does."""
    found = list(scaling(Slow(), PAYLOAD, lambda rule: rule == "linear-time", ()))
    assert [(each.shape, each.size) for each in found] == [("one long line in chunks of 1 KiB", 65536)]
