"""The increments of an answer as runs of text, and a run cut anew.

Law: the pieces of a run joined are the run, and a piece belongs to the event with its last character: so nothing is
said before the provider said it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec

from streamsim.dialects import tokens
from streamsim.plan.faults.shapes import growth
from streamsim.plan.faults.telling import with_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.dialects import Landed
    from streamsim.dialects.told import Piece
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now

Unit: TypeAlias = Literal["grapheme", "codepoint", "utf16", "word", "token", "all"]


class Grown(NamedTuple):
    """An event that does nothing but grow: its index, and its text as it is by now."""

    event: int
    text: str


def plain(item: Landed, scene: Scene) -> Piece | None:
    """Return the increment of an event that does nothing but grow, so that there may be more like it."""
    piece = growth(item, scene)
    told = item.told
    if piece is None or told.stops or told.terminal or told.failure or piece.name or piece.id:
        return None
    return piece if with_text(scene, item, item.event.data, piece.text) is not None else None


def runs(now: Now) -> list[list[Grown]]:
    """Return the events that grow by one text after the other, without another event of their choice between."""
    found: list[list[Grown]] = []
    open_: dict[int, tuple[tuple[str, str], list[Grown]]] = {}
    for index, item in enumerate(now.scene.anatomy.landed):
        piece = plain(item, now.scene)
        text = _text(now, index, item) if piece is not None else None
        if piece is None or text is None:
            open_.clear()
            continue
        key = (piece.kind, piece.call)
        kept = open_.get(piece.choice)
        if kept is None or kept[0] != key:
            found.append([])
            kept = open_[piece.choice] = (key, found[-1])
        kept[1].append(Grown(index, text))
    return found


def _text(now: Now, index: int, item: Landed) -> str | None:
    """Return the text of an event as it is by now; None where that is gone, broken or no text."""
    data = now.data(index)
    data = data.lstrip(" \t") if item.event.data.startswith("{") else data
    if not data or (not data.isascii() and any("\ud800" <= char <= "\udfff" for char in data)):
        return None
    event = msgspec.structs.replace(item.event, data=data)
    piece = growth(msgspec.structs.replace(item, event=event, told=now.scene.spoken.tell(event)), now.scene)
    return None if piece is None or now.scene.spoken.with_text(event, piece.text) is None else piece.text


def cut(run: Sequence[Grown], by: Unit, size: Callable[[int], int]) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a run, each with the event it belongs to; ``size`` says how many units the nth one has."""
    units = [(unit, owner) for owner, unit in _units(run, by)]
    start = 0
    while start < len(units):
        stop = min(len(units), start + max(1, size(start)))
        group = units[start:stop]
        yield group[-1][1], "".join(unit for unit, _ in group)
        start = stop


def _units(run: Sequence[Grown], by: Unit) -> Iterator[tuple[int, str]]:
    """Yield the units of a run, each with the event that has its last character."""
    owners = [grown.event for grown in run for _ in grown.text]
    text = "".join(grown.text for grown in run)
    place = 0
    for unit in _CUTTERS[by](text):
        place += len(unit)
        for part in _halves(unit) if by == "utf16" else (unit,):
            yield owners[place - 1], part


def _halves(character: str) -> tuple[str, ...]:
    """Return a character as UTF-16 has it: one beyond the first 65536 as two halves, each a surrogate."""
    code = ord(character) - 0x10000
    return (character,) if code < 0 else (chr(0xD800 + (code >> 10)), chr(0xDC00 + (code & 0x3FF)))


def _words(text: str) -> list[str]:
    """Return the words of ``text``, each with the space behind it, which never is a part of a grapheme."""
    signs = tokens.graphemes(text)
    groups = ["".join(group) for _, group in groupby(signs, str.isspace)]
    first = [""] if groups and groups[0].isspace() else []
    return [word + space for word, space in _pairs([*first, *groups])]


def _pairs(groups: list[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(groups), 2):
        yield groups[start], groups[start + 1] if start + 1 < len(groups) else ""


_CUTTERS: dict[str, Callable[[str], list[str]]] = {
    "grapheme": tokens.graphemes,
    "codepoint": list,
    "utf16": list,
    "word": _words,
    "token": tokens.cut,
    "all": lambda text: [text],
}
