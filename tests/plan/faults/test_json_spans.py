from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streamsim.dialects.json_values import found, unquoted, values
from streamsim.plan.faults.json_spans import ANY, added, matching, put, replaced, without

SCALARS = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
SPELLINGS = st.sampled_from(
    [
        {"separators": (",", ":")},
        {"separators": (", ", ": ")},
        {"indent": 2},
        {"indent": 1, "ensure_ascii": False},
        {"separators": (" ,\t", " :\r\n"), "ensure_ascii": False},
    ]
)


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of each value, a container after what is in it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*(path for key, inner in inside for path in paths(inner, (*here, key))), here]


@given(VALUES, SPELLINGS)
def test_every_value_is_found(value: Any, spelling: dict[str, Any]) -> None:
    """The paths are those of the JSON, and what stands at a span is the value there."""
    text = json.dumps(value, **spelling)
    spans = values(text)
    assert [span.path for span in spans] == paths(value)
    for span in spans:
        told: Any = msgspec.json.decode(text[span.start : span.stop])
        assert told == at(value, span.path)
        own = text[span.entry : span.stop]
        named = bool(span.path) and isinstance(span.path[-1], str)
        assert (json.loads(f"{{{own}}}") == {span.path[-1]: told}) if named else (span.entry == span.start)


@given(VALUES, SPELLINGS, st.data())
def test_a_value_replaced_is_another_and_all_else_is_the_same(
    value: Any, spelling: dict[str, Any], data: st.DataObject
) -> None:
    """The text before and after stays, byte for byte."""
    text = json.dumps(value, **spelling)
    span = data.draw(st.sampled_from(values(text)))
    told = replaced(text, [span], '{"new":[1]}')
    assert told == text[: span.start] + '{"new":[1]}' + text[span.stop :]
    assert at(msgspec.json.decode(told), span.path) == {"new": [1]}


@given(VALUES, SPELLINGS, st.data())
def test_a_value_left_out_is_gone_with_its_key_and_one_comma(
    value: Any, spelling: dict[str, Any], data: st.DataObject
) -> None:
    """What is left is the JSON without it, and what is gone stood together."""
    text = json.dumps(value, **spelling)
    path = data.draw(st.sampled_from(paths(value)))
    assume(path)
    told = without(text, path)
    expected = copy.deepcopy(value)
    del at(expected, path[:-1])[path[-1]]
    assert msgspec.json.decode(told) == expected
    gone = len(text) - len(told)
    assert any(text[:start] + text[start + gone :] == told for start in range(len(told) + 1))


@given(VALUES, SPELLINGS, st.data())
def test_a_member_more_is_the_last(value: Any, spelling: dict[str, Any], data: st.DataObject) -> None:
    """It is added to an object, spaced as the text is; what is no object stays as it is."""
    text = json.dumps(value, **spelling)
    path = data.draw(st.sampled_from(paths(value)))
    told = added(text, path, "a new one", "[1]")
    if not isinstance(at(value, path), dict):
        assert told == text
        return
    expected = copy.deepcopy(value)
    at(expected, path)["a new one"] = [1]
    assert msgspec.json.decode(told) == expected
    assert list(at(json.loads(told), path)) == list(at(expected, path))


@given(st.text(alphabet='{}[]",:\\ a1\n', max_size=30))
def test_what_is_no_json_raises_nothing(text: str) -> None:
    """Whatever stands there, there is an answer, and every span is within the text."""
    for span in values(text):
        assert 0 <= span.entry <= span.start < span.stop <= len(text)
        without(text, span.path)
        added(text, span.path, "k", "1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a":1}', '{"a":1,"k":2}'),
        ('{"a": 1, "b": 2 }', '{"a": 1, "b": 2, "k": 2 }'),
        ("{}", '{"k":2}'),
        ("{ }", '{"k":2 }'),
        ('{"k":1}', '{"k":2}'),
        ("[1]", "[1]"),
        ("", ""),
    ],
)
def test_a_member_is_put_where_it_is_or_last(text: str, told: str) -> None:
    """Spaces before the closing brace, which may be padding, stay."""
    assert put(text, (), "k", "2") == told


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ('{"a": 1, "b": 2}', ("a",), '{"b": 2}'),
        ('{"a": 1, "b": 2}', ("b",), '{"a": 1}'),
        ('{"a":1 }', ("a",), "{ }"),
        ("[1, 2]", (0,), "[2]"),
        ('{"a":1}', ("b",), '{"a":1}'),
        ("1", (), "1"),
    ],
)
def test_what_is_left_out(text: str, path: tuple[str | int, ...], told: str) -> None:
    """With the comma after it, or else the one before it."""
    assert without(text, path) == told


def test_a_pattern_stands_for_many_paths() -> None:
    """Any item of a list, but no key."""
    text = '{"c":[{"i":1},{"i":2}],"d":{"-1":{"i":3}}}'
    assert [text[span.start : span.stop] for span in matching(text, ("c", ANY, "i"))] == ["1", "2"]
    assert matching(text, ("d", ANY, "i")) == []
    assert found(text, ("c", 1, "i")) == matching(text, ("c", ANY, "i"))[1]


def test_a_string_that_is_none_is_its_own_text() -> None:
    """Escapes that mean nothing, and characters of no encoding."""
    assert unquoted('"a\\n"') == "a\n"
    assert unquoted('"\\x"') == '"\\x"'
    assert unquoted('"\udcff"') == '"\udcff"'
