"""A model that calls tools, until it has its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import openai

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def converse(
    client: openai.OpenAI, question: str, tools: dict[str, Callable[..., str]], notice: Callable[[str], None] = print
) -> str:
    """Return the answer to ``question``; ``notice`` is told of a tool as soon as its name is known."""
    messages: list[dict[str, object]] = [{"role": "user", "content": question}]
    while True:
        text, calls = _turn(client, messages, notice)
        if not calls:
            return text
        messages.append({"role": "assistant", "content": text or None, "tool_calls": calls})
        for call in calls:
            function = call["function"]
            result = tools[function["name"]](**json.loads(function["arguments"]))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


def _turn(
    client: openai.OpenAI, messages: list[dict[str, object]], notice: Callable[[str], None]
) -> tuple[str, list[dict[str, object]]]:
    text = ""
    calls: dict[int, dict[str, object]] = {}
    with client.chat.completions.create(model="any", messages=messages, tools=[WEATHER], stream=True) as stream:
        for delta in (choice.delta for chunk in stream for choice in chunk.choices):
            text += delta.content or ""
            for piece in delta.tool_calls or ():
                if piece.index not in calls:
                    function = {"name": piece.function.name, "arguments": ""}
                    calls[piece.index] = {"id": piece.id, "type": "function", "function": function}
                    notice(f"calling {piece.function.name} …")
                calls[piece.index]["function"]["arguments"] += piece.function.arguments or ""
    return text, list(calls.values())
