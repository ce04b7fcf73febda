"""Which features a sample has.

Law: only the sample's own lines, ends and cuts are looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
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
_FIELD: Final = re.compile(b"(data|event|id|retry):")
_BEGUN: Final = re.compile(
    rb"(?:[\xc2-\xf4]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]"
    rb"|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]?)\Z"
)
"""At the end: a character of which bytes are missing."""
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
    found.update(of_ends(sample))
    if sample.cuts:
        found.update(of_cuts(sample))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _of_line(line: Line) -> frozenset[str]:
    """Return what ``line`` alone has."""
    return frozenset(_in_line(line))


def _in_line(line: Line) -> Iterator[str]:
    if line.blank:
        return
    yield from _of_text(line.text)
    if line.name in KNOWN:
        yield from _of_form(line)
        yield from _OF_FIELD[line.name](line.value)
    elif line.name:
        yield from _of_unknown(line)
    elif line.value.lstrip().startswith(KNOWN) or _FIELD.search(line.value):
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
    if not line.text.decode("utf-8", "replace").strip():
        yield "white-line"
    spaced = line.name.strip() in KNOWN
    if spaced:
        yield "name-space"
    elif line.name.lstrip().lower().startswith(KNOWN) or line.name.endswith(b"data"):
        yield "unknown-like"
    if spaced and line.name.startswith(KNOWN):
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
    if b"\0" in value:
        yield "id-nul"


def _of_retry(value: bytes) -> Iterator[str]:
    yield "retry"
    if re.fullmatch(b"[0-9]+[ \t]+|[ \t]+[0-9]+", value):
        yield "retry-space"
    elif not re.fullmatch(b"[0-9]+", value):
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
        self.name = False  # an event had a name
        self.named = False  # an event name came without data
        self.held = False  # an id came without data
        self.id = False  # the last id is not empty

    def of_event(self, block: list[Line]) -> Iterator[str]:
        self.events += 1
        if self.events == 2:
            yield "events"
        if self.named:
            yield "no-data-event"
        named = any(line.name == b"event" for line in block)
        if self.name and not named:
            yield "event-forgotten"
        self.name = self.name or named
        if self.held:
            yield "id-alone"
        if self.id and not any(line.name == b"id" and b"\0" not in line.value for line in block):
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
        yield from _of_order(block, names)
        if data:
            yield from _of_data(data)
            yield from before.of_event(block)
        elif ended:
            yield from before.of_no_data(names)
        for line in block:
            if line.name == b"id" and b"\0" not in line.value:
                if before.id and not line.value:
                    yield "id-empty"
                before.id = bool(line.value)


def _of_order(block: list[Line], names: list[bytes]) -> Iterator[str]:
    if b"" in names and len(set(names)) > 1:
        yield "comment"
    if any(len({line.value for line in block if line.name == name}) > 1 for name in (b"event", b"id")):
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
    fields = set(names) - {b""}
    if fields - {b"id"}:
        yield "no-data"
    if b"id" in fields or ids:
        yield "no-data-id"
    if names and not fields:
        yield "comment-block"
    if not (names or ids):
        yield "blanks" if events else "blank-first"


def of_ends(sample: Sample) -> Iterator[str]:
    """Yield what its line ends and its mark are."""
    if sample.mark:
        yield "bom"
        if (sample.lines[0].text if sample.lines else sample.rest).startswith(BOM):
            yield "bom-twice"
    kinds = set(sample.ends)
    if b"\r\n" in kinds:
        yield "crlf"
    if b"\r" in kinds:
        yield "cr"
    if len(kinds) > 1:
        yield "mixed"


def of_cuts(sample: Sample) -> Iterator[str]:
    """Yield what its cuts are."""
    kinds = Kinds(sample)
    before = 0
    for cut in sample.cuts:
        if cut == before:
            yield "cut-empty"
        before = cut
        yield kinds.at(cut)


SPECIAL: Final = frozenset({"cut-crlf", "cut-character", "cut-bom"})
"""Cuts inside what belongs together."""


def beside(sample: Sample) -> Sample:
    """Return ``sample`` with its special cuts moved to just before what they cut; where that is the start, they go."""
    kinds = Kinds(sample)
    cuts: list[int] = []
    for cut in sample.cuts:
        while kinds.at(cut) in SPECIAL:
            cut -= 1  # noqa: PLW2901 - the same cut, moved
        cuts.append(cut)
    return sample._replace(cuts=tuple(cut for cut in cuts if cut))


class Kinds:
    """What a cut of a sample is, for each place."""

    def __init__(self, sample: Sample) -> None:
        self.data = sample.data
        self._mark = len(sample.mark)
        self._between: dict[int, str] = {}
        position = self._mark
        after = iter(sample.lines)
        next(after, None)
        for line, end in zip(sample.lines, sample.ends, strict=True):
            position += len(line.text) + len(end)
            following = next(after, None)
            blank = following is not None and following.blank
            self._between[position] = "cut-event" if line.blank else "cut-blank" if blank else "cut-line"

    def at(self, cut: int) -> str:
        """Return the feature that a cut at ``cut`` is."""
        data = self.data
        if cut in (0, len(data)):
            return "cut-empty"
        if cut < self._mark:
            return "cut-bom"
        if data[cut - 1] == 0x0D and data[cut] == 0x0A:
            return "cut-crlf"
        if 0x80 <= data[cut] <= 0xBF or _BEGUN.search(data, max(0, cut - 3), cut):
            return "cut-character"
        return self._between.get(cut, "cut")
