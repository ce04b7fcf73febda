"""What the events of a stream add up to: one complete answer.

Law: an answer depends on what was told and its order, not on how it was cut into events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.told import Failure, Kind, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.dialects.told import Piece, Told


class Part(msgspec.Struct):
    """One run of increments of one kind: a text, a thought, a refusal, a tool call with its arguments, a picture.

    Attributes:
        kind: What it is.
        call, name, id: Of a tool call.
        pieces: The increments as they came.

    """

    kind: Kind
    call: str = ""
    name: str = ""
    id: str = ""
    pieces: list[str] = []

    @property
    def text(self) -> str:
        """All of it; of a tool call its arguments."""
        return "".join(self.pieces)


class Choice(msgspec.Struct):
    """One of several answers: its parts as they began, and why it is over, in the provider's word."""

    parts: list[Part] = []
    stop: str = ""

    def grow(self, piece: Piece) -> None:
        """Add an increment: to the tool call that it names, else to the last part if that is of its kind.

        A call that is only named, without index or id, is a new one.
        """
        part = self._place(piece)
        part.name = part.name or piece.name
        part.id = part.id or piece.id
        if piece.whole:
            part.pieces.clear()
        if piece.text:
            part.pieces.append(piece.text)

    def _place(self, piece: Piece) -> Part:
        if piece.kind == "tool":
            calls = [part for part in self.parts if part.kind == "tool"]
            found = next((part for part in reversed(calls) if part.call == piece.call), None)
            part = found if piece.call else (calls[-1] if calls and not piece.name else None)
        elif piece.whole and piece.id:
            part = next((part for part in self.parts if (part.kind, part.id) == (piece.kind, piece.id)), None)
        else:
            part = self.parts[-1] if self.parts and self.parts[-1].kind == piece.kind else None
        if part is None or piece.kind in ("citation", "media"):
            part = Part(piece.kind, piece.call)
            self.parts.append(part)
        return part

    def said(self, kind: Kind) -> str:
        """Return all that was said of one kind."""
        return "".join(part.text for part in self.parts if part.kind == kind)

    @property
    def text(self) -> str:
        """All text."""
        return self.said("text")

    @property
    def reasoning(self) -> str:
        """All thoughts."""
        return self.said("reasoning")

    @property
    def refusal(self) -> str:
        """All refusals."""
        return self.said("refusal")

    @property
    def calls(self) -> list[Part]:
        """The tool calls."""
        return [part for part in self.parts if part.kind == "tool"]

    @property
    def citations(self) -> int:
        """How many references there are."""
        return sum(part.kind == "citation" for part in self.parts)

    @property
    def media(self) -> int:
        """How many pictures, sounds and files there are."""
        return sum(part.kind == "media" for part in self.parts)


class Answer(msgspec.Struct):
    """All that was told.

    Attributes:
        choices: By their number.
        usage: Tokens, as far as told.
        model, id: Of the answer.
        failure: The error that was told.
        complete: It ended as its dialect says.

    """

    choices: dict[int, Choice] = {}
    usage: Usage = Usage()
    model: str = ""
    id: str = ""
    failure: Failure | None = None
    complete: bool = False

    def add(self, told: Told) -> None:
        """Take what one more event tells."""
        for piece in told.pieces:
            self.choice(piece.choice).grow(piece)
        for number, reason in told.stops:
            self.choice(number).stop = reason
        if told.usage is not None:
            self.usage = merged(self.usage, told.usage)
        self.model = self.model or told.model
        self.id = self.id or told.id
        self.failure = self.failure or told.failure

    def choice(self, number: int) -> Choice:
        """Return the choice, made if need be."""
        return self.choices.setdefault(number, Choice())

    @property
    def first(self) -> Choice:
        """The choice with the lowest number; an empty one where nothing was said."""
        return self.choices[min(self.choices)] if self.choices else Choice()


def merged(before: Usage, after: Usage) -> Usage:
    """Return what is known after both were told; the later one is right where they differ."""
    told = {name: value for name, value in msgspec.structs.asdict(after).items() if value is not None}
    return msgspec.structs.replace(before, **told)


def gather(told: Iterable[Told], *, complete: bool = False) -> Answer:
    """Return the answer that was told."""
    answer = Answer(complete=complete)
    for item in told:
        answer.add(item)
    return answer
