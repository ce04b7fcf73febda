"""An event with another text."""

from __future__ import annotations

import pytest

from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import Piece, Told

PATHS = (("a",), ("b",))


@pytest.mark.parametrize(
    ("pieces", "data", "again"),
    [
        ((Piece("text", "old"),), '{"b" : "old", "p":1}', '{"b" : "new", "p":1}'),
        ((Piece("text", "old"), Piece("citation", "c")), '{"a":"old"}', '{"a":"new"}'),
        ((Piece("text", "old"),), '{"c":"old"}', None),
        ((Piece("text", "old"), Piece("tool", "x")), '{"a":"old","b":"x"}', None),
        ((Piece("tool", "", name="f"),), '{"a":""}', None),
        ((), '{"a":"old"}', None),
    ],
)
def test_only_the_growing_text_is_put_anew(pieces: tuple[Piece, ...], data: str, again: str | None) -> None:
    """Everything else stays byte for byte; where not exactly one text grows, or not there, it is none."""
    assert regrown(Told(pieces), data, PATHS, "new") == again
