"""``curl --trace FILE``, with or without ``--trace-time``: each read and write of the wire in hexadecimal, timed.

Where a read holds HTTP chunks, they are the chunks, each with the time of its last byte; else a read is one. Times are
those of a day: a trace that crosses midnight goes on. ``--trace-ascii`` loses bytes and is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from streamsim.errors import RecordingError
from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.heads import head_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.recording.importers.file import File
    from streamsim.wire import Headers

# What TLS itself sends ("Send SSL data") is told too, and is no part of a message.
_ENTRY = re.compile(
    r"^(?:([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6}) )?(?:\[[^\]\n]*\] )?"
    r"(=>|<=|==) (?:Send|Recv|Info)(?: (header|data), ([0-9]{1,12}) bytes|[: ])",
    re.MULTILINE,
)
_HEX = re.compile(r"^[0-9a-f]{4,}: ((?:[0-9a-f]{2} ){1,16})", re.MULTILINE)
_DAY_US = 86_400_000_000
_FRAMED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
_CAUSES = {"reset by peer": "reset", "timed out": "timeout", "outstanding read data": "fin", "bytes missing": "fin"}


class _Entry(NamedTuple):
    at_us: int | None
    kind: str  # "=>header", "<=data", …; "==" for what curl says
    data: bytes


def owns(file: File) -> bool:
    """Tell by the first line."""
    return _ENTRY.match(file.data[:200].decode("latin-1")) is not None


def found(file: File) -> Iterator[Found]:
    """Yield the exchanges; what a proxy was asked (CONNECT) is none.

    Raises:
        RecordingError: Bytes are missing: it was written with ``--trace-ascii``.

    """
    exchange: list[_Entry] = []
    for entry in _entries(file):
        if entry.kind == "=>header" and any(one.kind.startswith("<=") for one in exchange):
            yield from _found(exchange)
            exchange = []
        exchange.append(entry)
    yield from _found(exchange)


def _entries(file: File) -> Iterator[_Entry]:
    text = file.data.decode("latin-1")
    starts = list(_ENTRY.finditer(text))
    now_us: int | None = None
    stops = [*(start.start() for start in starts[1:]), len(text)]
    for start, stop in zip(starts, stops, strict=False):
        now_us = _at_us(start, now_us)
        if start[6]:
            yield _Entry(now_us, start[5] + start[6], _bytes(file, text, start, stop))
        else:
            yield _Entry(now_us, start[5], text[start.end() : stop].encode())


def _bytes(file: File, text: str, start: re.Match[str], stop: int) -> bytes:
    data = bytes.fromhex("".join(_HEX.findall(text, start.end(), stop)))
    if len(data) != int(start[7]):
        line = text.count("\n", 0, start.start()) + 1
        problem = f"{start[7]} bytes are announced and {len(data)} follow"
        raise RecordingError(f"{file.source}:{line}", problem, "trace with --trace, not --trace-ascii")
    return data


def _at_us(start: re.Match[str], before_us: int | None) -> int | None:
    if start[1] is None:
        return None
    hours, minutes, seconds, micros = (int(start[group]) for group in (1, 2, 3, 4))
    at_us = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros
    days = 0 if before_us is None or before_us <= at_us else -(-(before_us - at_us) // _DAY_US)
    return at_us + days * _DAY_US


def _found(entries: Sequence[_Entry]) -> Iterator[Found]:
    line, asked = head_of(b"".join(entry.data for entry in entries if entry.kind == "=>header"))
    method, _, target = line.rpartition(" HTTP/")[0].partition(" ")
    if not target or method == "CONNECT":
        return
    sent = [entry for entry in entries if entry.kind.startswith("=>")]
    heads = [entry for entry in entries if entry.kind == "<=header"]
    status, reason, headers = _answer(b"".join(entry.data for entry in heads))
    reads = [entry for entry in entries if entry.kind == "<=data"]
    timed = entries[0].at_us is not None
    first_us = next((entry.at_us or 0 for entry in heads), 0)
    parts, ended = _parts(reads, headers, (heads[-1].at_us or 0) if heads else 0)
    yield Found(
        method=method,
        url=target,
        asked=asked,
        body=b"".join(entry.data for entry in sent if entry.kind == "=>data"),
        status=status,
        reason=reason,
        headers=headers,
        parts=parts,
        lacks=() if timed else ("times",),
        wait_us=first_us - (sent[-1].at_us or 0),
        cause=_cause(entries, ended=ended),
    )


def _answer(data: bytes) -> tuple[int, str, Headers]:
    """Return status, reason and headers of the last head; trailers may follow it, and interim heads come before."""
    heads = [head for head in re.split(rb"\r?\n\r?\n", data) if head.startswith(b"HTTP/")]
    first, headers = head_of(heads[-1] if heads else b"")
    status, _, reason = first.partition(" ")[2].partition(" ")
    return int(status) if status.isdecimal() else 0, reason, headers


def _parts(reads: Sequence[_Entry], headers: Headers, before_us: int) -> tuple[list[Part], bool]:
    """Return what came, and whether that is all as far as the framing tells."""
    told = [(entry.at_us or 0, entry.data) for entry in reads]
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        chunks = _Chunks(told)
        if chunks.sound:  # later versions of curl take the framing off before they tell
            return _spaced(chunks.found, before_us), chunks.ended
    return _spaced(told, before_us), True


def _spaced(told: Sequence[tuple[int, bytes]], before_us: int) -> list[Part]:
    times = [before_us, *(at_us for at_us, _ in told)]
    return [Part(data, max(0, at_us - times[place])) for place, (at_us, data) in enumerate(told)]


def _cause(entries: Sequence[_Entry], *, ended: bool) -> str:
    said = b"".join(entry.data for entry in entries if entry.kind == "==").decode("latin-1")
    return next((cause for words, cause in _CAUSES.items() if words in said), "complete" if ended else "fin")


class _Chunks:
    """The HTTP chunks in what was read, each with the time of its last byte; llhttp finds them.

    Attributes:
        found: Time and bytes of each, an unfinished last one too.
        sound: It was chunks that were read.
        ended: The last one was there.

    """

    def __init__(self, told: Sequence[tuple[int, bytes]]) -> None:
        import httptools  # noqa: PLC0415 - loaded only where a trace is read

        self.found: list[tuple[int, bytes]] = []
        self.sound = True
        self.ended = False
        self._now_us = 0
        self._body = b""
        parser = httptools.HttpResponseParser(self)
        parser.feed_data(_FRAMED)
        for self._now_us, data in told:
            try:
                parser.feed_data(data)
            except httptools.HttpParserError:
                self.sound = bool(self.found)
                break
        if self._body:
            self.found.append((self._now_us, self._body))

    def on_body(self, body: bytes) -> None:
        """Take bytes of a chunk."""
        self._body += body

    def on_chunk_complete(self) -> None:
        """Take the end of a chunk; the last one has no bytes."""
        if self._body:
            self.found.append((self._now_us, self._body))
        self._body = b""

    def on_message_complete(self) -> None:
        """Take the end of the body."""
        self.ended = True
