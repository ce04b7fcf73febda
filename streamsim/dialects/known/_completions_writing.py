"""Writing OpenAI's older completions: text alone, the reason with the last piece, usage in a chunk without choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.generic import DONE
from streamsim.dialects.known._chat_writing import ChatWriter, Json, Stream
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, Refusal, Text, ToolCall
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Usage
    from streamsim.rng import Rng


class CompletionsWriter(ChatWriter):
    """Thoughts and tool calls have no place in it."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1/completions"),)
    model: ClassVar[str] = "gpt-3.5-turbo-instruct"

    def identity(self, dice: Rng) -> str:
        """Return the answer's id."""
        return f"cmpl-{spell.name(dice, 0, 29)}"

    def write(self, say: Say, dice: Rng) -> Iterator[Written]:
        """Yield a chunk for each token, then the reason to finish, the usage, and the end."""
        stream = Stream(dice, self.identity(dice), say.model or self.model, say.counted())
        for part, pause_ns in turns(self.sayable(say)):
            if isinstance(part, Text | Refusal):
                for piece, pause in deltas(part.text, pause_ns):
                    yield Written(self._chunk(stream, [_choice(piece, None)], None), content=True, pause_ns=pause)
            elif say.failure is not None:
                yield Written(self.error_event(say.failure.told, ()) or b"", pause_ns=pause_ns)
            else:
                reason = self.stops.get("stop" if say.reason == "tool" else say.reason, say.reason)
                yield Written(self._chunk(stream, [_choice("", reason)], None), pause_ns=pause_ns)
                yield Written(self._chunk(stream, [], stream.usage))
                yield Written(spell.frame(DONE))

    def sayable(self, say: Say) -> Say:
        """Return the script without thoughts and tool calls."""
        parts = tuple(part for part in say.parts if not isinstance(part, Reasoning | ToolCall))
        return msgspec.structs.replace(say, parts=parts)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return a ``text_completion``."""
        stream = Stream(dice, answer.id or self.identity(dice), answer.model or self.model, answer.usage)
        choices = [
            {**_choice(choice.text, choice.stop or "stop"), "index": number}
            for number, choice in sorted(answer.choices.items())
        ]
        return spell.compact(self.dressed(stream, choices or [_choice("", "stop")], answer.usage)).encode()

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a whole chunk."""
        told: Json = {"id": stream.id, "object": "text_completion", "created": spell.EPOCH, "choices": choices}
        return {**told, "model": stream.model, "usage": None if usage is None else self.counted(usage)}

    def _chunk(self, stream: Stream, choices: list[Json], usage: Usage | None) -> bytes:
        return self.framed(spell.compact(self.dressed(stream, choices, usage)))


def _choice(text: str, reason: str | None) -> Json:
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": reason}
