"""Text cut into pieces such as models emit: words with the space before them, marks by threes, any other sign alone.

Laws: the pieces joined are the text; no piece cuts what people see as one character; a text is cut alike on every
Python, so characters are judged by Unicode 3.2, which all carry unchanged, and by the later blocks named here.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Final
from unicodedata import ucd_3_2_0 as unicode

LONGEST: Final = 6
"""Characters of a word that stay together."""

_SIZES: Final = {"word": LONGEST, "mark": 3, "sign": 1}
_ZWJ: Final = "\u200d"
# Later than Unicode 3.2: marks, skin tones, and the letters of flags.
_JOINED: Final = (
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
    (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F), (0xE0100, 0xE01EF),
)  # fmt: skip


def graphemes(text: str) -> list[str]:
    """Return what people see as the characters of ``text``."""
    if text.isascii() and "\r" not in text:
        return list(text)
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def cut(text: str) -> list[str]:
    """Return ``text`` in pieces, none of them empty."""
    pieces: list[str] = []
    for kind, run in groupby(graphemes(text), _kind):
        signs = list(run)
        if kind == "space":
            pieces.append("".join(signs))
            continue
        space = _taken(pieces)
        size = _SIZES[kind]
        parts = ["".join(signs[start : start + size]) for start in range(0, len(signs), size)]
        pieces += [space + parts[0], *parts[1:]]
    return pieces


def _taken(pieces: list[str]) -> str:
    """Take the last space off ``pieces``: it belongs to what follows."""
    if not pieces or not pieces[-1].endswith(" "):
        return ""
    pieces[-1] = pieces[-1][:-1]
    if not pieces[-1]:
        pieces.pop()
    return " "


def count(text: str) -> int:
    """Return how many pieces ``text`` has."""
    return len(cut(text))


@lru_cache(maxsize=4096)
def _kind(sign: str) -> str:
    if sign.isspace():
        return "space"
    category = unicode.category(sign[0])
    if sign.isascii():
        return "word" if sign.isalnum() else "mark"
    # Scripts without spaces have letters of category Lo: each stands alone, as in models' vocabularies.
    return "word" if category in ("Lu", "Ll", "Lt", "Lm", "Nd") else "sign"


def _joins(before: str, character: str) -> bool:
    code = ord(character)
    if before == "\r":
        return character == "\n"
    if before[-1] in "\r\n":
        return False
    if before[-1] == _ZWJ or character == _ZWJ:
        return True
    if 0x1F1E6 <= code <= 0x1F1FF:  # two of them are a flag
        return len(before) == 1 and 0x1F1E6 <= ord(before) <= 0x1F1FF
    if code < 0x300:
        return False
    return (
        unicode.category(character) in ("Mn", "Me", "Mc")
        or any(low <= code <= high for low, high in _JOINED)
        or _hangul(ord(before[-1]), code)
    )


def _hangul(before: int, code: int) -> bool:
    """Tell whether two jamo, or a syllable and a jamo, are one syllable."""
    leading = 0x1100 <= before <= 0x115F
    vowel = 0x1160 <= before <= 0x11A7 or (0xAC00 <= before <= 0xD7A3 and (before - 0xAC00) % 28 == 0)
    syllable = 0xAC00 <= before <= 0xD7A3 or 0x1160 <= before <= 0x11FF
    if 0x1100 <= code <= 0x115F or 0xAC00 <= code <= 0xD7A3:
        return leading
    if 0x1160 <= code <= 0x11A7:
        return leading or vowel
    return 0x11A8 <= code <= 0x11FF and syllable
