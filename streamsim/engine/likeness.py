"""How far one request body is from another, and where they differ.

A body is compared as the leaves of its JSON, or as one leaf where it is none. ``[redacted]`` in a recorded leaf stands
for anything.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

import msgspec

REDACTED = "[redacted]"

Leaves: TypeAlias = dict[str, str]


def canonical(body: bytes) -> bytes:
    """Return ``body`` in one spelling for all JSON texts of the same value; other bodies as they are."""
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    except msgspec.MsgspecError:
        return body


def leaves(body: bytes) -> Leaves:
    """Return path and JSON text of every leaf."""
    if not body:
        return {}
    try:
        value = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return {"": body.decode("utf-8", "replace")}
    found: Leaves = {}
    _collect(value, "", found)
    return found


def _collect(value: object, path: str, found: Leaves) -> None:
    if isinstance(value, dict) and value:
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
            _collect(item, f"{path}.{key}" if path else str(key), found)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            _collect(item, f"{path}[{index}]", found)
    else:
        found[path] = value if isinstance(value, str) else msgspec.json.encode(value).decode()


def differences(recorded: Leaves, asked: Leaves) -> list[str]:
    """Return the paths at which the two differ, in the order of the recorded body."""
    paths = [path for path, value in recorded.items() if not _same(value, asked.get(path))]
    return paths + [path for path in asked if path not in recorded]


def _same(recorded: str, asked: str | None) -> bool:
    if asked is None or REDACTED not in recorded:
        return recorded == asked
    return _pattern(recorded).fullmatch(asked) is not None


@lru_cache(maxsize=1024)
def _pattern(recorded: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, recorded.split(REDACTED))), re.DOTALL)
