from __future__ import annotations

import pytest

from streamsim.engine import likeness
from streamsim.engine.likeness import canonical, differences, leaves

DEEP = b"[" * 100_000 + b"]" * 100_000


def test_canonical_is_one_spelling() -> None:
    """Order of keys, white space and escapes make no difference to a JSON value."""
    assert canonical(b'{"b": 1,\n "a": "\\u00e9"}') == canonical('{"a":"é","b":1}'.encode())


@pytest.mark.parametrize("body", [b"", b"plain", b"\xff\xfe", b'"\xff"', b'"\\ud800"', b"1e999", DEEP])
def test_what_is_no_json_is_its_own_canon(body: bytes) -> None:
    """Bytes that are no JSON, or nested beyond reading, stay as they are, and are one leaf."""
    assert canonical(body) == body
    assert leaves(body) == ({"": body.decode("utf-8", "replace")} if body else {})


def test_leaves_have_paths() -> None:
    """Every scalar and every empty container is a leaf with its path, in order."""
    body = b'{"a":{"b":[1,true,null,"x"]},"c":[],"d":{},"e":[[2.5]]}'
    assert list(leaves(body).items()) == [
        ("a.b[0]", "1"),
        ("a.b[1]", "true"),
        ("a.b[2]", "null"),
        ("a.b[3]", "x"),
        ("c", "[]"),
        ("d", "{}"),
        ("e[0][0]", "2.5"),
    ]


def test_scalar_body_is_a_leaf_at_the_root() -> None:
    """A body that is one JSON scalar has one leaf without a path."""
    assert leaves(b"3") == {"": "3"}


def test_body_that_would_take_too_much_is_one_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the room for paths a body is compared whole, in its one spelling."""
    monkeypatch.setattr(likeness, "ROOM", 400)
    assert leaves(b"[1, 2, 3, 4, 5, 6]") == {"": "[1,2,3,4,5,6]"}
    assert leaves(b'{"' + b"k" * 400 + b'": [1]}') == {"": '{"' + "k" * 400 + '":[1]}'}


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
