"""Conversations with tools, as the providers' clients write them."""

from __future__ import annotations

import json

ARGUMENTS = '{"city":"Oslo"}'
USER = {"role": "user", "content": "Is it raining?"}


def body(**told: object) -> bytes:
    """Return a request body."""
    return json.dumps(told).encode()


def call(name: str, ident: str, arguments: str = ARGUMENTS) -> dict[str, object]:
    """Return a call as OpenAI Chat writes it."""
    return {"id": ident, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: dict[str, object], **more: object) -> dict[str, object]:
    """Return the message of a model that calls tools."""
    return {"role": "assistant", "content": None, "tool_calls": list(calls), **more}


def result(ident: str, content: object = "rain") -> dict[str, object]:
    """Return the message that brings a result."""
    return {"role": "tool", "tool_call_id": ident, "content": content}


def chat(*messages: object, **more: object) -> bytes:
    """Return the body of a request to OpenAI Chat."""
    return body(model="m", stream=True, messages=list(messages), **more)


def use(name: str, ident: str, **arguments: object) -> dict[str, object]:
    """Return a call as Anthropic writes it."""
    return {"type": "tool_use", "id": ident, "name": name, "input": arguments}


def used(ident: str, content: object = "rain") -> dict[str, object]:
    """Return a result as Anthropic takes it."""
    return {"type": "tool_result", "tool_use_id": ident, "content": content}
