"""The grammar of blocks that open, grow and close."""

from __future__ import annotations

import pytest

from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Problem

PAIRS = Pairs(
    first="start",
    last=frozenset(("end",)),
    opens={"open": "close"},
    within={"grow": "open"},
    known=frozenset(("note",)),
    failed=frozenset(("error",)),
    done=True,
)
WHOLE = "start open.0 grow.0 note open.1 close.0 grow.1 close.1 end [DONE]"


def signs(text: str) -> list[Sign]:
    """Return a stream: names with their blocks behind a dot."""
    parts = (word.partition(".") for word in text.split())
    return [Sign(name, block) for name, _, block in parts]


def test_a_whole_stream_breaks_no_rule() -> None:
    """Blocks may overlap and notes stand anywhere."""
    assert PAIRS.problems(signs(WHOLE)) == []
    assert PAIRS.complete(signs(WHOLE))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", [(None, "no_message_start"), (None, "finish_missing"), (None, "missing_done")]),
        ("open.0 close.0 end [DONE]", [(0, "no_message_start")]),
        ("start open.0 end [DONE]", [(1, "block_not_closed")]),
        ("start open.0 open.0 close.0 end [DONE]", [(2, "block_opened_twice")]),
        ("start close.0 end [DONE]", [(1, "block_not_open")]),
        ("start grow.0 end [DONE]", [(1, "delta_before_start")]),
        ("start what end [DONE]", [(1, "unknown_event")]),
        ("start end", [(None, "missing_done")]),
        ("start [DONE]", [(None, "finish_missing")]),
        ("start end open.0 close.0 [DONE]", [(2, "content_after_finish")]),
        ("start end [DONE] [DONE] note", [(3, "duplicate_done"), (4, "data_after_done")]),
        ("start open.0 grow.0 error", []),
    ],
)
def test_each_rule_says_where_it_is_broken(text: str, rules: list[tuple[int | None, str]]) -> None:
    """Order, pairs and ends each have a rule; after an error nothing is missing."""
    assert [(problem.event, problem.rule) for problem in PAIRS.problems(signs(text))] == rules


@pytest.mark.parametrize(
    ("text", "complete"),
    [(WHOLE, True), ("start end", False), ("start [DONE]", False), ("start error", True), ("", False)],
)
def test_complete_is_ended_or_failed(text: str, complete: bool) -> None:  # noqa: FBT001 - a table
    """The last event and ``[DONE]`` end an answer, an error does it alone."""
    assert PAIRS.complete(signs(text)) is complete


def test_blocks_may_be_implied() -> None:
    """Where a dialect does not open all blocks, none is missed; nor is anything unknown where no names are told."""
    pairs = Pairs(last=frozenset(("end",)), opens={"open": "close"}, within={"grow": "open"}, implied=True)
    assert pairs.problems(signs("grow.0 close.0 what end")) == []
    assert pairs.problems([]) == [Problem(None, "finish_missing", "no end comes")]
