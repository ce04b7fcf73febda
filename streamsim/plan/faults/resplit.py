"""The same text in other deltas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.dialects.units import frames
from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults.deltas import Unit, cut, plain, runs
from streamsim.plan.faults.event_data import anonymous, element, with_data
from streamsim.plan.faults.fault import Phase
from streamsim.plan.faults.numbers import within
from streamsim.plan.faults.renumbering import counted_on, padded
from streamsim.plan.faults.spreading import gathered, spread
from streamsim.plan.faults.telling import Now, OnAnswer, changed, with_text
from streamsim.plan.faults.values import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.units import Kind
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene

_PADDED = 1 << 52  # where the draws of padding begin
_HALF = re.compile("[\ud800-\udfff]")


class Resplit(OnAnswer, frozen=True, kw_only=True, tag="resplit"):
    """Cut text, thoughts and the arguments of tool calls into other deltas; joined they are what they were.

    A new delta is a copy of the event that had its last character, and never comes before that. What else such an event
    says, it says again with each copy; an id stays with the last. The copies are spread over the time up to the next
    chunk. An event with a reason to finish, or with a tool's name, stays as it is, and no text moves across another
    event. Sequence numbers count on, and padding still makes events equally long.

    Attributes:
        by: What is never cut: ``grapheme``: what people see as one character; ``codepoint``: a character of Unicode, so
            that an emoji may come in parts; ``utf16``: half of one, written as an escape, where the deltas are JSON;
            ``word``: with the space behind it; ``token``: as models do; ``all``: each run of deltas becomes one.
        size: So many of these are a delta; the last of a run may have fewer.
        variation: How many more or fewer, drawn for each.
        what: ``text`` and thoughts, ``tools``, or ``all``.

    """

    by: Unit = "grapheme"
    size: int = 1
    variation: int = 0
    what: Literal["all", "text", "tools"] = "all"

    again: ClassVar[Phase | None] = Phase.SPREADING
    about: ClassVar[str] = "event that only grows by one text"
    sees: ClassVar[str] = "the same answer in other deltas"
    rows: ClassVar[tuple[str, ...]] = ("resplit",)

    def __post_init__(self) -> None:
        """Refuse deltas of nothing."""
        super().__post_init__()
        within(self, "size", self.size, 1, 1 << 30)
        if not 0 <= self.variation < self.size:
            problem = f"{self.variation} is not from 0 to below size={self.size}"
            raise UsageError(f"{self.name()}: variation", problem, "leave at least one")

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the deltas."""
        return [index for index, item in enumerate(scene.anatomy.landed) if self._takes(index, scene, item.content)]

    def _takes(self, index: int, scene: Scene, content: str) -> bool:
        piece = plain(scene.anatomy.landed[index], scene) if content else None
        return piece is not None and self.what in ("all", "tools" if piece.kind == "tool" else "text")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with all copies of an event in its place."""
        spans = [scene.anatomy.events[index] for index in self.struck(scene)]
        return changed(gathered(draft, spans), scene, self.copies(Now(draft, scene)))

    def finish(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the copies spread, as far as they can be told apart."""
        spans = [scene.anatomy.events[index] for index in self.struck(scene)]
        return spread(draft, spans, lambda data: _apart(scene.anatomy.kind or "sse", data))

    def copies(self, now: Now) -> dict[int, bytes]:
        """Return the frames in place of each event: its copies, or itself, perhaps with another number."""
        pieces = self._pieces(now)
        if sum(map(len, pieces.values())) > MOST:
            raise PlanError(self.name(), f"it could make more than {MOST} deltas", "write a larger size")
        told: dict[int, bytes] = {}
        more = 0
        for index in range(len(now.scene.anatomy.landed)):
            frame = now.frame(index)
            if not frame:
                continue
            if index not in pieces:
                told[index] = now.retold(index, counted_on(now.data(index), more))
                continue
            told[index] = b"".join(self._copies(now, index, pieces[index], more))
            more += len(pieces[index]) - 1
        return told

    def _pieces(self, now: Now) -> dict[int, list[str]]:
        """Return what each delta says, in the pieces that belong to it; perhaps none."""
        told: dict[int, list[str]] = {}
        for run in runs(now):
            if not self._takes(run[0].event, now.scene, "x"):
                continue
            first = run[0].event << 32
            json = now.data(run[0].event).lstrip().startswith(("{", "["))
            by: Unit = "codepoint" if self.by == "utf16" and not json else self.by
            told |= {grown.event: [] for grown in run}
            for index, piece in cut(run, by, lambda nth, first=first: self._size(now.scene, first + nth + 1)):  # type: ignore[misc]
                told[index].append(piece)
        return told

    def _size(self, scene: Scene, nth: int) -> int:
        return self.size + (scene.rng.between(nth, -self.variation, self.variation) if self.variation else 0)

    def _copies(self, now: Now, index: int, pieces: list[str], more: int) -> list[bytes]:
        """Return the copies of an event, one for each piece."""
        scene, data, frame = now.scene, now.data(index), now.frame(index)
        item = scene.anatomy.landed[index]
        before = "".join(piece.text for piece in item.told.pieces)
        kind = scene.anatomy.kind
        # However long the text, a copy is made of a short one, in which characters are spelt as they were.
        short = with_text(scene, item, data, next((char for char in before if not char.isascii()), "x")) or data
        told: list[bytes] = []
        for nth, piece in enumerate(pieces):
            copy = with_text(scene, item, short, piece) or data
            copy = padded(counted_on(copy, more + nth), before, piece, scene.rng, _PADDED + (index << 20) + nth)
            last = nth == len(pieces) - 1
            copy = _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", copy)
            made = with_data(kind, frame if last else anonymous(kind, frame), copy)
            told.append(element(made, first=False) if kind == "array" and nth else made)
        return told


def _apart(kind: Kind, data: bytes) -> list[bytes]:
    """Return the frames of ``data``, which may begin within an array."""
    if kind != "array" or data.lstrip().startswith(b"["):
        return [frame for frame, _ in frames(kind, data)]
    first, *others = (frame for frame, _ in frames(kind, b"[" + data))
    return [first[1:], *others]
