from __future__ import annotations

import pytest

from streamsim.engine.likeness import around, canonical, differences, named

DEEP = b"[" * 100_000 + b"]" * 100_000


def test_canonical_is_one_spelling() -> None:
    """Order of keys, white space and escapes make no difference to a JSON value."""
    assert canonical(b'{"b": 1,\n "a": "\\u00e9"}') == canonical('{"a":"é","b":1}'.encode())


@pytest.mark.parametrize("body", [b"", b"plain", b"\xff\xfe", b'"\xff"', b'"\\ud800"', b"1e999", DEEP])
def test_what_is_no_json_is_its_own_canon(body: bytes) -> None:
    """Bytes that are no JSON, or nested beyond reading, stay as they are."""
    assert canonical(body) == body


@pytest.mark.parametrize(
    ("path", "name", "inside"),
    [("", "a", "a"), ("a", "b c", "a.b c"), ("a", 3, "a[3]"), ("", "a.b[*]\\", "a\\.b\\[\\*\\]\\\\"), ("a", "", "a.")],
)
def test_a_path_names_what_leads_to_it(path: str, name: str | int, inside: str) -> None:
    """What means something in a path has a backslash before it where it is part of a name."""
    assert named(path, name) == inside


def test_what_is_around_a_path() -> None:
    """A path stands in all that it names, from the inside out; an escaped mark parts nothing."""
    assert list(around("a.b\\.c[0].d")) == ["a.b\\.c[0].d", "a.b\\.c[0]", "a.b\\.c", "a"]


def test_differences_name_both_sides() -> None:
    """A leaf that differs, is missing, or is new is a difference; recorded order comes first."""
    assert differences({"a": "1", "b": "2", "c": "3"}, {"d": "4", "c": "3", "a": "0"}) == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("recorded", "asked", "same"),
    [
        ("[redacted]", "anything", True),
        ("[redacted]", "", True),
        ("Bearer [redacted]", "Bearer k", True),
        ("Bearer [redacted]", "Basic k", False),
        ("[redacted] end", "some end", True),
        ("[redacted] end", "some", False),
        ("aba[redacted]aba", "aba", False),
        ("a[redacted]b[redacted]c", "a1b2c", True),
        ("a[redacted]b[redacted]c", "a1c", False),
        ("a[redacted]b[redacted]bc", "a1bc", False),
        ("a[redacted]b[redacted]b[redacted]c", "a-b-b-c", True),
        ("a(.*)[redacted]", "a(.*)x", True),
        ("a(.*)[redacted]", "abx", False),
    ],
)
def test_redacted_stands_for_anything(recorded: str, asked: str, *, same: bool) -> None:
    """``[redacted]`` in a recorded leaf stands for any text, and the rest of the leaf for itself."""
    assert differences({"k": recorded}, {"k": asked}) == ([] if same else ["k"])


def test_redacted_leaf_must_be_there() -> None:
    """A redacted leaf must be in the request; one that is redacted in the request is nothing special."""
    assert differences({"k": "[redacted]"}, {}) == ["k"]
    assert differences({"k": "v"}, {"k": "[redacted]"}) == ["k"]
