"""Where each value of a JSON text stands.

What is no JSON gives something or nothing, and raises nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


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


# A fault asks again and again, about the events of one answer: those of a usual size are worth keeping.
_USUAL: Final = 16 << 10
_KEPT: Final = 1024


def values(text: str) -> tuple[Value, ...]:
    """Return all values, a container after what is in it."""
    return _remembered(text) if len(text) <= _USUAL else tuple(_walk(text))


@lru_cache(maxsize=_KEPT)
def _remembered(text: str) -> tuple[Value, ...]:
    return tuple(_walk(text))


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


def found(text: str, path: Path) -> Value | None:
    """Return the value at ``path``; None where there is none."""
    return next((value for value in values(text) if value.path == path), None)
