from __future__ import annotations

import pytest

from streamsim.engine.essence import essence
from streamsim.engine.ignoring import NOTHING, ignoring
from streamsim.errors import UsageError

BODY = b'{"a":{"b":1,"c.d":2},"list":[{"kind":"x","v":3},{"kind":"y","v":4}],"salt":"hi salt-9 ho"}'


def left(*asked: str) -> dict[str, str]:
    return essence(BODY, ignoring(asked)).rest


ALL = left()


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        ("a.b", ["a.b"]),
        ("body:a.b", ["a.b"]),
        (r"a.c\.d", [r"a.c\.d"]),
        ("a[c.d]", [r"a.c\.d"]),
        ("a.*", ["a.b", r"a.c\.d"]),
        ("a", ["a.b", r"a.c\.d"]),
        ("**.b", ["a.b"]),
        ("**.v", ["list[0].v", "list[1].v"]),
        ("list.0.v", ["list[0].v"]),
        ("list[0].v", ["list[0].v"]),
        ("list[*].v", ["list[0].v", "list[1].v"]),
        ("list[kind=y].v", ["list[1].v"]),
        ("list[v=3]", ["list[0].kind", "list[0].v"]),
        ("nothing.of.that", []),
        (r"\*.b", []),
    ],
)
def test_a_place_is_left_out(asked: str, gone: list[str]) -> None:
    """What a place names does not count, with all that is in it; the rest does."""
    assert left(asked) == {path: text for path, text in ALL.items() if path not in gone}


def test_a_text_counts_but_for_what_matches() -> None:
    """A regular expression is taken out of every text."""
    assert left("text:salt-[0-9]+ ?") == ALL | {"salt": "hi ho"}


def test_a_parameter_of_the_query() -> None:
    """A parameter is left out by its name, and all of them by a star."""
    assert ignoring(["query:a"]).leaves_out("a")
    assert not ignoring(["query:a"]).leaves_out("b")
    assert ignoring(["query:*"]).leaves_out("b")
    assert ignoring([]) == NOTHING


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("", "--ignore : this is no place"),
        ("a..b", "--ignore a..b: '..b' is no step of a place"),
        ("a[b", "--ignore a[b: '[b' is no step of a place"),
        ("a]b", "--ignore a]b: ']b' is no step of a place"),
        ("a.**", "--ignore a.**: this is no place"),
        (".".join("a" * 65), "this is no place"),
        ("header:x", "--ignore header:x: headers are never compared; leave it out"),
        ("text:(", "--ignore text:(: this is no regular expression: missing )"),
        ("text:a*", "--ignore text:a*: it matches where there is nothing; say what must be there"),
    ],
)
def test_what_cannot_be_understood(asked: str, problem: str) -> None:
    """It is an error that says where and what."""
    with pytest.raises(UsageError) as raised:
        ignoring([asked])
    assert problem in str(raised.value)
