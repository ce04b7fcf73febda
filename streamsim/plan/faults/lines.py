"""The lines of a frame, found in its bytes; and the lines that users want written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Fault

BOM = b"\xef\xbb\xbf"

_END = re.compile(rb"\r\n|\r|\n")
_DATA = re.compile(rb"(?:^|[\r\n])data: ?([^\r\n]*)")


def end_of_line(frame: bytes) -> bytes:
    """Return the first line end of ``frame``: LF, CR or CR LF."""
    match = _END.search(frame)
    return match[0] if match is not None else b"\n"


def lines(frame: bytes) -> list[bytes]:
    """Return the lines of ``frame``, each with its line end, split on LF, CR and CR LF only."""
    return frame.splitlines(keepends=True)


def data_value(frame: bytes) -> tuple[int, int] | None:
    """Return where the value of the first ``data:`` line begins, after its optional space, and where it stops."""
    match = _DATA.search(frame)
    return match.span(1) if match is not None else None


def data_middle(frame: bytes) -> int | None:
    """Return the middle of the first ``data:`` line's value, never inside a character; None where there is no such."""
    value = data_value(frame)
    if value is None:
        return None
    start, stop = value
    middle = (start + stop) // 2
    while middle > start and frame[middle] & 0xC0 == 0x80:
        middle -= 1
    return middle


def one_line(fault: Fault, key: str, text: str) -> bytes:
    """Return ``text`` as bytes of a line.

    Raises:
        UsageError: It holds a line end, or what no encoding can write.

    """
    if _END.search(encoded(fault, key, text)):
        raise UsageError(f"{fault.name()}: {key}", f"{text!r} holds a line end", "write one line")
    return encoded(fault, key, text)


def encoded(fault: Fault, key: str, text: str) -> bytes:
    """Return ``text`` in UTF-8; a byte of a command line that was none is that byte again.

    Raises:
        UsageError: It holds half a surrogate pair.

    """
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError as error:
        raise UsageError(f"{fault.name()}: {key}", f"{text!r} cannot be written in UTF-8", "leave it out") from error
