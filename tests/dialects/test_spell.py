from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects import spell
from streamsim.dialects.told import Usage
from streamsim.rng import Rng

if TYPE_CHECKING:
    from streamsim.dialects.json_values import Path

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_only_the_string_that_is_meant_changes() -> None:
    """Spaces, order, padding and equal strings elsewhere stay as they are."""
    data = '{ "a" : [ {"t":"x"}, {"t":"x", "u":"x"} ],"b":"x"   }'
    assert spell.replaced(data, [("a", 1, "t")], 'y"☃') == '{ "a" : [ {"t":"x"}, {"t":"y\\"☃", "u":"x"} ],"b":"x"   }'


def test_text_is_escaped_where_its_surroundings_are() -> None:
    """A server that escapes all but ASCII goes on doing so."""
    assert spell.replaced('{"a":"\\u00e9"}', [("a",)], "☃") == '{"a":"\\u2603"}'
    assert spell.replaced('{"a":"é"}', [("a",)], "☃") == '{"a":"☃"}'


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ("{}", [("a",)]),
        ('{"a":1}', [("a",)]),
        ("", [("a",)]),
        ('}],"a"', [("a",)]),
        ('{"a":"x"}', [("a",), ("b",)]),
        ('{"a":"x"}', []),
    ],
)
def test_what_is_not_there_is_not_replaced(data: str, paths: list[Path]) -> None:
    """Without a string at every path there is no answer, whatever the data is."""
    assert spell.replaced(data, paths, "y") is None


def test_a_key_that_is_no_text_hides_nothing() -> None:
    """A key with half a character stands for itself, and strings beside it are found."""
    assert spell.replaced('{"\\ud800":"x","a":"y"}', [("a",)], "z") == '{"\\ud800":"x","a":"z"}'


@given(st.dictionaries(st.text(), VALUES, max_size=3), st.text(), st.booleans())
def test_any_string_can_be_replaced(rest: dict[str, object], text: str, ascii_only: bool) -> None:  # noqa: FBT001
    """The value at the path is the new text, all others are as before."""
    rest.pop("here", None)
    data = json.dumps({**rest, "here": [{"text": "old"}]}, ensure_ascii=ascii_only)
    told = spell.replaced(data, [("here", 0, "text")], text)
    assert told is not None
    assert json.loads(told) == {**rest, "here": [{"text": text}]}
    assert spell.string_at(told, ("here", 0, "text")) == text


def test_names_do_not_depend_on_each_other() -> None:
    """A name is its number's own, whatever others were drawn, and as long as asked."""
    dice = Rng(1, "x")
    first = spell.name(dice, 3, 24)
    spell.name(dice, 2, 60)
    assert spell.name(dice, 3, 24) == first
    assert len(first) == 24
    assert spell.name(dice, 4, 24) != first
    assert len(spell.uuid(dice, 1)) == 36


def test_a_total_is_told_or_summed() -> None:
    """What was counted is added up where no total is told."""
    assert (spell.total(Usage(2, 3)), spell.total(Usage(2, 3, 9)), spell.total(Usage())) == (5, 9, 0)


def test_json_is_spelt_as_servers_do() -> None:
    """Compact, with spaces, or with its keys in order."""
    value = {"b": "☃", "a": [1]}
    assert spell.compact(value) == '{"b":"☃","a":[1]}'
    assert spell.spaced(value) == '{"b": "☃", "a": [1]}'
    assert spell.spaced(value, ascii_only=True) == '{"b": "\\u2603", "a": [1]}'
    assert spell.ordered(value) == '{"a":[1],"b":"☃"}'
