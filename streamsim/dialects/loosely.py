"""JSON of which nothing is sure: what can't be read as expected is None, never an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What reading JSON may raise: it is no JSON, not as expected, no text, or nested without end."""


def decoded(decoder: msgspec.json.Decoder[_T], data: str) -> _T | None:
    """Return what ``decoder`` makes of a JSON object; None for anything else."""
    if data[:1] != "{":
        return None
    try:
        return decoder.decode(data)
    except UNREADABLE:
        return None


def inside(raw: msgspec.Raw) -> str:
    """Return the JSON of a value as it was spelt; "" for null and for what is not there."""
    text = bytes(raw).decode()
    return "" if text == "null" else text


def value_of(text: str) -> object:
    """Return the value of JSON ``text``; of what is no JSON, the text."""
    try:
        return json.loads(text)
    except UNREADABLE:
        return text


def arguments(text: str) -> Mapping[str, object]:
    """Return the object that ``text`` spells, for providers that write arguments as objects; else an empty one."""
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except UNREADABLE:
        return {}
