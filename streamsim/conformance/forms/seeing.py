"""What a parser gives, as events: objects, tuples, dicts or plain text.

Law: reading an event never raises; what cannot be understood stands in the event as its repr, where it can be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from streamsim.conformance.reading import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DATA: Final = ("data", "message", "text")
_TYPE: Final = ("event", "type", "event_type", "name")
_ID: Final = ("id", "last_event_id", "lastEventId", "event_id")
_RETRY: Final = ("retry", "retry_ms", "reconnection_time")
_MISSING: Final = object()
_DIGITS: Final = 4000
"""So many of a number are read: it is huge, whatever the rest says, and Python makes no number of very many."""


def seen(event: object) -> Seen:
    """Return ``event`` as a `Seen`."""
    if isinstance(event, Seen):
        return event
    if isinstance(event, str | bytes | bytearray | memoryview):
        return Seen(_text(cast("object", event)))
    if isinstance(event, dict):
        known = cast("dict[str, object]", event)
        return _of(lambda name: known.get(name, _MISSING))
    if isinstance(event, tuple | list) and not hasattr(cast("object", event), "_fields"):
        return _of_items(cast("Sequence[object]", event))
    return _of_attributes(cast("Any", event))


def _of_attributes(event: object) -> Seen:
    return _of(lambda name: getattr(event, name, _MISSING))


def _of(get: Callable[[str], object]) -> Seen:
    data = _first(get, _DATA)
    kind, identity, retry = _first(get, _TYPE), _first(get, _ID), _first(get, _RETRY)
    return Seen(
        "" if data is None or data is _MISSING else _text(data),
        None if kind is _MISSING else _text(kind or "message"),
        None if identity is _MISSING else _text("" if identity is None else identity),
        _number(retry),
    )


def _of_items(items: Sequence[object]) -> Seen:
    """Return a tuple as (data), (type, data), or (data, type, id)."""
    if len(items) == 1:
        return Seen(_text(items[0]))
    if len(items) == 2:
        return Seen(_text(items[1]), _text(items[0] or "message"))
    data, kind, identity, *more = items
    return Seen(_text(data), _text(kind or "message"), _text(identity or ""), _number(more[0] if more else None))


def _first(get: Callable[[str], object], names: tuple[str, ...]) -> object:
    for name in names:
        value = get(name)
        if value is not _MISSING and not callable(value):
            return value
    return _MISSING


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value)).decode("utf-8", "backslashreplace")
    if value is None:
        return ""
    return repr(value)


def _number(value: object) -> int | str | None:
    if value is None or value is _MISSING or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = _text(value)
    return int(text.lstrip("0")[:_DIGITS] or "0") if text.isascii() and text.isdigit() else text
