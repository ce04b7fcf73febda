"""The lines of an event stream against HTML 9.2.5 and 9.2.6.

The laws: any bytes can be scanned; the events that are found are those that a parser dispatches, in number and order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.analysis.lint.report import Hit, Place
from streamsim.analysis.text import counted
from streamsim.dialects.failing import failure
from streamsim.dialects.loosely import UNREADABLE
from streamsim.wire.render import preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.told import Failure

_BOM: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_ODD: Final = re.compile(rb"[\x0b\x0c\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_OBJECT: Final = re.compile(rb"(?:\A|[\r\n])(?=[\[{])")
_FIELDS: Final = frozenset((b"data", b"event", b"id", b"retry"))
_ENDS: Final = {b"\n": "LF", b"\r\n": "CRLF", b"\r": "CR"}
_SHOWN: Final = 40


class Scan:
    """What was seen of a body.

    Attributes:
        hits: Rules that are broken, in the order of the bytes.
        events: Where the block of each event begins.
        frames: Where each blank line ends.
        lost: Bytes behind the last whole block that are more than comments; what a reader never gets.
        failure: The error that JSON outside of any field tells.

    """

    def __init__(self, body: bytes) -> None:
        self.hits: list[Hit] = []
        self.events: list[Place] = []
        self.frames: list[int] = []
        self.lost = b""
        self.failure: Failure | None = None
        self._body = body
        self._valid = _is_utf8(body)
        self._ends: dict[bytes, Place] = {}
        self._seen: list[bytes] = []  # names of the fields of this block
        self._block = Place(0, 1, 0)
        start = len(_BOM) if body.startswith(_BOM) else 0
        if start:
            self.hits.append(Hit("byte_order_mark", "", Place(0, 1, 0)))
        self._scan(start)
        self._line_ends()

    def _scan(self, start: int) -> None:
        stop = _bare_json(self._body)
        line = 0
        for line, (byte, text, end) in enumerate(_lines(self._body, start, stop), 1):
            here = Place(len(self.events), line, byte)
            self._ends.setdefault(end, here)
            if text:
                self._block = self._block if self._seen else here
                self._line(text, here)
            else:
                self._blank(byte + len(end))
        if self._seen:
            self._unfinished(stop)
        if stop < len(self._body):
            self.failure = failure(self._body[stop:])
            self.hits.append(Hit("bare_json", "", Place(len(self.events), line + 1, stop)))

    def _line(self, text: bytes, here: Place) -> None:
        if not self._valid and not _is_utf8(text):
            self.hits.append(Hit("invalid_utf8", "", here))
        if _ODD.search(text):
            self.hits.append(Hit("odd_line_end", "", here))
        if text[:1] != b":":
            name, _, value = text.partition(b":")
            self.hits += _field(name, value, self._seen, here)
            self._seen.append(name)

    def _blank(self, end: int) -> None:
        """Take note that a blank line dispatches the block, which ends at ``end``."""
        if b"data" in self._seen:
            self.events.append(self._block)
        elif b"event" in self._seen:
            self.hits.append(Hit("event_without_data", "", self._block))
        self._seen.clear()
        self.frames.append(end)

    def _unfinished(self, stop: int) -> None:
        self.lost = self._body[self._block.byte : stop]
        message = f"the last block has no blank line: what it holds is lost ({counted(len(self.lost), 'byte')})"
        self.hits.append(Hit("unfinished_frame", message, self._block))

    def _line_ends(self) -> None:
        ends = {end: place for end, place in self._ends.items() if end}
        if b"\r" in ends:
            self.hits.append(Hit("cr_line_ends", "", ends[b"\r"]))
        if len(ends) > 1:
            first, second = list(ends)[:2]
            message = f"lines end in {_ENDS[first]}, and from here on also in {_ENDS[second]}"
            self.hits.append(Hit("mixed_line_ends", message, ends[second]))


def _lines(body: bytes, start: int, stop: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield where each line begins, what it holds, and how it ends; the last one may not end."""
    for match in _LINE.finditer(body, start, stop):
        if match[0]:
            yield match.start(), match[1], match[2]


def _field(name: bytes, value: bytes, seen: list[bytes], here: Place) -> Iterator[Hit]:
    """Yield what is wrong with a field behind those in the same block."""
    if name not in _FIELDS:
        yield Hit("unknown_field", f"no field is called '{preview(name, _SHOWN)}': readers ignore the line", here)
        return
    if value and value[:1] != b" ":
        yield Hit("no_space", "", here)
    value = value.removeprefix(b" ")
    if name != b"data" and name in seen:
        yield Hit("field_repeated", f"{name.decode()} comes twice in one block: only the last one counts", here)
    if name == b"id" and b"\0" in value:
        yield Hit("id_with_nul", "", here)
    if name == b"retry" and not (value.isascii() and value.isdigit()):
        shown = preview(value, _SHOWN)
        yield Hit("retry_not_digits", f"retry '{shown}' is not made of ASCII digits alone: readers ignore it", here)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bare_json(body: bytes) -> int:
    """Return where JSON outside of any field begins that goes on to the end; the end, where there is none."""
    start = _OBJECT.search(body)
    if start is None:
        return len(body)
    try:
        msgspec.json.decode(body[start.end() :])
    except UNREADABLE:
        return len(body)
    return start.end()
