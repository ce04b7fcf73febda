"""What an event tells, whoever says it: increments of an answer, what was counted, why it stopped, what went wrong.

Law: one vocabulary for all dialects. What a provider says in its own words (stop reasons, error types) stays in them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

# text, reasoning and refusal grow by ``text``; tool: its arguments do; media: one whole picture, sound or file, as
# the provider gives it; citation: one whole reference.
Kind: TypeAlias = Literal["text", "reasoning", "refusal", "tool", "media", "citation"]


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A delta: one increment inside an event.

    Attributes:
        kind: What grows.
        text: By what; for a tool call by this much of its arguments; may be empty where a call only begins.
        choice: Which of several answers, from 0 on.
        call: Which tool call, of that choice: the provider's own index or id, as text; "" for anything else.
        name, id: Of a tool call, where this increment tells them; ``id`` also of a message that is told anew.
        whole: ``text`` is all of it so far, in place of what was told before.

    """

    kind: Kind
    text: str = ""
    choice: int = 0
    call: str = ""
    name: str = ""
    id: str = ""
    whole: bool = False


class Usage(msgspec.Struct, frozen=True, gc=False, repr_omit_defaults=True):
    """Tokens, as far as the provider counts them; None where it does not tell."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    reasoning: int | None = None
    cached: int | None = None


class Failure(msgspec.Struct, frozen=True, gc=False, repr_omit_defaults=True):
    """An error that the provider reports in the stream or instead of it, in its own words."""

    message: str
    type: str = ""
    code: str = ""


class Told(msgspec.Struct, frozen=True, gc=False):
    """What one event tells.

    Attributes:
        pieces: Increments, in their order.
        usage: What was counted so far; later ones complete and correct earlier ones.
        stops: Why a choice is over, as pairs of choice and the provider's word.
        model, id: Of the answer, where told.
        failure: An error.
        terminal: This is the last event of the answer, well or badly.

    """

    pieces: tuple[Piece, ...] = ()
    usage: Usage | None = None
    stops: tuple[tuple[int, str], ...] = ()
    model: str = ""
    id: str = ""
    failure: Failure | None = None
    terminal: bool = False

    @property
    def content(self) -> str:
        """What a reader would see grow: text, reasoning, refusals, names and arguments of tools; "" for the rest."""
        pieces = self.pieces
        if len(pieces) == 1 and pieces[0].kind == "text":  # nearly all: no list of one
            return pieces[0].name + pieces[0].text
        return "".join([piece.name + piece.text for piece in pieces if piece.kind != "citation"])


NOTHING = Told()
