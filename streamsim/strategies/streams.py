"""Lines, fields, frames and whole streams, as bytes.

Law: what is called valid is read by every conforming parser without a byte being passed over; what is nearly valid
differs from it in the ways in which real servers do.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hypothesis import strategies as st

from streamsim.strategies.cutting import cut
from streamsim.strategies.tapes import of, told

if TYPE_CHECKING:
    from streamsim.strategies.cutting import Chunks, How

Kind: TypeAlias = Literal["valid", "nearly valid", "arbitrary"]
End: TypeAlias = Literal["\n", "\r\n", "\r"]

BOM: Final = b"\xef\xbb\xbf"
ENDS: Final[tuple[End, ...]] = ("\n", "\r\n", "\r")

# What parsers take for something else: other line ends, spaces, marks, and words that protocols give a meaning.
_AWKWARD: Final = (
    "", " ", ":", "a b", " a", "a ", "\ta", "é", "€", "🙂", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e",
    "\xa0", "\ufeff", "\0", "[DONE]", "data: x", "{}", "null",
)  # fmt: skip
_IDS: Final = ("1", "2", "", "é", "a b")
_NAMES: Final = ("message", "ping", "error", "a", "é")
_NOISE: Final = (b": ping", b":", b"foo: bar", b"foo", b"DATA: x", b"datax: y", b" data: x", b"data : x")
_BROKEN: Final = (
    b"retry: 10x", b"retry: -1", b"retry:", "retry: ²".encode(), b"id: 1\x002", b"data: \xff", b"data: \xe2\x82",
    b"\xff", b"event", b"id", b"data", b" ", b"retry: " + b"9" * 30,
)  # fmt: skip


def values() -> st.SearchStrategy[str]:
    """Return values of fields: any text without CR and LF, biased to what parsers stumble over."""
    free = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)
    awkward = told(lambda tape: "".join([of(("a", *_AWKWARD), byte) for byte in tape]), st.binary(max_size=3))
    return st.one_of(st.sampled_from(("a", "b", *_AWKWARD)), awkward, free)


def fields(name: str | None = None) -> st.SearchStrategy[bytes]:
    """Return lines, without their end, that mean something: ``name``, or any of the four fields."""
    known = st.sampled_from([line for each in _VALUES if name in (each, None) for line in _spelt(each)])
    free: list[st.SearchStrategy[bytes]] = []
    if name in ("data", None):
        free.append(told(lambda value: _line("data", ": ", value), values()))
    if name in ("retry", None):
        free.append(told(lambda number: _line("retry", ": ", str(number)), st.integers(0, 100_000)))
    return st.one_of(known, *free)


_VALUES: Final = {"data": ("a", "b", *_AWKWARD), "event": _NAMES, "id": _IDS, "retry": ("0", "5", "3000")}


def _spelt(name: str) -> list[bytes]:
    return [_line(name, separator, value) for separator in (": ", ":") for value in _VALUES[name]]


def _line(name: str, separator: str, value: str) -> bytes:
    if separator == ":" and value[:1] == " ":
        separator = ": "
    return (name + separator + value).encode()


def lines(kind: Kind = "nearly valid") -> st.SearchStrategy[bytes]:
    """Return lines without their end: fields; unless ``valid``, comments and what is to be ignored, too."""
    if kind == "valid":
        return fields()
    if kind == "arbitrary":
        return told(lambda line: line.translate(None, b"\r\n"), st.binary(max_size=16))
    return st.one_of(fields(), st.sampled_from((*_NOISE, *_BROKEN)))


def frames(kind: Kind = "valid", end: End | None = None) -> st.SearchStrategy[bytes]:
    """Return blocks with their blank line; unless ``end`` is given, with any of the line ends throughout."""
    ends = st.just(end) if end is not None else st.sampled_from(ENDS)
    table = _table(kind)
    return told(
        lambda tape, eol: _written([*_block(tape, table, kind), b""], [eol.encode()]), st.binary(max_size=6), ends
    )


def streams(kind: Kind = "valid") -> st.SearchStrategy[bytes]:
    """Return whole streams.

    Args:
        kind: ``valid``: frames, all with the same line ends. ``nearly valid``: with noise, broken fields, line ends of
            all kinds, perhaps a byte order mark, perhaps no end. ``arbitrary``: any bytes, most of which begin like a
            stream.

    """
    return told(partial(_stream, kind), _spellings(kind), _tapes(kind))


def chunked_streams(kind: Kind = "valid", how: How = "any") -> st.SearchStrategy[Chunks]:
    """Return whole streams in chunks: what ``streams(kind).flatmap(chunkings)`` draws, in half the time.

    Args:
        kind: As for `streams`.
        how: As for `chunkings`.

    """
    return told(
        lambda spelling, tape, cuts: cut(_stream(kind, spelling, tape), cuts, how),
        _spellings(kind),
        _tapes(kind),
        st.binary(max_size=_CUTS),
    )


_CUTS: Final = 64
_MARKS: Final = (b"", BOM, BOM + BOM, b"\n")
_RESTS: Final = (b"", b"data: a", b"data: a\n", b"id: 9\n", b": a", b"\xe2\x82")
_TURNS: Final = [[end.encode() for end in turn] for size in range(1, 5) for turn in product(ENDS, repeat=size)]
"""Line ends that come in turn."""


@cache
def _spellings(kind: Kind) -> st.SearchStrategy[int]:
    if kind == "valid":
        return st.integers(0, len(ENDS) - 1)
    ways = len(_MARKS) * len(_RESTS) * len(_TURNS)
    return st.integers(0, ways - 1 if kind == "nearly valid" else 3 * ways - 1)


@cache
def _tapes(kind: Kind) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=64 if kind == "arbitrary" else 16)


def _stream(kind: Kind, spelling: int, tape: bytes) -> bytes:
    """Return the lines of a tape as they are spelt; the simplest spelling comes first."""
    if kind == "arbitrary":
        spelling, how = divmod(spelling, 3)
        return _stream("nearly valid", spelling, tape[::2]) + tape[1::2] if how else tape
    written = _blocks(tape, _table(kind), kind)
    if kind == "valid":
        return _written(written, [ENDS[spelling].encode()])
    spelling, mark = divmod(spelling, len(_MARKS))
    turn, rest = divmod(spelling, len(_RESTS))
    return _MARKS[mark] + _written(written, _TURNS[turn]) + _RESTS[rest]


@cache
def _table(kind: Kind) -> list[bytes]:
    """Return lines: what the bytes of a tape stand for; the simplest first, and field by field.

    So a byte that means one of a field goes down to its simplest without meaning anything else on the way.
    """
    data = [_line("data", ": ", value) for value in ("a", "b", *_AWKWARD)]
    named = [_line("event", ": ", name) for name in _NAMES] + [_line("id", ": ", value) for value in _IDS]
    others = [*named, _line("event", ":", "a"), b"retry: 5"]
    tight = _line("data", ":", "a")
    if kind == "valid":
        return [*data, tight, *others]
    broken = [line for line in _BROKEN if line.startswith(b"data")]
    return [*data, tight, *broken, *others, *_NOISE, *(line for line in _BROKEN if line not in broken)]


def _block(tape: bytes | bytearray, table: list[bytes], kind: Kind) -> list[bytes]:
    block = [table[byte % len(table)] for byte in tape]
    if kind == "valid" and not any(line.startswith(b"data") for line in block):
        block.append(b"data: a")
    return block


def _blocks(tape: bytes, table: list[bytes], kind: Kind) -> list[bytes]:
    """Return lines with their blank ones: a byte below 64 ends a block."""
    found: list[bytes] = []
    block = bytearray()
    for byte in tape:
        if byte >= 64:
            block.append(byte - 64)
        else:
            found += [*_block(block, table, kind), b""]
            block.clear()
    return [*found, *_block(block, table, kind), b""] if block else found


def _written(lines_: list[bytes], ends: list[bytes]) -> bytes:
    """Return lines, each with the next of ``ends``; an LF never comes alone after a CR, of which it would be a part."""
    parts: list[bytes] = []
    for number, line in enumerate(lines_):
        end = ends[number % len(ends)]
        if end == b"\n" and not line and parts and parts[-1].endswith(b"\r"):
            end = b"\r"
        parts.append(line + end)
    return b"".join(parts)
