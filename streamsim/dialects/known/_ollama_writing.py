"""Writing Ollama's answers: a token a line with the time it was made, then durations in nanoseconds.

As recorded: times in UTC with microseconds (nanoseconds from some platforms), tokens 5 to 35 ms apart, tool calls
whole, and a last line without text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.loosely import arguments
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import compact
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS = {"stop": "stop", "tool": "stop", "length": "length", "filter": "stop", "refusal": "stop"}
_MODEL = "llama3.2:3b"
_TOKEN_US = 16_000
_DAY_US = 86_400_000_000


def _line(told: Json) -> bytes:
    return (compact(told) + "\n").encode()


class OllamaWriter:
    """NDJSON of ``/api/chat``."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/api/chat"),)
    tools: ClassVar[bool] = True

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return the content type; Ollama tells no more."""
        return (("Content-Type", "application/x-ndjson" if stream else "application/json; charset=utf-8"),)

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield a line for each token and tool call, then the last."""
        model = say.model or _MODEL
        made_us = 0
        for told, pause_ns in _grown(say, tools=self.tools):
            made_us += pause_ns // 1000 + _TOKEN_US + dice.below(made_us // 1000, 900)
            yield Written(
                _line(_head(model, made_us) | self.grown(told) | {"done": False}), content=True, pause_ns=pause_ns
            )
        if say.failure is not None:
            yield Written(_line({"error": say.failure.message}))
            return
        last = [pause_ns for part, pause_ns in turns(say) if part is None]
        reason = _STOPS.get(say.reason, say.reason)
        yield Written(_line(_head(model, made_us) | self.grown({}) | _ended(reason, say.counted())), pause_ns=last[0])

    def grown(self, told: Json) -> Json:
        """Return what one line adds."""
        return {"message": {"role": "assistant", "content": ""} | told}

    def whole(self, answer: Answer, dice: Rng) -> bytes:  # noqa: ARG002 - nothing is drawn
        """Return the same object as a line, with the whole answer in it."""
        said = answer.first
        told: Json = {"content": said.text + said.refusal}
        if said.reasoning:
            told["thinking"] = said.reasoning
        if said.calls:
            told["tool_calls"] = [_call(call.name, call.text) for call in said.calls]
        head = _head(answer.model or _MODEL, _TOKEN_US)
        return compact(head | self.grown(told) | _ended(said.stop or "stop", answer.usage)).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return the message."""
        return (("Content-Type", "application/json; charset=utf-8"),), compact({"error": failure.message}).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return a line with the message."""
        return _line({"error": failure.message})


class OllamaGenerateWriter(OllamaWriter):
    """NDJSON of ``/api/generate``, which knows no tools: a call is left out."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/api/generate"),)
    tools: ClassVar[bool] = False

    def grown(self, told: Json) -> Json:
        """Return what one line adds."""
        thinking = {"thinking": told["thinking"]} if "thinking" in told else {}
        return {"response": told.get("content", "")} | thinking


def _grown(say: Say, *, tools: bool) -> Iterator[tuple[Json, int]]:
    for part, pause_ns in turns(say):
        if part is None:
            continue
        if isinstance(part, ToolCall):
            if tools:
                yield {"content": "", "tool_calls": [_call(part.name, part.arguments)]}, pause_ns
            continue
        for piece, pause in deltas(part.text, pause_ns):
            yield ({"content": "", "thinking": piece} if isinstance(part, Reasoning) else {"content": piece}), pause


def _call(name: str, text: str) -> Json:
    return {"function": {"name": name, "arguments": arguments(text)}}


def _head(model: str, made_us: int) -> Json:
    return {"model": model, "created_at": _time(made_us)}


def _time(made_us: int) -> str:
    """Return a time of the first day of 2026; a longer answer begins the day again."""
    seconds, micros = divmod(made_us % _DAY_US, 1_000_000)
    return f"2026-01-01T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{micros:06d}Z"


def _ended(reason: str, usage: Usage) -> Json:
    asked, answered = usage.input or 0, usage.output or 0
    asking_ns, answering_ns = asked * 1_000_000, answered * _TOKEN_US * 1000
    return {
        "done": True,
        "done_reason": reason,
        "total_duration": 40_000_000 + asking_ns + answering_ns,
        "load_duration": 40_000_000,
        "prompt_eval_count": asked,
        "prompt_eval_duration": asking_ns,
        "eval_count": answered,
        "eval_duration": answering_ns,
    }
