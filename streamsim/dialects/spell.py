"""JSON and names as providers spell them, and text replaced inside JSON that is otherwise left byte for byte."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.dialects.json_values import found, unquoted, values
from streamsim.sse import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.told import Usage
    from streamsim.rng import Rng

EPOCH: Final = 1_767_225_600
"""When written answers were made: the first second of 2026, UTC."""

LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEX: Final = "0123456789abcdef"

_ESCAPED = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")


def compact(value: object) -> str:
    """Return JSON without spaces, characters as they are."""
    return msgspec.json.encode(value).decode()


def ordered(value: object) -> str:
    """Return JSON without spaces, keys in alphabetical order."""
    return msgspec.json.encode(value, order="sorted").decode()


def spaced(value: object, *, ascii_only: bool = False) -> str:
    """Return JSON with a space after each colon and comma, as Python's servers write it."""
    return json.dumps(value, ensure_ascii=ascii_only)


def frame(data: str, *, event: str | None = None, eol: str = "\n") -> bytes:
    """Return an event's frame."""
    return encode(data, event=event, eol=eol)


def name(dice: Rng, nth: int, length: int, letters: str = LETTERS) -> str:
    """Return ``length`` drawn characters; ``nth`` says which name it is, so that no other depends on it."""
    return "".join([letters[draw] for draw in dice.draws(nth * 4096, length, len(letters))])


def uuid(dice: Rng, nth: int) -> str:
    """Return a drawn UUID, version 4."""
    digits = name(dice, nth, 32, HEX)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def place(what: str) -> int:
    """Return which draw decides ``what``: one far from those of names."""
    return (1 << 40) + int.from_bytes(what.encode()[:4], "big")


def total(usage: Usage) -> int:
    """Return the total, or the sum of what was counted."""
    return (usage.input or 0) + (usage.output or 0) if usage.total is None else usage.total


def replaced(data: str, paths: Sequence[Path], text: str) -> str | None:
    """Return JSON ``data`` with ``text`` for the strings at ``paths``; None unless there is a string at each."""
    standing = [value for value in values(data) if value.path in paths and data[value.start] == '"']
    if not paths or len(standing) != len(paths):
        return None
    spelt = json.dumps(text, ensure_ascii=_ESCAPED.search(data) is not None)
    for value in reversed(standing):
        data = data[: value.start] + spelt + data[value.stop :]
    return data


def string_at(data: str, path: Path) -> str | None:
    """Return the string at ``path`` in JSON ``data``; None where there is none."""
    value = found(data, path)
    return unquoted(data[value.start : value.stop]) if value is not None and data[value.start] == '"' else None
