"""Protocols in which every block has to have certain lines can be tried with them."""

from __future__ import annotations

import pytest

from streamsim.conformance import Policy, find
from streamsim.conformance.anatomy import blocks
from streamsim.conformance.features import NAMES
from streamsim.conformance.generating import sample_of, tapes
from streamsim.conformance.leading import complete, features_beside
from streamsim.rng import Rng
from tests.conformance.mutants.plain import Event, Plain

BLOCK = ("event: output", "id: 1")
POLICY = Policy(block=BLOCK)
RULES = ("fields", "line-ends", "noise", "no-data", "chunks", "spaces", "ids", "isolation", "bounded-memory")


class Named(Plain):
    """As replicate's stream: nothing is an event but what has an id and one of a few names; any other is refused."""

    def __init__(self) -> None:
        self.numbered = False
        super().__init__()

    def clear(self) -> None:
        super().clear()
        self.numbered = False

    def field(self, name: str, value: str) -> None:
        if name == "event" and value not in ("output", "done"):
            raise ValueError(f"{value!r} is not a valid event")
        super().field(name, value)
        self.numbered = self.numbered or name == "id"

    def dispatched(self) -> Event | None:
        if not (self.event and self.numbered):
            self.clear()
        return super().dispatched()


class Trims(Named):
    """The same, with a fault."""

    def line(self, line: str) -> None:
        super().line(line.rstrip(" "))


def test_nothing_can_be_found_out_without_them() -> None:
    """The simplest stream gives nothing."""
    (found,) = find(Named, how="push", examples=200)
    assert found.hopeless


def test_with_them_a_right_parser_passes() -> None:
    """As long as its blocks have those lines, it keeps all rules."""
    assert find(Named, policy=POLICY, examples=1500, rules=RULES) == []


def test_with_them_a_fault_is_found_and_made_small() -> None:
    """The lines stay in the example, once, and are no feature of it."""
    (found,) = find(Trims, policy=POLICY, examples=1500, rules=RULES)
    assert (found.rule, found.features) == ("spaces", ("space-last",))
    assert found.chunks == (b"event: output\nid: 1\ndata: a \n\n",)


def test_payloads_have_them_too() -> None:
    """Before the line with the JSON text."""
    policy = Policy(block=BLOCK, payload='{"text":TEXT}')
    assert policy.simplest == b'event: output\nid: 1\ndata: {"text":"a"}\n\n'


@pytest.mark.parametrize("nth", range(40))
def test_samples_are_complete(nth: int) -> None:
    """Each block with data has the lines, in their order, and no other ones of their names."""
    sample = sample_of(tapes(Rng(0, "leading"), nth), NAMES, POLICY)
    assert complete(sample.lines, BLOCK)
    for lines, ended in blocks(sample.lines):
        named = [line.text for line in lines if line.name in (b"event", b"id")]
        if ended:
            assert named == ([b"event: output", b"id: 1"] if any(line.name == b"data" for line in lines) else [])
    assert not {"event", "id", "event-last", "id-lasts"} & features_beside(sample, BLOCK)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (("data: a",), "block must hold lines of event, id, retry, not 'data: a'"),
        (("event: a\nb",), "block must hold lines of"),
    ],
)
def test_a_line_that_is_none_of_a_block_is_refused(block: tuple[str, ...], told: str) -> None:
    """With what there may be."""
    with pytest.raises(ValueError, match=told):
        Policy(block=block)
