"""JSON and names as providers spell them, and text replaced inside JSON that is otherwise left byte for byte."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from streamsim.sse import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.told import Usage
    from streamsim.rng import Rng

Path: TypeAlias = tuple[str | int, ...]

EPOCH: Final = 1_767_225_600
"""When written answers were made: the first second of 2026, UTC."""

LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEX: Final = "0123456789abcdef"

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
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
    return "".join(letters[dice.below(nth * 4096 + place, len(letters))] for place in range(length))


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
    found = [(start, stop) for path, start, stop in _strings(data) if path in paths]
    if not paths or len(found) != len(paths):
        return None
    spelt = json.dumps(text, ensure_ascii=_ESCAPED.search(data) is not None)
    for start, stop in reversed(found):
        data = data[:start] + spelt + data[stop:]
    return data


def string_at(data: str, path: Path) -> str | None:
    """Return the string at ``path`` in JSON ``data``; None where there is none."""
    found = (data[start:stop] for where, start, stop in _strings(data) if where == path)
    token = next(found, None)
    return None if token is None else _unquoted(token)


def _strings(data: str) -> Iterator[tuple[Path, int, int]]:
    """Yield path and place of each string that is a value. What is not JSON gives something, but raises nothing."""
    path: list[str | int] = []
    key = False  # the next string is a key
    for match in _TOKEN.finditer(data):
        mark = match[0]
        if mark in ("{", "["):
            path.append("" if mark == "{" else 0)
            key = mark == "{"
        elif mark in ("}", "]"):
            del path[-1:]
            key = False
        elif mark == ",":
            key = bool(path) and isinstance(path[-1], str)
            if path and isinstance(path[-1], int):
                path[-1] += 1
        elif mark[0] == '"' and key:
            path[-1] = _unquoted(mark)
            key = False
        elif mark[0] == '"':
            yield tuple(path), match.start(), match.end()


def _unquoted(token: str) -> str:
    try:
        return msgspec.json.decode(token, type=str)
    except msgspec.MsgspecError:
        return token
