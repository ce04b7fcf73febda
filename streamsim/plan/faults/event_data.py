"""The data of an event inside its frame: read, and written back with every other byte as it was.

Bytes that are no UTF-8 survive: they stand in the text as lone surrogates.
"""

from __future__ import annotations

import re
import zlib
from struct import Struct
from typing import TYPE_CHECKING, Final

from streamsim.dialects import aws_frames
from streamsim.plan.faults.lines import BOM, end_of_line, lines

if TYPE_CHECKING:
    from streamsim.dialects.units import Kind

_U32: Final = Struct(">I")
_AWS_HEAD: Final = 12
_DATA = re.compile(rb"data(?:: ?|(?=[\r\n])|\Z)")
_ID = re.compile(rb"id(?=[:\r\n]|\Z)")
_OPENING = re.compile(rb"[ \t\r\n]*([\[,]?)")
_INSIDE = {
    "lines": re.compile(rb"[ \t\r\n]*(.*?)[ \t\r\n]*", re.DOTALL),
    "array": re.compile(rb"[ \t\r\n]*[\[,]?[ \t\r\n]*(.*?)[ \t\r\n]*", re.DOTALL),
}


def data_of(kind: Kind | None, frame: bytes) -> str:
    """Return the data of the event in ``frame``; of a frame without one, nothing."""
    if kind == "aws":
        told = aws_frames.message(frame)
        data = told.payload if told is not None else b""
    elif kind in ("lines", "array"):
        match = _INSIDE[kind].fullmatch(frame)
        data = match[1] if match is not None else b""
    else:
        data = b"\n".join(line[match.end() :].rstrip(b"\r\n") for line, match in _sse(frame) if match is not None)
    return data.decode(errors="surrogateescape")


def with_data(kind: Kind | None, frame: bytes, told: str) -> bytes:
    """Return ``frame`` with other data: in its lines, in the place of its JSON, or as payload with true checksums."""
    data = told.encode(errors="surrogateescape")
    if kind == "aws":
        return _with_payload(frame, data)
    if kind in ("lines", "array"):
        match = _INSIDE[kind].fullmatch(frame)
        start, stop = match.span(1) if match is not None else (0, len(frame))
        return frame[:start] + data + frame[stop:]
    return _with_lines(frame, data.split(b"\n"))


def element(frame: bytes, *, first: bool) -> bytes:
    """Return the frame of a JSON array's element with the bracket that opens the array before it, or else a comma."""
    match = _OPENING.match(frame)
    if match is None or not frame:
        return frame
    return frame[: match.start(1)] + (b"[" if first else b",") + frame[match.end(1) :]


def anonymous(kind: Kind | None, frame: bytes) -> bytes:
    """Return ``frame`` without its id: who has it does not have all that the id stands for yet."""
    if kind not in ("sse", None):
        return frame
    return b"".join(line for line in lines(frame) if _ID.match(line) is None)


def _sse(frame: bytes) -> list[tuple[bytes, re.Match[bytes] | None]]:
    """Return each line, and what of it stands before its data, where it is a line of data."""
    mark = BOM if frame.startswith(BOM) else b""
    return [(line, _DATA.match(line)) for line in lines(frame[len(mark) :])]


def _with_lines(frame: bytes, parts: list[bytes]) -> bytes:
    """Return ``frame`` with a line for each part; lines too many go, and what is left over follows the last one."""
    told = _sse(frame)
    left = sum(match is not None for _, match in told)
    waiting = parts[::-1]
    made = [BOM] if frame.startswith(BOM) else []
    for line, match in told:
        if match is None:
            made.append(line)
            continue
        left -= 1
        end = end_of_line(line) if line.endswith((b"\r", b"\n")) else b""
        taken = waiting[::-1] if not left else waiting[-1:]
        del waiting[len(waiting) - len(taken) :]
        made.append((end or b"\n").join(_prefix(match[0], part) + part for part in taken) + end * bool(taken))
    return b"".join(made)


def _prefix(before: bytes, part: bytes) -> bytes:
    """Return what stands before a line's data: as it was, unless a reader would then take off a space too many."""
    return before if before == b"data: " or (b":" in before and not part.startswith(b" ")) else b"data: "


def _with_payload(frame: bytes, data: bytes) -> bytes:
    """Return the frame of an AWS event stream with another payload and its headers as they are."""
    if aws_frames.message(frame) is None:
        return frame
    inside = _U32.unpack_from(frame, 4)[0]
    prelude = _U32.pack(_AWS_HEAD + inside + len(data) + 4) + frame[4:8]
    body = prelude + _U32.pack(zlib.crc32(prelude)) + frame[_AWS_HEAD : _AWS_HEAD + inside] + data
    return body + _U32.pack(zlib.crc32(body))
