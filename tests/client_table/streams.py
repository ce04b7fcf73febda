"""The answers that the clients are asked to read: the same words in the form of each provider, an event a chunk.

Words and numbers are our own; the forms are those that providers send. Characters beyond ASCII are sent as they are,
so that what breaks them shows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from tests.builders import exchange, recording

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

Form: TypeAlias = Literal["openai", "anthropic", "gemini", "mistral"]

# Two long ones halfway: what strikes halfway through an event there strikes its text.
_BICYCLE = (
    " whoever comes by bicycle pays two, whoever comes by boat pays one and is shown where to tie it up, and whoever"
    " comes on foot, through the snow, over the hill and past the old mill, drinks for nothing until the clock"
    " strikes ten ♫"
)
_LAMP = (
    " and is then sent home with a lamp, a loaf of bread for the way, two apples, a map on which every bridge is drawn"
    " that still stands, and a letter to the ferryman, who will ask no questions as long as he is told one story he"
    " has not heard ♫"
)
WORDS = (
    "Zoë", "'s", " café", " opens", " at", " six", ".", " Tea", " is", " 3 €", ";", _BICYCLE, _LAMP,
    ".", " The", " view", " of", " the", " ☃", " is", " free", ".",
)  # fmt: skip
TARGETS: dict[Form, str] = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/m:streamGenerateContent?alt=sse",
    "mistral": "/v1/chat/completions",
}
EVENT_STREAM = (("Content-Type", "text/event-stream; charset=utf-8"),)
GAP_US = 3_000


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _openai() -> list[str]:
    def chunk(delta: dict[str, object], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return f"data: {_json({**head, 'choices': [choice]})}\n\n"

    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    usage = {**head, "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 22, "total_tokens": 27}}
    first, last = chunk({"role": "assistant", "content": ""}), chunk({}, "stop")
    return [first, *(chunk({"content": word}) for word in WORDS), last, f"data: {_json(usage)}\n\n", "data: [DONE]\n\n"]


def _anthropic() -> list[str]:
    def event(kind: str, **members: object) -> str:
        return f"event: {kind}\ndata: {_json({'type': kind, **members})}\n\n"

    opening: dict[str, object] = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 1},
    }  # fmt: skip
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        event("message_start", message=opening),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        *(event("content_block_delta", index=0, delta={"type": "text_delta", "text": word}) for word in WORDS),
        event("content_block_stop", index=0),
        event("message_delta", delta=ending, usage={"output_tokens": 22}),
        event("message_stop"),
    ]


def _gemini() -> list[str]:
    def chunk(text: str, **members: object) -> str:
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **members}
        usage = {"promptTokenCount": 5, "totalTokenCount": 5}
        told = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r1"}
        return f"data: {_json(told)}\r\n\r\n"

    return [*map(chunk, WORDS), chunk("", finishReason="STOP")]


def _mistral() -> list[str]:
    def chunk(delta: dict[str, object], finish: str | None = None, **members: object) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {_json({**head, 'choices': [choice], **members})}\n\n"

    head = {"id": "m1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    usage = {"prompt_tokens": 5, "total_tokens": 27, "completion_tokens": 22}
    first, last = chunk({"role": "assistant", "content": ""}), chunk({"content": ""}, "stop", usage=usage)
    return [first, *(chunk({"content": word}) for word in WORDS), last, "data: [DONE]\n\n"]


_FORMS = {"openai": _openai, "anthropic": _anthropic, "gemini": _gemini, "mistral": _mistral}


def frames(form: Form) -> list[bytes]:
    """Return the events of the answer in one provider's form."""
    return [frame.encode() for frame in _FORMS[form]()]


def stream(form: Form) -> Recording:
    """Return the answer in one provider's form, as a recording with one exchange."""
    one = exchange(
        chunks=frames(form),
        gaps_us=GAP_US,
        headers=(*EVENT_STREAM, ("Transfer-Encoding", "chunked")),
        response_us=GAP_US,
        target=TARGETS[form],
    )
    return recording(one, source=form)
