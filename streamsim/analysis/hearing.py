"""What was said: the answer as it grows, and the tokens it took.

The laws: what is reported is what `streamsim.dialects.answer` adds up; with a limit each text is kept up to so many
characters, so that memory does not grow with the answer; tokens are the provider's where it tells them, and otherwise
deltas counted, and the report says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec.structs import replace

from streamsim.dialects.answer import Answer
from streamsim.dialects.told import Failure, Told, Usage
from streamsim.units import SECOND

if TYPE_CHECKING:
    from streamsim.dialects.answer import Choice
    from streamsim.dialects.told import Kind, Piece

BEGINNING: Final = 400
"""So many characters of a text are kept where not all of it is asked for."""

_GROWING: Final = frozenset(("text", "reasoning", "refusal", "tool"))


class Call(msgspec.Struct, frozen=True):
    """A tool call; ``arguments`` as the text that was streamed."""

    name: str
    id: str
    arguments: str


class Said(msgspec.Struct, frozen=True):
    """One of several answers to one request.

    Attributes:
        choice: Its number.
        text, reasoning, refusal: What was said of each, put together.
        calls: Tool calls, as they began.
        citations, media: How many references; how many pictures, sounds and files.
        stop: Why it is over, in the provider's word; "" where that was not told.

    """

    choice: int
    text: str
    reasoning: str
    refusal: str
    calls: tuple[Call, ...]
    citations: int
    media: int
    stop: str


class Tokens(msgspec.Struct, frozen=True):
    """What was counted.

    Attributes:
        usage: By the provider, as far as it told.
        deltas: How many increments of text, reasoning, refusals and arguments came.
        per_s: Tokens a second from the first content to the last; None where all came at once.
        per_s_of: What ``per_s`` counts: output tokens as told, or else deltas.

    """

    usage: Usage
    deltas: int
    per_s: float | None
    per_s_of: Literal["usage", "deltas"]


class Hearing:
    """Listens to one stream; with ``keep`` it remembers only so many characters of each text."""

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._kept: dict[tuple[int, Kind, str], int] = {}
        self._answer = Answer()
        self._deltas = 0
        self._thought = False

    @property
    def model(self) -> str:
        """The model's name, where told."""
        return self._answer.model

    @property
    def failure(self) -> Failure | None:
        """The error that was told."""
        return self._answer.failure

    def hear(self, told: Told) -> None:
        """Take what one more event tells."""
        for piece in told.pieces:
            self._deltas += bool(piece.text) and not piece.whole and piece.kind in _GROWING
            self._thought = self._thought or piece.kind == "reasoning"
        if self._keep is not None and told.pieces:
            kept = [self._shortened(piece, self._keep) for piece in told.pieces]
            pieces = tuple(piece for piece in kept if piece is not None)
            told = Told(pieces, told.usage, told.stops, told.model, told.id, told.failure)
        self._answer.add(told)

    def said(self) -> tuple[Said, ...]:
        """Return what each choice said, by their numbers."""
        return tuple(_said(number, choice) for number, choice in sorted(self._answer.choices.items()))

    def tokens(self, span_ns: int) -> Tokens:
        """Return what was counted; ``span_ns`` is the time from the first content to the last."""
        usage = self._answer.usage
        streamed = usage.output
        if streamed is not None and not self._thought:
            streamed -= usage.reasoning or 0  # thought about, but never sent
        count = self._deltas if streamed is None else streamed
        # A quotient of two integers, correctly rounded, is the same float everywhere.
        rate = round((count - 1) * SECOND / span_ns, 3) if span_ns > 0 and count > 1 else None
        return Tokens(usage, self._deltas, rate, "deltas" if streamed is None else "usage")

    def _shortened(self, piece: Piece, keep: int) -> Piece | None:
        """Return ``piece`` with as much of its text as may be kept; of what is only counted, nothing."""
        if piece.kind not in _GROWING:
            return replace(piece, text="")
        key = (piece.choice, piece.kind, piece.call or piece.id)
        had = 0 if piece.whole else self._kept.get(key, 0)
        if had >= keep and not piece.name:
            return None
        self._kept[key] = had + len(piece.text)
        return piece if had + len(piece.text) <= keep else replace(piece, text=piece.text[: max(0, keep - had)])


def _said(number: int, choice: Choice) -> Said:
    return Said(
        number,
        choice.text,
        choice.reasoning,
        choice.refusal,
        tuple(Call(call.name, call.id, call.text) for call in choice.calls),
        choice.citations,
        choice.media,
        choice.stop,
    )
