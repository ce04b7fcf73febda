"""Where each value of a JSON text stands, and the text with one value changed: every other byte stays as it was.

What is no JSON gives something or nothing, and raises nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.spell import Path

ANY: Final = -1
"""In a pattern: whichever item of a list."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_BLANK: Final = " \t\r\n"


class Value(NamedTuple):
    """A value: where it is in the JSON, and from where to where in the text; ``entry`` is where its key begins."""

    path: Path
    start: int
    stop: int
    entry: int


class _Open(NamedTuple):
    """An object or list that has begun; ``kind`` is its bracket."""

    path: Path
    start: int
    entry: int
    kind: str


def values(text: str) -> list[Value]:
    """Return all values, a container after what is in it."""
    return list(_walk(text))


def _walk(text: str) -> Iterator[Value]:
    stack: list[_Open] = []
    path: Path = ()
    entry = -1  # where the key of the value that comes begins
    naming = False  # the next string is a key
    for match in _TOKEN.finditer(text):
        mark, start = match[0], match.start()
        if mark in ("{", "["):
            stack.append(_Open(path, start, entry if entry >= 0 else start, mark))
            naming, entry = mark == "{", -1
            path = (*path, "" if naming else 0)
        elif mark in ("}", "]"):
            if not stack:
                return
            path, begun, entry, _ = stack.pop()
            yield Value(path, begun, match.end(), entry)
            naming, entry = False, -1
        elif mark == ",":
            naming, path = _next(stack, path)
        elif naming and mark[0] == '"':
            path, entry, naming = (*path[:-1], unquoted(mark)), start, False
        elif mark != ":":
            yield Value(path, start, match.end(), entry if entry >= 0 else start)
            entry = -1


def _next(stack: list[_Open], path: Path) -> tuple[bool, Path]:
    """Return whether a key comes after a comma, and the path of what comes."""
    if not stack:
        return False, path
    last = path[-1]
    return stack[-1].kind == "{", path if isinstance(last, str) else (*path[:-1], last + 1)


def unquoted(token: str) -> str:
    """Return the text of a JSON string; of what is none, the text itself."""
    try:
        return msgspec.json.decode(token, type=str)
    except (msgspec.MsgspecError, UnicodeError):
        return token


def matching(text: str, pattern: Path) -> list[Value]:
    """Return the values whose path is like ``pattern``, in the order of the text."""
    return [value for value in values(text) if like(value.path, pattern)]


def like(path: Path, pattern: Path) -> bool:
    """Tell whether a path is like a pattern."""
    return len(path) == len(pattern) and all(
        want == part or (want == ANY and isinstance(part, int)) for part, want in zip(path, pattern, strict=True)
    )


def found(text: str, path: Path) -> Value | None:
    """Return the value at ``path``; None where there is none."""
    return next((value for value in values(text) if value.path == path), None)


def replaced(text: str, spans: list[Value], told: str) -> str:
    """Return ``text`` with ``told``, which is JSON, for each of these values; none of them is in another."""
    for value in sorted(spans, key=lambda value: value.start, reverse=True):
        text = text[: value.start] + told + text[value.stop :]
    return text


def without(text: str, path: Path) -> str:
    """Return ``text`` without the value at ``path``, its key and one comma."""
    value = found(text, path)
    if value is None or not path:
        return text
    after = _skipped(text, value.stop)
    if text[after : after + 1] == ",":
        return text[: value.entry] + text[_skipped(text, after + 1) :]
    before = text[: value.entry].rstrip(_BLANK)
    return (before[:-1] if before.endswith(",") else text[: value.entry]) + text[value.stop :]


def _skipped(text: str, place: int) -> int:
    while text[place : place + 1] in tuple(_BLANK):
        place += 1
    return place


def added(text: str, path: Path, key: str, told: str) -> str:
    """Return ``text`` with a member more, the last one, in the object at ``path``; spaced as the text is."""
    value = found(text, path)
    if value is None or text[value.start] != "{":
        return text
    space = " " if '": ' in text else ""
    inside = text[value.start + 1 : value.stop - 1]
    kept = len(inside.rstrip(_BLANK))
    place = value.start + 1 + kept
    comma = f",{space}" if kept else ""
    return f'{text[:place]}{comma}"{key}":{space}{told}{text[place:]}'


def put(text: str, path: Path, key: str, told: str) -> str:
    """Return ``text`` with ``told`` for a member of the object at ``path``, which is added where it is missing."""
    value = found(text, (*path, key))
    return added(text, path, key, told) if value is None else replaced(text, [value], told)
