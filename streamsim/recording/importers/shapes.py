"""What foreign files spell in several ways: header tables, bodies, times. Anything odd is read as far as it goes."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from streamsim.wire import Headers


def table(value: object) -> dict[str, object]:
    """Return a mapping with text keys; an empty one for anything else."""
    return {text(key): inner for key, inner in (_mapping(value) or {}).items()}


def rows(value: object) -> list[dict[str, object]]:
    """Return a list of mappings; what is no mapping is left out."""
    return [table(item) for item in items(value) or () if _mapping(item) is not None]


def items(value: object) -> list[object] | None:
    """Return a list; None for what is none."""
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else None


def _mapping(value: object) -> dict[object, object] | None:
    return cast("dict[object, object]", value) if isinstance(value, dict) else None


def headers(value: object) -> Headers:
    """Return headers given as a mapping to texts or lists of them, as pairs, or as rows of ``name`` and ``value``."""
    told = table(value).items()
    named = [(row["name"], row.get("value")) for row in rows(value) if "name" in row]
    listed = [pair for pair in map(items, items(value) or ()) if pair is not None and len(pair) == 2]
    pairs = [*((name, one) for name, many in told for one in _several(many)), *named, *((n, v) for n, v in listed)]
    return tuple((text(name), text(one)) for name, one in pairs)


def _several(value: object) -> list[object]:
    several = items(value)
    return [value] if several is None else several


def text(value: object) -> str:
    """Return a text; "" for nothing."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def number(value: object, default: int = 0) -> int:
    """Return a whole number, however it is written."""
    try:
        return int(float(text(value)))
    except (ValueError, OverflowError):
        return default


def microseconds(value: object, unit_us: int) -> int:
    """Return a number of units, whole or broken, as microseconds; 0 for what is unknown (HAR writes -1)."""
    try:
        return max(0, round(float(text(value)) * unit_us))
    except (ValueError, OverflowError):
        return 0


def data(value: object) -> bytes:
    """Return a body: text as UTF-8, bytes as they are, anything else as JSON."""
    if value is None or isinstance(value, bytes):
        return value or b""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):  # YAML can say what JSON cannot
        return text(value).encode("utf-8", "replace")


def unbased(value: object) -> bytes:
    """Return what is written in base64, or what is there if that is none."""
    try:
        return b64decode(data(value))
    except ValueError:
        return data(value)


def json_of(line: bytes | str) -> object:
    """Return what a piece of JSON says; None if it is none."""
    try:
        return cast("object", msgspec.json.decode(line))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
