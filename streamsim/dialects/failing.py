"""The error objects of providers, whatever their shape: a string, an object, an object inside one."""

from __future__ import annotations

from typing import cast

import msgspec

from streamsim.dialects.loosely import UNREADABLE
from streamsim.dialects.told import Failure

_MESSAGES = ("message", "detail", "error", "errorText", "description")
_TYPES = ("type", "status", "error_type")


def failure(value: object) -> Failure:
    """Return what an error object says; what is no object is the message itself."""
    if isinstance(value, bytes | msgspec.Raw):
        text = bytes(value).decode("utf-8", "replace")
        try:
            value = msgspec.json.decode(text)
        except UNREADABLE:
            value = text
    if not isinstance(value, dict):
        return Failure(value if isinstance(value, str) else msgspec.json.encode(value).decode())
    told = cast("dict[str, object]", value)
    if isinstance(told.get("error"), dict):
        return failure(told["error"])
    return Failure(_first(told, _MESSAGES), _first(told, _TYPES), _first(told, ("code",)))


def _first(told: dict[str, object], names: tuple[str, ...]) -> str:
    found = (told[name] for name in names if told.get(name) is not None)
    value = next(found, "")
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
