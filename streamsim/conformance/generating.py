"""Samples out of dice: all and only those with allowed features.

Law: what is drawn are three short tapes of bytes and a number; a sample is a function of them, and they of seed, path
and number. An empty tape is the simplest stream there is; a shorter one, or one of smaller bytes, a simpler one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from streamsim.conformance import tokens
from streamsim.conformance.anatomy import Kinds, blocks, features
from streamsim.conformance.leading import completed
from streamsim.conformance.payload import bare, wrapped
from streamsim.conformance.policy import Policy
from streamsim.conformance.sample import BOM, Line, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.rng import Rng

_ENDS: Final = (b"\n", b"\r\n", b"\r")
_BLANK_SHARE: Final = 70  # of 256 bytes of the tape of lines; more than a line in four ends a block
_COMPOSED: Final = 232  # from here on: a data line of pieces that the tape chooses
_MARKED: Final = 8  # of 32: a byte order mark at the beginning, or two
_WHOLE: Final = 20  # of 32: from here on, nothing is missing at the end
_BYTEWISE: Final = 236  # of 256: from here on, a tape of cuts means all places


Tapes: TypeAlias = tuple[bytes, bytes, bytes, int]

_STRICT: Final = Policy()


def samples(dice: Rng, allowed: frozenset[str], policy: Policy = _STRICT) -> Iterator[Sample]:
    """Yield samples without end; few of them have other features than ``allowed``, and are to be passed over."""
    nth = 0
    while True:
        yield sample_of(tapes(dice, nth), allowed, policy)
        nth += 1


def tapes(dice: Rng, nth: int) -> Tapes:
    """Return draw ``nth``: up to 14 bytes of lines, 6 of line ends, 5 of cuts, and a number below 32."""
    start = nth * 8
    words = b"".join([dice.word(start + part).to_bytes(8, "big") for part in range(5)])
    size, ends, cuts, flags = words[32:36]
    return words[: size % 15], words[15 : 15 + ends % 7], words[22 : 22 + cuts % 6], flags % 32


@lru_cache(maxsize=512)
def _table(allowed: frozenset[str]) -> tuple[Line, ...]:
    return tuple(line for line in tokens.LINES[2:] if _of_line(line) <= allowed)


@lru_cache(maxsize=2048)
def _of_line(line: Line) -> frozenset[str]:
    """Return the features that ``line`` has wherever it stands."""
    return features(Sample(b"", (line, tokens.DATA, tokens.BLANK), (b"\n",) * 3)) - _PLACED


_PLACED: Final = frozenset({"comment", "event-last", "lines", "empty-first", "empty-inside", "empty-last", "events"})


def sample_of(drawn: Tapes, allowed: frozenset[str], policy: Policy = _STRICT) -> Sample:
    """Return the sample that four tapes stand for: of lines, of line ends, of cuts, and what is at the edges."""
    lines_tape, ends_tape, cuts_tape, flags = drawn
    lines = _repaired(_lines(lines_tape, _table(allowed)), allowed)
    if policy.ndjson:
        lines = bare(lines, policy.payload, blanks="blanks" in allowed)
    elif policy.payload:
        lines = wrapped(lines, policy.payload)
    if policy.block:
        lines = completed(lines, policy.block)
    rest = b""
    if flags % 4 > 0 and flags < _WHOLE and "unfinished" in allowed:
        lines, rest = _unfinished(lines, flags % 4)
    ends = _apart(lines, _ends(ends_tape, len(lines), allowed))
    whole = Sample(_mark(flags, allowed), tuple(lines), ends, rest)
    return whole._replace(cuts=_cuts(cuts_tape, whole, allowed)) if cuts_tape else whole


def _mark(flags: int, allowed: frozenset[str]) -> bytes:
    if "bom" not in allowed or flags >= _MARKED:
        return b""
    return BOM if flags < _MARKED // 2 or "bom-twice" not in allowed else BOM + BOM


def _lines(tape: bytes, table: Sequence[Line]) -> list[Line]:
    found: list[Line] = []
    position = 0
    while position < len(tape):
        byte = tape[position]
        position += 1
        if byte == 0:
            found.append(tokens.DATA)
        elif byte < _BLANK_SHARE:
            found.append(tokens.BLANK)
        elif byte >= _COMPOSED:
            size = byte % 4 + 1
            pieces = tape[position : position + size]
            position += size
            value = b"".join(tokens.PIECES[piece % len(tokens.PIECES)] for piece in pieces)
            found.append(Line(b"data", b": ", value))
        elif byte < _BLANK_SHARE + 30 or not table:
            found.append(tokens.DATA)
        else:
            following = tape[position] if position < len(tape) else 0
            position += 1
            found.append(table[following % len(table)])
    return found


def _repaired(lines: list[Line], allowed: frozenset[str]) -> list[Line]:
    """Return ``lines``, ended by a blank line, changed as little as need be for the most common features to go."""
    found: list[Line] = []
    held_id = False
    data_seen = False
    for block, _ in blocks(lines):
        names = [line.name for line in block]
        if b"data" in names:
            if data_seen and "events" not in allowed:
                break
            data_seen = True
            block = _one_block(block, allowed)  # noqa: PLW2901 - the same block, repaired
            if held_id and b"id" not in names and "id-lasts" not in allowed:
                block = [Line(b"id", b": ", b"1"), *block]  # noqa: PLW2901 - as above
        elif not _dataless_allowed(names, allowed, data_seen=data_seen, held_id=held_id):
            if not any(names):
                continue
            if data_seen and "events" not in allowed:
                break
            block = [*block, tokens.DATA]  # noqa: PLW2901 - as above
            data_seen = True
        held_id = held_id or b"id" in names
        found += [*block, tokens.BLANK]
    return found or [tokens.DATA, tokens.BLANK]


def _one_block(block: list[Line], allowed: frozenset[str]) -> list[Line]:
    if "lines" not in allowed:
        first = next(index for index, line in enumerate(block) if line.name == b"data")
        block = [line for index, line in enumerate(block) if line.name != b"data" or index == first]
    if "event-last" not in allowed:
        block = sorted(block, key=lambda line: line.name == b"data")
    return block


def _dataless_allowed(names: list[bytes], allowed: frozenset[str], *, data_seen: bool, held_id: bool) -> bool:
    fields = set(names) - {b""}
    if fields - {b"id"} and "no-data" not in allowed:
        return False
    if (held_id or b"id" in fields) and "no-data-id" not in allowed:
        return False
    if fields:
        return True
    if names:
        return "comment-block" in allowed
    if held_id:
        return True
    return ("blanks" if data_seen else "blank-first") in allowed


def _unfinished(lines: list[Line], how: int) -> tuple[list[Line], bytes]:
    """Return ``lines`` without the last blank line, or cut inside the line before it, and the rest."""
    lines = lines[:-1]
    if (how == 1 and lines and lines[-1].name) or not lines:
        return lines, b""
    text = lines[-1].text
    return lines[:-1], text if how == 2 else text[: len(text) // 2 + 1]


def _ends(tape: bytes, size: int, allowed: frozenset[str]) -> tuple[bytes, ...]:
    kinds = [end for end, name in zip(_ENDS, ("", "crlf", "cr"), strict=True) if not name or name in allowed]
    if not tape or len(kinds) == 1:
        return (b"\n",) * size
    if "mixed" not in allowed or tape[0] < 128:
        return (kinds[tape[0] % len(kinds)],) * size
    return tuple(kinds[tape[index % len(tape)] % len(kinds)] for index in range(size))


def _apart(lines: Sequence[Line], ends: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return ``ends`` with no LF of a blank line after a CR: the two would be one line end."""
    if b"\r" not in ends or b"\n" not in ends:
        return ends
    found = list(ends)
    for index in range(1, len(found)):
        if found[index] == b"\n" and found[index - 1] == b"\r" and lines[index].blank:
            found[index] = b"\r"
    return tuple(found)


def _cuts(tape: bytes, sample: Sample, allowed: frozenset[str]) -> tuple[int, ...]:
    kinds = Kinds(sample)
    data = kinds.data
    if tape[0] >= _BYTEWISE:
        chosen = list(range(1, len(data)))
    else:
        special = [place for place in range(1, len(data)) if data[place - 1] in b"\r\n" or data[place] >= 0x80]
        chosen = [
            special[byte // 2 % len(special)] if byte % 2 == 0 and special else byte // 2 % (len(data) + 1)
            for byte in tape
        ]
    kept: list[int] = []
    for cut in sorted(chosen):
        if kept and cut == kept[-1] and "cut-empty" not in allowed:
            continue
        if kinds.at(cut) in allowed:
            kept.append(cut)
    return tuple(kept)
