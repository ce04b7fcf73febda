"""Recordings as JSON Lines: bytes in, bytes out, no files here.

The laws: what is read is written back byte for byte where it holds anything unknown; a bad line loses nothing before
it; memory does not grow with the file unless the whole is asked for. Lines are split on LF only, and each is read on
its own: one object a line, whatever else JSON would allow. The fast path takes all lines of a block for known ones; a
block with anything unusual in it is read again, to say which line and why.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, get_args

import msgspec

from streamsim.errors import RecordingError
from streamsim.recording.assemble import MEND, Assembler
from streamsim.recording.model import VERSION, Header, Kept, Line, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.recording.model import Entry

# Entries that are spelt at once where nobody asks for a line of its own.
TOGETHER = 512

# Six times the largest request that is served or recorded: what its JSON can come to at the worst.
LINE_LIMIT = 192 << 20

_BOM = b"\xef\xbb\xbf"
_line_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_header_decoder: msgspec.json.Decoder[Header] = msgspec.json.Decoder(Header)
_encoder = msgspec.json.Encoder()


class _Kind(msgspec.Struct):
    kind: str


_kind_decoder: msgspec.json.Decoder[_Kind] = msgspec.json.Decoder(_Kind)
_FIELDS = {kind.__struct_config__.tag: frozenset(("kind", *kind.__struct_fields__)) for kind in get_args(Line)}
# All that msgspec raises on bytes from anywhere; the second for what is no UTF-8, the third for `[[[[…`.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def write(entry: Entry | Header) -> bytes:
    """Return one line of the file, with its LF.

    U+0085, U+2028 and U+2029 are escaped, because many tools (not ours) take them for line ends.
    """
    if isinstance(entry, Kept):
        return entry.raw + b"\n"
    return _escaped(_encoder.encode(entry)) + b"\n"


def write_all(entries: Sequence[Entry]) -> bytes:
    """Return their lines, one after the other."""
    if Kept in map(type, entries):
        return b"".join(map(write, entries))
    return _escaped(_encoder.encode_lines(entries))


def _escaped(told: bytes) -> bytes:
    if told.isascii():
        return told
    told = told.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    return told.replace(b"\xc2\x85", b"\\u0085")


def encode(recording: Recording) -> Iterator[bytes]:
    """Yield the lines of ``recording`` as they stand in a file."""
    yield write(recording.header)
    yield from map(write, recording.entries)


def digest(recording: Recording) -> str:
    """Return the SHA-256, in hex, of all lines but the header and the comments."""
    entries, told = recording.entries, sha256()
    for first in range(0, len(entries), TOGETHER):
        told.update(_without_comments(entries[first : first + TOGETHER]))
    return told.hexdigest()


def _without_comments(entries: tuple[Entry, ...]) -> bytes:
    if Kept in map(type, entries):
        return b"".join([line for line in map(write, entries) if not line.startswith(b"#")])
    return write_all(entries)


def decode(blocks: Iterable[bytes], *, source: str = "<recording>", salvage: bool = False) -> Recording:
    """Return the whole recording in ``blocks``, which may be cut anywhere.

    Raises:
        RecordingError: ``file:line: what is wrong; what to do``. With ``salvage`` all before a bad line is returned
            instead, unless it is the first line that is bad.

    """
    reader = Reader(source)
    assembler = Assembler(source)
    try:
        for first_line, entries in reader.batches(blocks):
            assembler.add(entries, first_line)
    except RecordingError:
        if not salvage or reader.header is None:
            raise
    return Recording(
        header=reader.require_header(),
        entries=tuple(assembler.entries),
        exchanges=tuple(assembler.exchanges.values()),
        source=source,
        torn=reader.torn,
    )


class Reader:
    """Turns blocks of bytes into batches of entries, each entry one line.

    Attributes:
        header: The first line, once read.
        torn: The file ended in the middle of a line that cannot be read, as a killed recorder leaves it.

    """

    def __init__(self, source: str) -> None:
        self.header: Header | Kept | None = None
        self.torn = False
        self._source = source
        self._line = 0

    def batches(self, blocks: Iterable[bytes]) -> Iterator[tuple[int, list[Entry]]]:
        """Yield (number of the first line, entries), one entry a line, header excluded.

        Raises:
            RecordingError: A line is bad. All that stands before it was yielded.

        """
        begun: list[bytes] = []  # the line that goes on in the next block
        held = 0
        for block in blocks:
            *lines, rest = block.split(b"\n")
            if lines:
                lines[0] = b"".join([*begun, lines[0]])
                begun, held = [], 0
                yield from self._batch(lines)
            begun.append(rest)
            held += len(rest)
            if held > LINE_LIMIT:
                raise self._too_long()
        last = b"".join(begun)
        if last:
            yield from self._last(last)

    def require_header(self) -> Header | Kept:
        """Return the header.

        Raises:
            RecordingError: The file is empty.

        """
        if self.header is None:
            raise RecordingError(self._source, "the file is empty", "name a recording, or make one: streamsim record")
        return self.header

    def _too_long(self) -> RecordingError:
        where = f"{self._source}:{self._line + 1}"
        return RecordingError(where, f"a line of over {LINE_LIMIT >> 20} MiB", "name a recording, or split its chunk")

    def _last(self, line: bytes) -> Iterator[tuple[int, list[Entry]]]:
        """Read a last line without LF: it may be whole, or the half that a killed recorder left."""
        try:
            yield from self._batch([line])
        except RecordingError:
            if self.header is None:
                raise
            self.torn = True

    def _batch(self, lines: list[bytes]) -> Iterator[tuple[int, list[Entry]]]:
        if self.header is None:
            self._line = 1
            self.header = read_header(lines.pop(0).removeprefix(_BOM), self._source)
        if not lines:
            return
        first_line = self._line + 1
        self._line += len(lines)
        try:
            entries: list[Entry] = list(map(_line_decoder.decode, lines))
        except _UNREADABLE:
            yield from self._carefully(lines, first_line)
        else:
            yield first_line, entries

    def _carefully(self, lines: list[bytes], first_line: int) -> Iterator[tuple[int, list[Entry]]]:
        entries: list[Entry] = []
        for number, raw in enumerate(lines, first_line):
            try:
                entries.append(read_line(raw, f"{self._source}:{number}"))
            except RecordingError:
                yield first_line, entries
                raise
        yield first_line, entries


def read_header(raw: bytes, source: str) -> Header | Kept:
    """Return the first line of a recording.

    Raises:
        RecordingError: It is no header, or one of a version this streamsim does not know.

    """
    where = f"{source}:1"
    try:
        header = _header_decoder.decode(raw)
    except _UNREADABLE as error:
        problem = f"not a streamsim recording ({_reason(error)})"
        raise RecordingError(where, problem, 'the first line must read {"streamsim":1,…}') from error
    if header.version != VERSION:
        problem = f"format version {header.version}, and this streamsim reads version {VERSION}"
        raise RecordingError(where, problem, "read it with the streamsim that wrote it, or a newer one")
    return header if write(header) == raw + b"\n" else Kept(raw)


def read_line(raw: bytes, where: str) -> Entry:
    """Return what one line says; comments, empty lines and unknown kinds are kept as they are.

    Raises:
        RecordingError: It is no JSON object, or a known kind with a wrong value.

    """
    if raw[:1] == b"#" or not raw.strip():
        return Kept(raw)
    try:
        kind = _kind_decoder.decode(raw).kind
        return _known(raw, kind) if kind in _FIELDS else Kept(raw)
    except _UNREADABLE as error:
        raise RecordingError(where, _reason(error), MEND) from error


def _known(raw: bytes, kind: str) -> Entry:
    """Read a line of a known kind; unknown keys beside the known ones keep it as it is."""
    try:
        return _line_decoder.decode(raw)
    except msgspec.ValidationError as error:
        if "unknown field" not in str(error):
            raise
    fields: dict[str, msgspec.Raw] = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    known = {key: value for key, value in fields.items() if key in _FIELDS[kind]}
    return Kept(raw, _line_decoder.decode(_encoder.encode(known)))


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError) or str(error) == "Invalid UTF-8 encoded string":
        return "it is not UTF-8"  # msgspec lets Python say so up to 0.22, and says so itself from 0.23 on
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    text = str(error)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
