r"""An event in, its bytes out.

Law: what `encode` accepts, a conforming parser gives back, line ends in data becoming LF; the rest is refused.
"""

from __future__ import annotations

import re
from typing import Final

from streamsim.sse.parser import RETRY_MAX

_EOLS: Final = ("\n", "\r", "\r\n")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")  # str.splitlines knows many more


def encode(
    data: str,
    *,
    event: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's name in the standard
    retry: int | None = None,
    comment: str | None = None,
    eol: str = "\n",
) -> bytes:
    """Return one frame: comment, event, id, retry (milliseconds), data, blank line.

    Data and comment of several lines become several fields. An empty id is written, for it resets the last event id.

    Raises:
        ValueError: A value can't be written so that it comes back.

    """
    if eol not in _EOLS:
        raise ValueError(f"eol must be LF, CR or CRLF, not {eol!r}")
    lines = [*_fields("", comment), *_event(event), *_id(id), *_retry(retry), *_fields("data", data), "", ""]
    try:
        return eol.join(lines).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{error.object[error.start]!r} is half a surrogate pair: UTF-8 has no bytes for it") from None


def _fields(name: str, value: str | None) -> list[str]:
    return [] if value is None else [f"{name}: {line}" for line in _LINE_END.split(value)]


def _event(value: str | None) -> list[str]:
    if value == "":
        raise ValueError("an empty event name would come back as 'message'; leave it out")
    return _one_line("event", value)


def _id(value: str | None) -> list[str]:
    if value is not None and "\0" in value:
        raise ValueError(f"id {value!r} holds a NUL: parsers ignore such an id")
    return _one_line("id", value)


def _retry(value: int | None) -> list[str]:
    if value is not None and not 0 <= value <= RETRY_MAX:
        raise ValueError(f"retry must be 0 to {RETRY_MAX} milliseconds, not {value}")
    return [] if value is None else [f"retry: {value:d}"]


def _one_line(name: str, value: str | None) -> list[str]:
    if value is not None and _LINE_END.search(value):
        raise ValueError(f"{name} {value!r} holds a line end: the field has one line only")
    return _fields(name, value)
