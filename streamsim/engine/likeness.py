"""How far one request body is from another, and where they differ.

A body is compared as the leaves of its JSON, or as one leaf where it is none. ``[redacted]`` in a recorded leaf stands
for anything. Time and memory are bounded by the body's size, whoever wrote it: a body whose leaves would take a lot
more than itself (deep nesting, many leaves under a long name) is one leaf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "[redacted]"

# What the paths of one body may take, in characters; and what each takes besides its characters.
ROOM = 8 << 20
EACH = 64

Leaves: TypeAlias = dict[str, str]

# msgspec's own, bytes that are no UTF-8, and nesting beyond what Python carries.
_NO_JSON = (msgspec.MsgspecError, ValueError, RecursionError)


def canonical(body: bytes) -> bytes:
    """Return ``body`` in one spelling for all JSON texts of the same value; other bodies as they are."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    except _NO_JSON:
        return body


def leaves(body: bytes) -> Leaves:
    """Return path and JSON text of every leaf."""
    if not body:
        return {}
    try:
        value = msgspec.json.decode(body)
    except _NO_JSON:
        return _one_leaf(body)
    found: Leaves = {}
    room = ROOM
    for path, leaf in _walk(value):
        room -= len(path) + EACH
        if room < 0:
            return _one_leaf(canonical(body))
        if leaf is not None:
            found[path] = leaf
    return found


def _one_leaf(body: bytes) -> Leaves:
    return {"": body.decode("utf-8", "replace")}


def _walk(value: object) -> Iterator[tuple[str, str | None]]:
    """Yield path and text of every node, in order; the text of one that has children is None."""
    rest = [iter([("", value)])]
    while rest:
        node = next(rest[-1], None)
        if node is None:
            rest.pop()
            continue
        path, item = node
        if isinstance(item, dict | list) and item:
            yield path, None
            rest.append(_children(path, item))  # pyright: ignore[reportUnknownArgumentType] - any JSON
        else:
            yield path, item if isinstance(item, str) else msgspec.json.encode(item).decode()


def _children(path: str, item: dict[str, object] | list[object]) -> Iterator[tuple[str, object]]:
    if isinstance(item, dict):
        return ((f"{path}.{key}" if path else key, child) for key, child in item.items())
    return ((f"{path}[{index}]", child) for index, child in enumerate(item))


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
