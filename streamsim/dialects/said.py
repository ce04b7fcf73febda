"""What an answer shall say, before any dialect has written it.

Law: a script is data; the same script and dice make the same bytes in every dialect, on every machine.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from streamsim.dialects import tokens
from streamsim.dialects.told import Failure, Usage


class Text(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="text"):
    """Text, cut into deltas like tokens."""

    text: str


class Reasoning(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="reasoning"):
    """Thoughts, where the dialect has a place for them; else they are left out."""

    text: str


class Refusal(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="refusal"):
    """A refusal, in its own field where the dialect has one, else as text with the dialect's stop reason for it."""

    text: str


class ToolCall(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="tool"):
    """A call of a tool: ``arguments`` is the text of a JSON object; an empty id is drawn in the provider's form."""

    name: str
    arguments: str = "{}"
    id: str = ""


class Error(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="error"):
    """A failure: nothing follows it. After content it is told in the stream, where the dialect can.

    ``status`` is what an error before any content is answered with instead of a stream.
    """

    message: str
    type: str = ""
    status: int = 500

    @property
    def told(self) -> Failure:
        """The failure that a reader is told."""
        return Failure(self.message, self.type)


class Pause(msgspec.Struct, frozen=True, repr_omit_defaults=True, tag_field="say", tag="pause"):
    """Silence before whatever comes next."""

    ns: int


Part: TypeAlias = Text | Reasoning | Refusal | ToolCall | Error | Pause


class Say(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """A script.

    Attributes:
        parts: What is said, in order.
        model: The model's name; by default one that the provider might have.
        usage: Tokens; what is None is counted: ``output`` by deltas, ``input`` by those of ``prompt``.
        stop: Why it ends: ``stop``, ``length``, ``tool``, ``filter`` or ``refusal``, which each dialect says in its own
            word; any other word is written as it is. By default what the last part means.
        prompt: What was asked; it is only counted.

    """

    parts: tuple[Part, ...] = ()
    model: str = ""
    usage: Usage = Usage()
    stop: str = ""
    prompt: str = ""

    @property
    def reason(self) -> str:
        """``stop``, or what the parts mean."""
        if self.stop:
            return self.stop
        if any(isinstance(part, ToolCall) for part in self.parts):
            return "tool"
        return "refusal" if any(isinstance(part, Refusal) for part in self.parts) else "stop"

    @property
    def failure(self) -> Error | None:
        """The error that ends it."""
        return next((part for part in self.parts if isinstance(part, Error)), None)

    def counted(self) -> Usage:
        """Return the usage, complete: total is the sum, reasoning is part of output, cached of input."""
        given = self.usage
        reasoning = sum(tokens.count(part.text) for part in self.parts if isinstance(part, Reasoning))
        output = reasoning + sum(_count(part) for part in self.parts)
        in_, out = _or(given.input, max(1, tokens.count(self.prompt))), _or(given.output, output)
        return Usage(in_, out, _or(given.total, in_ + out), _or(given.reasoning, reasoning), _or(given.cached, 0))


def _or(given: int | None, counted: int) -> int:
    return counted if given is None else given


def _count(part: Part) -> int:
    """Return the tokens of what is no thought."""
    if isinstance(part, Text | Refusal):
        return tokens.count(part.text)
    return tokens.count(part.name) + tokens.count(part.arguments) if isinstance(part, ToolCall) else 0
