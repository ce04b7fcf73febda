"""Writing LangGraph's streams of mode ``messages``: each event tells the message anew, with all it has so far.

As recorded: event, data, then an id of a number and a count; the metadata of a message before its first part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.loosely import arguments
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import HEX, compact, name, total
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS = {"stop": "stop", "tool": "tool_calls", "length": "length", "filter": "content_filter", "refusal": "stop"}
_MODEL = "gpt-4o-mini"


class _Stream:
    """The events of one run: what was said so far, and the number of the next."""

    def __init__(self, say: Say, dice: Rng) -> None:
        self.run = _uuid(dice, 0)
        self._model = say.model or _MODEL
        self._message: Json = {
            "content": "",
            "additional_kwargs": {},
            "response_metadata": {"model_name": self._model},
        }
        self._message |= {"type": "ai", "name": None, "id": f"run--{_uuid(dice, 1)}", "example": False}
        self._message |= {"tool_calls": [], "invalid_tool_calls": [], "usage_metadata": None}
        self._text = ""
        self._calls: list[Json] = []
        self._number = 0

    def framed(self, event: str, told: object) -> bytes:
        data = f"event: {event}\ndata: {compact(told)}\nid: {self._number}-0\n\n".encode()
        self._number += 1
        return data

    def begun(self) -> bytes:
        return self.framed("messages/metadata", {str(self._message["id"]): {"metadata": {"run_id": self.run}}})

    def grown(self, text: str) -> bytes:
        self._text += text
        return self.partial({})

    def called(self, call: ToolCall, identity: str) -> bytes:
        args = arguments(call.arguments)
        self._calls.append({"name": call.name, "args": args, "id": identity, "type": "tool_call"})
        return self.partial({})

    def partial(self, more: Json) -> bytes:
        self._message |= {"content": self._text, "tool_calls": self._calls} | more
        return self.framed("messages/partial", [self._message])

    def ended(self, reason: str, usage: Usage) -> bytes:
        about: Json = {"model_name": self._model, "finish_reason": reason}
        counted = {"input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": total(usage)}
        return self.partial({"response_metadata": about, "usage_metadata": counted})


class LangGraphWriter:
    """Server-sent events with LF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", "/runs/stream"),
        ("POST", "/threads/{thread}/runs/stream"),
        ("POST", "/runs/wait"),
    )

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return those of the server."""
        kind = "text/event-stream; charset=utf-8" if stream else "application/json"
        return (("content-type", kind), ("cache-control", "no-store"), ("x-accel-buffering", "no"))

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield the run, its one message growing, and its end; thoughts are left out."""
        stream = _Stream(say, dice)
        yield Written(stream.framed("metadata", {"run_id": stream.run, "attempt": 1}))
        yield Written(stream.begun())
        for nth, (part, pause_ns) in enumerate(turns(say)):
            if part is None:
                if say.failure is not None:
                    told = {"error": say.failure.type or "Error", "message": say.failure.message}
                    yield Written(stream.framed("error", told), pause_ns=pause_ns)
                else:
                    reason = _STOPS.get(say.reason, say.reason)
                    yield Written(stream.ended(reason, say.counted()), pause_ns=pause_ns)
            elif isinstance(part, ToolCall):
                identity = part.id or f"call_{name(dice, 8 + nth, 24)}"
                yield Written(stream.called(part, identity), content=True, pause_ns=pause_ns)
            elif not isinstance(part, Reasoning):
                for piece, pause in deltas(part.text, pause_ns):
                    yield Written(stream.grown(piece), content=True, pause_ns=pause)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the state at the end: the messages."""
        said = answer.first
        calls = [
            {"name": call.name, "args": arguments(call.text), "id": call.id, "type": "tool_call"} for call in said.calls
        ]
        message: Json = {"content": said.text + said.refusal, "type": "ai", "id": f"run--{_uuid(dice, 1)}"}
        usage = answer.usage
        counted = {"input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": total(usage)}
        about = {"model_name": answer.model or _MODEL, "finish_reason": said.stop or "stop"}
        message |= {"tool_calls": calls, "usage_metadata": counted, "response_metadata": about}
        return compact({"messages": [message]}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return the detail."""
        return (("content-type", "application/json"),), compact({"detail": failure.message}).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an event ``error``."""
        told = compact({"error": failure.type or "Error", "message": failure.message})
        return f"event: error\ndata: {told}\n\n".encode()


def _uuid(dice: Rng, nth: int) -> str:
    drawn = name(dice, nth, 32, HEX)
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"
