"""The same stream with other line ends: the standard knows LF, CR LF and CR, and allows them mixed."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.draft import Piece
from streamsim.plan.faults.fault import Fault, Phase, streaming

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.rng import Rng

_END = re.compile(rb"\r\n|\r|\n")
_BYTE = re.compile(rb"[\r\n]")
_STYLES = {"lf": (b"\n",), "crlf": (b"\r\n",), "cr": (b"\r",), "mixed": (b"\r\n", b"\r", b"\n")}


class LineEnds(Fault, frozen=True, kw_only=True, tag="line_ends"):
    """Write every line end of the stream in one way. A body without frames is left alone.

    Attributes:
        style: ``crlf``, ``cr``, ``lf``; ``mixed``: drawn for each line.

    """

    style: Literal["lf", "crlf", "cr", "mixed"] = "crlf"

    phase: ClassVar[Phase] = Phase.BYTES
    kinds = ("sse", "lines")
    sees: ClassVar[str] = "the same events"
    rows: ClassVar[tuple[str, ...]] = ("C4",)
    incidents: ClassVar[tuple[str, ...]] = ("vercel/ai#6197", "eclipse-ee4j/jersey#3287")

    def check(self, scene: Scene) -> None:
        """Look whether there are lines, and they can be seen."""
        streaming(self, scene.anatomy)
        if scene.anatomy.kind == "lines" and self.style in ("cr", "mixed"):
            raise PlanError(self.name(), "a CR alone ends no JSON line", "write style=crlf")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with other line ends; boundaries stay, also between a CR and its LF."""
        pieces = [piece for cell in draft.cells for piece in cell.pieces]
        bases = list(accumulate((len(piece.data) for piece in pieces), initial=0))
        body = b"".join(piece.data for piece in pieces)
        written = self._written(body, pieces, bases, scene.rng)
        if all(body[place : place + 1] == new for place, new in written.items()):
            return draft
        changed = (_changed(piece, base, written) for piece, base in zip(pieces, bases, strict=False))
        return draft.with_cells(
            msgspec.structs.replace(cell, pieces=tuple([next(changed) for _ in cell.pieces])) for cell in draft.cells
        )

    def _written(self, body: bytes, pieces: list[Piece], bases: list[int], rng: Rng) -> dict[int, bytes]:
        """Return what is written for each byte of a line end, by its place in ``body``.

        A line end right after a CR is never LF: they would be one. Draws are numbered by the recorded place.
        """
        written: dict[int, bytes] = {}
        after_cr = -1
        styles = _STYLES[self.style]
        for match in _END.finditer(body):
            index = bisect_right(bases, match.start(), hi=len(pieces)) - 1
            nth = 1 + pieces[index].start + match.start() - bases[index]
            count = len(styles) - (len(styles) > 1 and match.start() == after_cr)
            end = styles[rng.below(nth, count)]
            after_cr = match.end() if end == b"\r" else -1
            written[match.start()] = end if len(match[0]) == 1 else end[:1]
            if len(match[0]) == 2:
                written[match.start() + 1] = end[1:]
        return written


def _changed(piece: Piece, base: int, written: dict[int, bytes]) -> Piece:
    data = _BYTE.sub(lambda match: written[base + match.start()], piece.data)
    return Piece(data, piece.start, piece.stop)
