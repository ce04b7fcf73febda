"""A policy out of words and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.declaring import declared
from streamsim.conformance.policy import Policy
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        ((), Policy()),
        (("flush", "done=[DONE]"), Policy(flush=True, done="[DONE]")),
        (("fields=event,id",), Policy(fields=frozenset({"event", "id"}))),
        (("fields=",), Policy(fields=frozenset())),
        (("ids=own", "by-design=bom", "by_design=cr"), Policy(ids="own", by_design=frozenset({"bom", "cr"}))),
        (("block=event: output,id: 1",), Policy(block=("event: output", "id: 1"))),
        (('payload={"a": TEXT}', "ndjson"), Policy(payload='{"a": TEXT}', ndjson=True)),
    ],
)
def test_words_make_a_policy(words: tuple[str, ...], policy: Policy) -> None:
    """Each sets one thing; lists grow."""
    assert declared(words) == policy


def test_words_go_before_a_file(tmp_path: Path) -> None:
    """The rest of the file stands."""
    path = tmp_path / "policy.toml"
    path.write_text('ids = "own"\ndone = "[DONE]"\nby_design = ["bom"]\n')
    assert declared((), path) == Policy(ids="own", done="[DONE]", by_design=frozenset({"bom"}))
    assert declared(("done=END",), path) == Policy(ids="own", done="END", by_design=frozenset({"bom"}))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("colour=red", "--policy: there is no 'colour'; there are fields, done, flush"),
        ("ids=none", "--policy: Invalid enum value 'none'"),
        ("by_design=nothing", "--policy: there is no rule or feature 'nothing'; there are blank-first"),
        ("block=data: a", "--policy: block must hold lines of event, id, retry, not 'data: a'"),
        ("payload=text", "--policy: payload must hold TEXT once"),
        ("fields=data", "--policy: Invalid enum value 'data'"),
    ],
)
def test_a_wrong_word_is_named(word: str, told: str) -> None:
    """With what there is."""
    with pytest.raises(UsageError) as caught:
        declared((word,))
    assert told in str(caught.value)


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    """Not there, no TOML, or of something else."""
    path = tmp_path / "policy.toml"
    for text in (None, "ids =", "colour = 1"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(UsageError, match=r"policy\.toml: "):
            declared((), path)
