from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects.tokens import count, cut, graphemes


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello, world!", ["Hello", ",", " world", "!"]),
        ("an extraordinary day", ["an", " extrao", "rdinar", "y", " day"]),
        ('{"city": "Paris"}', ['{"', "city", '":', ' "', "Paris", '"}']),
        ("a\n\n  b", ["a", "\n\n ", " b"]),
        ("日本語", ["日", "本", "語"]),
        ("👩‍👩‍👧🇩🇪🇫🇷👍🏽", ["👩‍👩‍👧", "🇩🇪", "🇫🇷", "👍🏽"]),
        ("e\u0301x", ["e\u0301x"]),
    ],
)
def test_text_is_cut_as_models_cut_it(text: str, pieces: list[str]) -> None:
    """Words take the space before them, marks stand together, and what is seen as one sign stays one."""
    assert cut(text) == pieces
    assert count(text) == len(pieces)


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    """Joined they are the text; none is empty, and each begins where a grapheme does."""
    pieces = cut(text)
    assert "".join(pieces) == text
    assert "" not in pieces
    starts = {len("".join(graphemes(text)[:count])) for count in range(len(graphemes(text)) + 1)}
    assert {len("".join(pieces[:index])) for index in range(len(pieces))} <= starts


@pytest.mark.parametrize(
    "sign", ["\r\n", "\u1100\u1161\u11a8", "\uac00\u11a8", "e\u0301\u0308", "☃️", "🏴\U000e0067\U000e007f", "🇦🇹"]
)
def test_a_sign_of_several_characters_is_one(sign: str) -> None:
    """Line ends, syllables, accents, styles, families and flags are not cut."""
    assert graphemes(f"a{sign}b") == ["a", sign, "b"]


def test_signs_that_do_not_join_are_several() -> None:
    """Two flags are two, a mark after a line end stands alone, and two syllables are two."""
    assert graphemes("🇦🇹🇦🇹") == ["🇦🇹", "🇦🇹"]
    assert graphemes("\n\u0301") == ["\n", "\u0301"]
    assert graphemes("가가") == ["가", "가"]
