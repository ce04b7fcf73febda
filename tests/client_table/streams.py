"""The answers that the clients are asked to read: the same words, or tool calls, in the form of each provider.

Every event is a chunk.

Words and numbers are our own; the forms are those that providers send. Characters beyond ASCII are sent as they are,
so that what breaks them shows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from tests.builders import exchange, recording

if TYPE_CHECKING:
    from collections.abc import Iterator

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
# Two tools and their arguments, in pieces. Of the first, either half of what is ordered may be missing.
CALLS = (
    ("order_soup", ('{"soup": "', "onion", " with", " bread", '", ', '"bowls": ', "2}")),
    ("ring_bell", ('{"ti', 'mes": ', "3", "}")),
)
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


def _openai(*, calls: bool) -> list[str]:
    def chunk(delta: dict[str, object], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return f"data: {_json({**head, 'choices': [choice]})}\n\n"

    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    usage = {**head, "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 22, "total_tokens": 27}}
    first = chunk({"role": "assistant", "content": None if calls else ""})
    said: list[dict[str, object]] = [{"content": word} for word in WORDS]
    ending = chunk({}, "tool_calls" if calls else "stop"), f"data: {_json(usage)}\n\n", "data: [DONE]\n\n"
    return [first, *map(chunk, _openai_calls() if calls else said), *ending]


def _openai_calls() -> Iterator[dict[str, object]]:
    for index, (name, pieces) in enumerate(CALLS):
        opening = {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
        yield {"tool_calls": [{"index": index, **opening}]}
        for piece in pieces:
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _event(kind: str, **members: object) -> str:
    return f"event: {kind}\ndata: {_json({'type': kind, **members})}\n\n"


def _anthropic(*, calls: bool) -> list[str]:
    opening: dict[str, object] = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 1},
    }  # fmt: skip
    ending = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    start, *blocks = _anthropic_calls() if calls else _anthropic_text()
    return [
        _event("message_start", message=opening),
        start,
        _event("ping"),
        *blocks,
        _event("message_delta", delta=ending, usage={"output_tokens": 22}),
        _event("message_stop"),
    ]


def _anthropic_text() -> Iterator[str]:
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield from (_event("content_block_delta", index=0, delta={"type": "text_delta", "text": word}) for word in WORDS)
    yield _event("content_block_stop", index=0)


def _anthropic_calls() -> Iterator[str]:
    for index, (name, pieces) in enumerate(CALLS):
        block: dict[str, object] = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
        yield _event("content_block_start", index=index, content_block=block)
        for piece in ("", *pieces):
            yield _event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": piece})
        yield _event("content_block_stop", index=index)


def _gemini(*, calls: bool) -> list[str]:
    def chunk(part: dict[str, object], **members: object) -> str:
        candidate = {"content": {"parts": [part], "role": "model"}, "index": 0, **members}
        usage = {"promptTokenCount": 5, "totalTokenCount": 5}
        told = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r1"}
        return f"data: {_json(told)}\r\n\r\n"

    said: list[dict[str, object]] = [{"text": word} for word in WORDS]
    called: list[dict[str, object]] = [{"functionCall": {"name": name, "args": args}} for name, args in _whole()]
    return [*map(chunk, called if calls else said), chunk({"text": ""}, finishReason="STOP")]


def _whole() -> Iterator[tuple[str, object]]:
    """Yield each tool with all of its arguments, for those who send them whole."""
    yield from ((name, json.loads("".join(pieces))) for name, pieces in CALLS)


def _mistral(*, calls: bool) -> list[str]:
    def chunk(delta: dict[str, object], finish: str | None = None, **members: object) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {_json({**head, 'choices': [choice], **members})}\n\n"

    head = {"id": "m1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    usage = {"prompt_tokens": 5, "total_tokens": 27, "completion_tokens": 22}
    first, done = chunk({"role": "assistant", "content": ""}), "data: [DONE]\n\n"
    if calls:
        called = [
            {"id": f"call{index:05}", "function": {"name": name, "arguments": _json(args)}, "index": index}
            for index, (name, args) in enumerate(_whole())
        ]
        return [first, chunk({"content": "", "tool_calls": called}, "tool_calls", usage=usage), done]
    return [first, *(chunk({"content": word}) for word in WORDS), chunk({"content": ""}, "stop", usage=usage), done]


_FORMS = {"openai": _openai, "anthropic": _anthropic, "gemini": _gemini, "mistral": _mistral}


def frames(form: Form, *, calls: bool = False) -> list[bytes]:
    """Return the events of the answer in one provider's form: the text, or tool calls."""
    return [frame.encode() for frame in _FORMS[form](calls=calls)]


def stream(form: Form, *, calls: bool = False) -> Recording:
    """Return the answer in one provider's form, as a recording with one exchange."""
    one = exchange(
        chunks=frames(form, calls=calls),
        gaps_us=GAP_US,
        headers=(*EVENT_STREAM, ("Transfer-Encoding", "chunked")),
        response_us=GAP_US,
        target=TARGETS[form],
    )
    return recording(one, source=form)
