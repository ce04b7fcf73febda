"""Shapes of foreign files: what is odd is read as far as it goes, and nothing raises."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.recording.importers import shapes

ITSELF: list[object] = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": "1", "b": ["2", "3"], "c": [], "d": None}, (("a", "1"), ("b", "2"), ("b", "3"), ("d", ""))),
        ([{"name": "a", "value": "1"}, {"name": "b"}, {"x": "y"}], (("a", "1"), ("b", ""))),
        ([["a", "1"], ("b", b"2"), ["odd"]], (("a", "1"), ("b", "2"))),
        ({b"a": b"\xff"}, (("a", "\ufffd"),)),
        (None, ()),
        ("a: 1", ()),
    ],
)
def test_headers_are_read_in_each_of_their_forms(value: object, found: object) -> None:
    """As a table, as rows, as pairs."""
    assert shapes.headers(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, b""),
        ("é", "é".encode()),
        (b"\xff", b"\xff"),
        ({"a": 1}, b'{"a":1}'),
        ("\ud800", b"?"),
        ({(1, 2): 3}, b"{(1, 2): 3}"),
        (ITSELF, b"[[...]]"),
        (date(2026, 11, 22), b'"2026-11-22"'),
    ],
)
def test_a_body_is_bytes_whatever_it_was(value: object, found: bytes) -> None:
    """Text is UTF-8, and what is parsed becomes JSON again."""
    assert shapes.data(value) == found


@pytest.mark.parametrize(("value", "found"), [("aGk=", b"hi"), ("aG k=\n", b"hi"), ("a", b"a"), (None, b"")])
def test_base64_is_read_as_far_as_it_is(value: object, found: bytes) -> None:
    """What is none stays what it is."""
    assert shapes.unbased(value) == found


@pytest.mark.parametrize(("value", "found"), [("200", 200), (200.0, 200), ("x", 7), (None, 7), (float("inf"), 7)])
def test_a_number_is_read_however_it_is_written(value: object, found: int) -> None:
    """What is none is the default."""
    assert shapes.number(value, 7) == found


@pytest.mark.parametrize(("value", "found"), [(1.5, 1500), ("2", 2000), (-1, 0), (None, 0), ("nan", 0), ("inf", 0)])
def test_a_time_that_is_unknown_is_none(value: object, found: int) -> None:
    """HAR writes -1."""
    assert shapes.microseconds(value, 1000) == found


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
        max_leaves=8,
    )
)
def test_nothing_raises(value: object) -> None:
    """Whatever a document holds."""
    shapes.headers(value)
    shapes.rows(value)
    shapes.data(value)
    shapes.unbased(value)
    shapes.number(value)
    shapes.microseconds(value, 1000)


def test_json_that_is_none_is_nothing() -> None:
    """Neither nonsense nor bytes nor depth raise."""
    assert shapes.json_of(b'{"a":1}') == {"a": 1}
    assert [shapes.json_of(text) for text in (b"{", b'"\xff"', b"[" * 100_000)] == [None, None, None]
