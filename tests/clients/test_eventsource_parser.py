"""eventsource-parser, the parser under most Node clients: what it breaks, and nothing else."""

from __future__ import annotations

from pathlib import Path

from streamsim.conformance import RULES
from streamsim.conformance.policy import Policy
from streamsim.conformance.spreading import Work, do_all
from streamsim.conformance.targets import Spec, opened
from tests.clients.node import modules_with

ROOT = Path(__file__).parents[2]
OWN_ID = Policy(ids="own")
# Whether time is linear is not asked: the answer would be a busy machine's, and to measure it takes long.
ASKED = tuple(rule.name for rule in RULES if rule.name not in ("linear-time", "bounded-memory"))
TWICE = b"\xef\xbb\xbf" * 2 + b"data: a\n\n"
MARKS = [("bom", "bom-twice", "edge", (TWICE,))]


def spec() -> Spec:
    """Return how it is asked; where it is not installed the test is skipped."""
    modules = modules_with("eventsource-parser")
    return Spec("command", f"node {ROOT / 'tests/parsers_table/node/main.mjs'} {modules} eventsource-parser", 10.0)


def test_its_marks_are_these() -> None:
    """One edge: of two byte order marks at the beginning both go."""
    done = do_all(Work(spec(), OWN_ID, rules=ASKED, examples=6_000))
    assert [(one.rule, one.features[-1], one.label, one.chunks) for one in done.findings] == MARKS


def test_its_mark_is_true() -> None:
    """What decodes the bytes takes one mark away and the parser another; a third is part of a name it does not know."""
    with opened(spec()) as target:
        assert [event.data for event in target.read([TWICE]).events] == ["a"]
        assert target.read([b"\xef\xbb\xbf" + TWICE]).events == ()
