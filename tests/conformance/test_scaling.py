"""Large streams: what they hold, and what is told of readers that take too long."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance import Policy
from streamsim.conformance.expected import due, sound
from streamsim.conformance.forms.pulling import OfChunks
from streamsim.conformance.scaling import scaling
from streamsim.conformance.shapes import SHAPES, Shape
from streamsim.sse import Parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.sse import Event

PAYLOAD = Policy(payload='{"text":TEXT}')
LINES = Policy(payload='{"text":TEXT}', ndjson=True)
SIZE = 4096


def _time_only(rule: str) -> bool:
    return rule == "linear-time"


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
    found = list(scaling(Slow(), PAYLOAD, _time_only))
    assert [(each.shape, each.size) for each in found] == [("one long line in chunks of 1 KiB", 65536)]


class SlowWithNames(OfChunks):
    """Reads lines. Its work is every byte of a name that is unfinished, with each chunk."""

    def __init__(self) -> None:
        super().__init__(self._events, "slow with names")
        self._work = 0.0

    def at_work_s(self) -> float:
        return self._work

    def _events(self, chunks: Iterable[bytes]) -> Iterator[Event]:
        parser, held = Parser(), b""
        for chunk in chunks:
            held += chunk
            self._work += (len(held) if held.startswith(b"event") else len(chunk)) / 1e6
            held = held[-1:] if b"\n" in held[-2:] else held
            yield from parser.feed(chunk)


def test_every_part_of_a_stream_can_be_large() -> None:
    """Names, too."""
    found = list(scaling(SlowWithNames(), Policy(), _time_only))
    assert [(each.rule, each.features) for each in found] == [("linear-time", ("a name in chunks",))]


def test_time_that_is_over_ends_it() -> None:
    """Between two shapes, and between two sizes of one."""
    left = iter([False, False, True])
    target = Slow()
    assert list(scaling(target, PAYLOAD, _time_only, over=lambda: next(left, True))) == []
    assert 0 < target.at_work_s() < 0.02
