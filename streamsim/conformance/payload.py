"""Streams of which the data is JSON, for readers that decode it.

Law: what a reader of such a stream gives as data is the text that stands for TEXT in the policy's payload.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from streamsim.conformance.anatomy import WORDS, blocks
from streamsim.conformance.policy import TEXT
from streamsim.conformance.sample import Line
from streamsim.conformance.tokens import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path: TypeAlias = tuple[str | int, ...]

_SPECIAL = re.compile(rb'[\x00-\x1f"\\]')
_MARK = "the text stands here"


def wrapped(lines: Sequence[Line], payload: str) -> list[Line]:
    """Return ``lines`` with the data of each block made a JSON text; of several data lines two are kept."""
    found: list[Line] = []
    for block, ended in blocks(lines):
        data = [line for line in block if line.name == b"data"]
        values = _values([line.value for line in data], payload)
        fresh = iter(values)
        for line in block:
            if line.name != b"data":
                found.append(line)
            elif (value := next(fresh, None)) is not None:
                found.append(Line(b"data", line.sep or b": ", value))
        if ended:
            found.append(BLANK)
    return found


def bare(lines: Sequence[Line], payload: str, *, blanks: bool) -> list[Line]:
    """Return the data lines of ``lines`` as lines of JSON, and with ``blanks`` the blank ones."""
    before, after = payload.encode().split(TEXT.encode())
    data = [line for line in lines if line.name == b"data" or (blanks and line.blank)]
    return [line if line.blank else Line(b"", b"", before + quoted(line.value) + after) for line in data]


def _values(values: list[bytes], payload: str) -> list[bytes]:
    if not values:
        return []
    before, after = payload.encode().split(TEXT.encode())
    text = quoted(b"".join(values)) + after
    return [before + text] if len(values) == 1 or not before else [before, text]


def quoted(value: bytes) -> bytes:
    """Return ``value`` as a JSON string; bytes that are no UTF-8 stay what they are."""
    return b'"' + _SPECIAL.sub(lambda found: b"\\u%04x" % found[0][0], value) + b'"'


def unwrapped(data: str, payload: str) -> str | None:
    """Return the text in ``data``; None where it holds none."""
    try:
        value = msgspec.json.decode(data)
        for step in _path(payload):
            value = value[step]
    except (msgspec.DecodeError, LookupError, TypeError):
        return None
    return value if isinstance(value, str) else None


def of_form(data: str, payload: str) -> bool:
    """Tell whether ``data`` is the payload with some text, and nothing else."""
    try:
        holder = [msgspec.json.decode(data)]
        *steps, last = 0, *_path(payload)
        inner: Any = holder
        for step in steps:
            inner = inner[step]
        text, inner[last] = inner[last], _MARK
    except (msgspec.DecodeError, LookupError, TypeError):
        return False
    return isinstance(text, str) and holder[0] == _form(payload)


def words_inside(lines: Iterable[Line], payload: str) -> frozenset[str]:
    """Return the feature of texts, and of names, that some protocol gives a meaning."""
    values = (_said(line, payload) for line in lines if line.value)
    return frozenset({"words"} if any(value in WORDS for value in values) else ())


def _said(line: Line, payload: str) -> bytes:
    if line.name != b"data":
        return line.value if line.name == b"event" else b""
    return (unwrapped(line.value.decode("utf-8", "replace"), payload) or "").encode()


@lru_cache
def _form(payload: str) -> object:
    form: object = msgspec.json.decode(payload.replace(TEXT, f'"{_MARK}"'))
    return form


@lru_cache
def _path(payload: str) -> Path:
    found = _find(_form(payload))
    return () if found is None else found


def _find(value: object) -> Path | None:
    if value == _MARK:
        return ()
    for key, inner in _items(value):
        found = _find(inner)
        if found is not None:
            return (key, *found)
    return None


def _items(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(cast("dict[str | int, object]", value).items())
    return list(enumerate(cast("list[object]", value))) if isinstance(value, list) else []
