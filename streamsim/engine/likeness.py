"""Where two sets of leaves differ.

A body is compared as the leaves of its JSON, or as one leaf where it is none. ``[redacted]`` in a recorded leaf stands
for anything. Time and memory are bounded by the body's size, whoever wrote it: a body whose leaves would take a lot
more than itself (deep nesting, many leaves under a long name) is one leaf.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "[redacted]"

# What the paths of one body may take, in characters; and what each takes besides its characters.
ROOM = 8 << 20
EACH = 64

Leaves: TypeAlias = dict[str, str]

# What means something in a path, and gets a backslash where it is part of a name.
_MEANING = re.compile(r"[\\.\[\]*]")

# msgspec's own, bytes that are no UTF-8, and nesting beyond what Python carries.
NO_JSON = (msgspec.MsgspecError, ValueError, RecursionError)


def canonical(body: bytes) -> bytes:
    """Return ``body`` in one spelling for all JSON texts of the same value; other bodies as they are."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    except NO_JSON:
        return body


def named(path: str, name: str | int) -> str:
    """Return the path of what stands under ``name``, or at an index, inside ``path``."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    if not name.isidentifier():
        name = _MEANING.sub(r"\\\g<0>", name)
    return f"{path}.{name}" if path else name


def around(path: str) -> Iterator[str]:
    """Yield ``path`` and the paths of all that holds it, the innermost first."""
    yield path
    for at in range(len(path) - 1, 0, -1):
        if path[at] in ".[" and path[at - 1] != "\\":
            yield path[:at]


def differences(recorded: Leaves, asked: Leaves) -> list[str]:
    """Return the paths at which the two differ, in the order of the recorded body."""
    paths = [path for path, value in recorded.items() if not _same(value, asked.get(path))]
    return paths + [path for path in asked if path not in recorded]


def _same(recorded: str, asked: str | None) -> bool:
    if asked is None or REDACTED not in recorded:
        return recorded == asked
    start, *middle, end = recorded.split(REDACTED)
    if len(asked) < len(start) + len(end) or not (asked.startswith(start) and asked.endswith(end)):
        return False
    at = len(start)
    for part in middle:
        found = asked.find(part, at, len(asked) - len(end))
        if found < 0:
            return False
        at = found + len(part)
    return True
