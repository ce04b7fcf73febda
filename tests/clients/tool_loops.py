"""Recordings of a tool loop, made by hand: a question, a call of two tools at once, and the answer to their results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.builders import exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

STREAM = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
CITIES = ("Oslo", "Rome")
QUESTION = "Is it raining in Oslo and in Rome?"
ANSWER = "It rains in Oslo."


def _sent(**told: object) -> bytes:
    return json.dumps({"model": "m", "stream": True, **told}).encode()


def _frame(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return json.dumps(told)


def openai_loop() -> Recording:
    """Return it as OpenAI Chat tells it."""
    user = {"role": "user", "content": QUESTION}
    calls = [
        {
            "id": f"call_recorded{index}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": json.dumps({"city": city})},
        }
        for index, city in enumerate(CITIES)
    ]
    asked = [{"index": index, **call} for index, call in enumerate(calls)]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "rain, as recorded"} for call in calls]
    first = sse(_chunk({"role": "assistant"}), *(_chunk({"tool_calls": [one]}) for one in asked))
    second = sse(_chunk({"role": "assistant"}), _chunk({"content": ANSWER}), _chunk({}, "stop"), "[DONE]")
    return recording(
        exchange(
            body=_sent(messages=[user]), chunks=[*first, *sse(_chunk({}, "tool_calls"), "[DONE]")], headers=STREAM
        ),
        exchange(
            body=_sent(messages=[user, {"role": "assistant", "tool_calls": calls}, *results]),
            chunks=second,
            headers=STREAM,
        ),
    )


def _message(blocks: list[tuple[dict[str, Any], dict[str, Any]]], stop: str) -> list[bytes]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {**message, "stop_reason": None}}]
    for index, (block, delta) in enumerate(blocks):
        events += [
            {"type": "content_block_start", "index": index, "content_block": block},
            {"type": "content_block_delta", "index": index, "delta": delta},
            {"type": "content_block_stop", "index": index},
        ]
    over = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}
    return [_frame(event) for event in (*events, over, {"type": "message_stop"})]


def anthropic_loop() -> Recording:
    """Return it as Anthropic tells it."""
    uses = [
        {"type": "tool_use", "id": f"toolu_recorded{index}", "name": "get_weather", "input": {"city": city}}
        for index, city in enumerate(CITIES)
    ]
    results = [{"type": "tool_result", "tool_use_id": use["id"], "content": "rain, as recorded"} for use in uses]
    calls = [
        ({**use, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(use["input"])}) for use in uses
    ]
    user = {"role": "user", "content": QUESTION}
    turns = [user, {"role": "assistant", "content": uses}, {"role": "user", "content": results}]
    text = ({"type": "text", "text": ""}, {"type": "text_delta", "text": ANSWER})
    target = "/v1/messages"
    return recording(
        exchange(target=target, body=_sent(messages=turns[:1]), chunks=_message(calls, "tool_use"), headers=STREAM),
        exchange(target=target, body=_sent(messages=turns), chunks=_message([text], "end_turn"), headers=STREAM),
    )
