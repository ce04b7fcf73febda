"""A JSON text with one value changed: every other byte stays as it was.

What is no JSON gives something or nothing, and raises nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.dialects.json_values import found, values

if TYPE_CHECKING:
    from streamsim.dialects.json_values import Path, Value

ANY: Final = -1
"""In a pattern: whichever item of a list."""

_BLANK: Final = " \t\r\n"


def matching(text: str, pattern: Path) -> list[Value]:
    """Return the values whose path is like ``pattern``, in the order of the text."""
    return [value for value in values(text) if like(value.path, pattern)]


def like(path: Path, pattern: Path) -> bool:
    """Tell whether a path is like a pattern."""
    return len(path) == len(pattern) and all(
        want == part or (want == ANY and isinstance(part, int)) for part, want in zip(path, pattern, strict=True)
    )


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
