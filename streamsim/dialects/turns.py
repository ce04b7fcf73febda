"""A script as a writer goes through it: part by part, each with the silence before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from streamsim.dialects import tokens
from streamsim.dialects.said import Error, Pause, Reasoning, Refusal, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.said import Say

Spoken: TypeAlias = Text | Reasoning | Refusal | ToolCall


class Turn(NamedTuple):
    """A part, and how long the provider waits before it; None stands for the end of the answer."""

    part: Spoken | None
    pause_ns: int


def turns(say: Say) -> Iterator[Turn]:
    """Yield the parts up to the first error; the last turn is the end."""
    pause_ns = 0
    for part in say.parts:
        if isinstance(part, Error):
            break
        if isinstance(part, Pause):
            pause_ns += part.ns
            continue
        yield Turn(part, pause_ns)
        pause_ns = 0
    yield Turn(None, pause_ns)


def deltas(text: str, pause_ns: int) -> Iterator[tuple[str, int]]:
    """Yield ``text`` in pieces such as models emit, the pause before the first one."""
    for piece in tokens.cut(text):
        yield piece, pause_ns
        pause_ns = 0
