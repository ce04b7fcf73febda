"""Which features a sample has.

Law: only the sample's own lines, ends and cuts are looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamsim.conformance.sample import BOM, Line, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KNOWN: Final = (b"data", b"event", b"id", b"retry")
WORDS: Final = frozenset({
    b"[DONE]", b"null", b"error", b"ping", b"done", b"{}", b"open", b"end", b"close", b"undefined", b"false", b"0",
    b'"a"',
})  # fmt: skip

_SEPARATOR: Final = re.compile(b"[\x0b\x0c\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]")
_CONTROL: Final = re.compile(b"[\x00-\x08\x0e-\x1b\x1f\x7f]")
_WIDE: Final = re.compile("^[\u00a0\u3000\u2003]|[\u00a0\u3000\u2003]$")
_HIGH: Final = re.compile(b"[\x80-\xff]")


def features(sample: Sample) -> frozenset[str]:
    """Return the names of all features of ``sample``."""
    sample = sample.normal
    found: set[str] = set()
    for line in sample.lines:
        found.update(_of_line(line))
    if sample.rest or (sample.lines and not sample.lines[-1].blank):
        found.add("unfinished")
        found.update(_of_text(sample.rest))
    found.update(_of_blocks(sample))
    found.update(_of_ends(sample))
    if sample.cuts:
        found.update(_of_cuts(sample))
    return frozenset(found)


def _of_line(line: Line) -> Iterator[str]:
    if line.blank:
        return
    yield from _of_text(line.text)
    if line.name in KNOWN:
        yield from _of_form(line)
        yield from _OF_FIELD[line.name](line.value)
    elif line.name:
        yield from _of_unknown(line)
    elif line.value.lstrip().startswith(KNOWN):
        yield "comment-first"


def _of_form(line: Line) -> Iterator[str]:
    if not line.sep:
        yield "no-colon"
    elif line.sep == b":":
        yield "no-space"
    if b":" in line.value:
        yield "colon"
    if line.value in WORDS:
        yield "words"
    if line.name != b"retry":
        yield from _of_edges(line.value)


def _of_unknown(line: Line) -> Iterator[str]:
    yield "unknown"
    if not line.text.strip():
        yield "white-line"
    elif line.name.strip().lower().startswith(KNOWN) or line.name.endswith(b"data"):
        yield "unknown-like"
    if not line.sep:
        yield "no-colon"


def _of_text(text: bytes) -> Iterator[str]:
    if _SEPARATOR.search(text):
        yield "separators"
    if _CONTROL.search(text) and not text.startswith(b"id"):
        yield "nul"
    if BOM in text:
        yield "bom-inside"
    rest = _SEPARATOR.sub(b"", text).replace(BOM, b"")
    if _HIGH.search(rest):
        yield "characters"
        try:
            text.decode()
        except UnicodeDecodeError:
            yield "invalid"


def _of_edges(value: bytes) -> Iterator[str]:
    if not value:
        return
    if not value.strip():
        yield "space-only"
        return
    if value[:1] == b" ":
        yield "space-first"
    if value[:1] == b"\t":
        yield "tab-first"
    if value[-1:] in (b" ", b"\t"):
        yield "space-last"
    if value[:1] > b"\x7f" or value[-1:] > b"\x7f":
        text = value.decode("utf-8", "replace")
        if _WIDE.search(text):
            yield "wide-space"


def _of_nothing(_value: bytes) -> Iterator[str]:
    yield from ()


def _of_event(value: bytes) -> Iterator[str]:
    yield "event"
    if not value:
        yield "event-empty"


def _of_id(value: bytes) -> Iterator[str]:
    yield "id"
    if not value:
        yield "id-empty"
    elif b"\0" in value:
        yield "id-nul"


def _of_retry(value: bytes) -> Iterator[str]:
    yield "retry"
    if not re.fullmatch(b"[0-9]+", value):
        yield "retry-bad"
    elif len(value) > 9:
        yield "retry-huge"


_OF_FIELD: Final = {b"data": _of_nothing, b"event": _of_event, b"id": _of_id, b"retry": _of_retry}


def blocks(lines: Sequence[Line]) -> Iterator[tuple[list[Line], bool]]:
    """Yield each block's lines, and whether a blank line ends it."""
    block: list[Line] = []
    for line in lines:
        if line.blank:
            yield block, True
            block = []
        else:
            block.append(line)
    if block:
        yield block, False


class _Before:
    """What the blocks before one leave behind."""

    def __init__(self) -> None:
        self.events = 0
        self.named = False  # an event name came without data
        self.held = False  # an id came without data
        self.id = False  # the last id is not empty

    def of_event(self, names: list[bytes]) -> Iterator[str]:
        self.events += 1
        if self.events == 2:
            yield "events"
        if self.named:
            yield "no-data-event"
        if self.held:
            yield "id-alone"
        if self.id and b"id" not in names:
            yield "id-lasts"

    def of_no_data(self, names: list[bytes]) -> Iterator[str]:
        yield from _of_no_data(names, self.events, ids=self.id)
        self.named = self.named or b"event" in names
        self.held = self.held or b"id" in names


def _of_blocks(sample: Sample) -> Iterator[str]:
    before = _Before()
    for block, ended in blocks(sample.lines):
        names = [line.name for line in block]
        data = [line.value for line in block if line.name == b"data"]
        yield from _of_order(names)
        if data:
            yield from _of_data(data)
            yield from before.of_event(names)
        elif ended:
            yield from before.of_no_data(names)
        for line in block:
            if line.name == b"id" and b"\0" not in line.value:
                before.id = bool(line.value)


def _of_order(names: list[bytes]) -> Iterator[str]:
    if b"" in names and len(set(names)) > 1:
        yield "comment"
    if names.count(b"event") > 1 or names.count(b"id") > 1:
        yield "twice"
    if b"data" in names:
        after = names[names.index(b"data") :]
        if b"event" in after or b"id" in after:
            yield "event-last"


def _of_data(data: list[bytes]) -> Iterator[str]:
    if len(data) > 1:
        yield "lines"
    if not any(data):
        yield "empty-data" if len(data) == 1 else "empty-lines"
        return
    if not data[0]:
        yield "empty-first"
    if not data[-1]:
        yield "empty-last"
    if not all(data[1:-1]):
        yield "empty-inside"


def _of_no_data(names: list[bytes], events: int, *, ids: bool) -> Iterator[str]:
    if any(names) or ids:
        yield "no-data"
    elif names:
        yield "comment-block"
    else:
        yield "blanks" if events else "blank-first"


def _of_ends(sample: Sample) -> Iterator[str]:
    if sample.mark:
        yield "bom"
        if len(sample.mark) > len(BOM):
            yield "bom-twice"
    kinds = set(sample.ends)
    if b"\r\n" in kinds:
        yield "crlf"
    if b"\r" in kinds:
        yield "cr"
    if len(kinds) > 1:
        yield "mixed"


def _of_cuts(sample: Sample) -> Iterator[str]:
    before = 0
    for cut in sample.cuts:
        if cut == before:
            yield "cut-empty"
        before = cut
        yield kinds_at(sample, cut)


def kinds_at(sample: Sample, cut: int) -> str:
    """Return the feature that a cut at ``cut`` is."""
    data = sample.data
    if cut in (0, len(data)):
        return "cut-empty"
    if cut < len(sample.mark):
        return "cut-bom"
    if data[cut - 1 : cut + 1] == b"\r\n":
        return "cut-crlf"
    if 0x80 <= data[cut] <= 0xBF:
        return "cut-character"
    return _between(sample, cut)


def _between(sample: Sample, cut: int) -> str:
    position = len(sample.mark)
    following = [*sample.lines[1:], Line(b"rest")]
    for line, end, after in zip(sample.lines, sample.ends, following, strict=False):
        position += len(line.text) + len(end)
        if position == cut:
            return "cut-event" if line.blank else "cut-blank" if after.blank else "cut-line"
    return "cut"
