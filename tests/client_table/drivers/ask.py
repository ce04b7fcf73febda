"""Asks with one of the Python clients, once for each line of stdin; run by the Python that has the clients.

A line in: ``{"api", "url", "limit_s", "timeout_s"}``. A line out: what the client handed over, and how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Piece(NamedTuple):
    """What adds to a tool call: which one, and what to its name and arguments."""

    key: object
    name: str | None
    arguments: str | None


class Said(NamedTuple):
    """What one thing that the client handed over says; what is no ``event`` of its stream came after it."""

    text: str | None
    finish: str | None
    calls: list[Piece] = []  # noqa: RUF012 - never changed
    event: bool = True


KEY = "sk-example-0123456789abcdef"
PROMPT = "What is on the menu?"
MESSAGES = [{"role": "user", "content": PROMPT}]
PACKAGES = {
    "openai": "openai",
    "openai-helper": "openai",
    "anthropic": "anthropic",
    "anthropic-helper": "anthropic",
    "genai": "google-genai",
    "mistral": "mistralai",
    "httpx-sse": "httpx-sse",
}


def _choices(chunk: Any) -> Said:
    """Return what an OpenAI-shaped chunk says."""
    choices = getattr(chunk, "choices", None) or []
    texts = [getattr(getattr(choice, "delta", None), "content", None) or "" for choice in choices]
    finish = next(filter(None, (getattr(choice, "finish_reason", None) for choice in choices)), None)
    called = chain.from_iterable(getattr(getattr(one, "delta", None), "tool_calls", None) or [] for one in choices)
    return Said("".join(texts), finish, list(map(_piece, called)))


def _piece(call: Any) -> Piece:
    function = getattr(call, "function", None)
    return Piece(getattr(call, "index", None), getattr(function, "name", None), getattr(function, "arguments", None))


def _message(event: Any) -> Said:
    """Return what an event of Anthropic's says."""
    delta: Any = getattr(event, "delta", None)
    kind: str = getattr(event, "type", "")
    text = getattr(delta, "text", None) if kind == "content_block_delta" else None
    finish = getattr(delta, "stop_reason", None) if kind == "message_delta" else None
    block: Any = getattr(event, "content_block", None)
    key: object = getattr(event, "index", None)
    opened = [Piece(key, block.name, None)] if getattr(block, "type", "") == "tool_use" else []
    grown = [Piece(key, None, delta.partial_json)] if getattr(delta, "type", "") == "input_json_delta" else []
    return Said(text, finish, opened + grown)


def _whole(calls: Iterable[tuple[str, str]]) -> Said:
    """Return what a helper's final message says of tool calls."""
    return Said(None, None, [Piece(key, *call) for key, call in enumerate(calls)], event=False)


def openai(url: str, timeout_s: float) -> Iterator[Said]:
    client = import_module("openai").OpenAI(base_url=f"{url}/v1", api_key=KEY, timeout=timeout_s)
    yield from map(_choices, client.chat.completions.create(model="m", messages=MESSAGES, stream=True))


def openai_helper(url: str, timeout_s: float) -> Iterator[Said]:
    """Iterate as its documentation shows, and ask for the final completion."""
    client = import_module("openai").OpenAI(base_url=f"{url}/v1", api_key=KEY, timeout=timeout_s)
    with client.chat.completions.stream(model="m", messages=MESSAGES) as stream:
        for event in stream:
            if event.type == "chunk":  # the others are its own, made of these
                yield _choices(event.chunk)._replace(calls=[])
        message = stream.get_final_completion().choices[0].message
        yield _whole((call.function.name, call.function.arguments) for call in message.tool_calls or [])


def anthropic(url: str, timeout_s: float) -> Iterator[Said]:
    client = import_module("anthropic").Anthropic(base_url=url, api_key=KEY, timeout=timeout_s)
    yield from map(_message, client.messages.create(model="m", max_tokens=99, messages=MESSAGES, stream=True))


def anthropic_helper(url: str, timeout_s: float) -> Iterator[Said]:
    """Iterate as its documentation shows, and ask for the final message."""
    client = import_module("anthropic").Anthropic(base_url=url, api_key=KEY, timeout=timeout_s)
    with client.messages.stream(model="m", max_tokens=99, messages=MESSAGES) as stream:
        for event in stream:
            if event.type not in ("text", "input_json", "thinking"):  # its own, made of the others
                yield _message(event)._replace(calls=[])
        blocks = [block for block in stream.get_final_message().content if block.type == "tool_use"]
        yield _whole((block.name, json.dumps(block.input)) for block in blocks)


def genai(url: str, timeout_s: float) -> Iterator[Said]:
    options = {"base_url": url, "timeout": int(timeout_s * 1000)}
    client = import_module("google.genai").Client(api_key=KEY, http_options=options)
    for chunk in client.models.generate_content_stream(model="m", contents=PROMPT):
        candidates = chunk.candidates or []
        parts = list(chain.from_iterable((getattr(one.content, "parts", None) or []) for one in candidates))
        finish = next(filter(None, (one.finish_reason for one in candidates)), None)
        called = [part.function_call for part in parts if part.function_call]
        yield Said(
            "".join(part.text or "" for part in parts),
            finish and str(getattr(finish, "value", finish)),
            [Piece(object(), call.name, json.dumps(call.args)) for call in called],
        )


def mistral(url: str, timeout_s: float) -> Iterator[Said]:
    client = import_module("mistralai.client").Mistral(api_key=KEY, server_url=url, timeout_ms=int(timeout_s * 1000))
    with client.chat.stream(model="m", messages=MESSAGES) as stream:
        for event in stream:
            yield _choices(event.data)


def httpx_sse(url: str, timeout_s: float) -> Iterator[Said]:
    """Take the text of what is JSON, and stop at nothing: httpx-sse itself knows no dialect."""
    connect = import_module("httpx_sse").connect_sse
    with (
        import_module("httpx").Client(timeout=timeout_s, trust_env=False) as client,
        connect(client, "POST", f"{url}/v1/chat/completions", json={"stream": True, "messages": MESSAGES}) as source,
    ):
        source.response.raise_for_status()
        for event in source.iter_sse():
            yield _choices(_object(event.data))


def _object(data: str) -> object:
    try:
        return json.loads(data, object_hook=lambda members: SimpleNamespace(**members))
    except ValueError:
        return None


APIS: dict[str, Callable[[str, float], Iterable[Said]]] = {
    "openai": openai,
    "openai-helper": openai_helper,
    "anthropic": anthropic,
    "anthropic-helper": anthropic_helper,
    "genai": genai,
    "mistral": mistral,
    "httpx-sse": httpx_sse,
}


class Ask:
    """One request, in a thread of its own, so that it can be given up."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.said: list[Said] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for one in APIS[self.order["api"]](self.order["url"], self.order["timeout_s"]):
                self.said.append(one)
        except Exception as error:  # noqa: BLE001 - what it raises is what is asked
            self.error = error

    def told(self) -> dict[str, Any]:
        """Run, and return what came of it in the time allowed."""
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        thread.join(self.order["limit_s"])
        hung, said, error = thread.is_alive(), list(self.said), self.error
        return {
            "events": sum(one.event for one in said),
            "text": "".join(one.text or "" for one in said),
            "finish": next((one.finish for one in reversed(said) if one.finish), None),
            "calls": _called(said),
            "hung": hung,
            "error": _name(error),
            "status": _status(error),
        }


def _called(said: Iterable[Said]) -> list[tuple[str, str]]:
    """Return the tool calls, those under one index as one."""
    calls: dict[object, tuple[str, str]] = {}
    for piece in chain.from_iterable(one.calls for one in said):
        name, arguments = calls.get(piece.key, ("", ""))
        calls[piece.key] = (name + (piece.name or ""), arguments + (piece.arguments or ""))
    return list(calls.values())


def _name(error: BaseException | None) -> str | None:
    """Return the name of an exception after that of its package."""
    if error is None:
        return None
    package = type(error).__module__.partition(".")[0]
    return type(error).__name__ if package == "builtins" else f"{package}.{type(error).__name__}"


def _status(error: BaseException | None) -> int | None:
    """Return the HTTP status that an exception carries."""
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int):
            return value
    return None


def about(api: str) -> dict[str, str]:
    """Return the version of the client, and of what it sends with where that is another package."""
    told = {"version": version(PACKAGES[api])}
    with suppress(ImportError):
        told["transport"] = f"httpx {version('httpx')}" if api == "httpx-sse" else f"httpx2 {version('httpx2')}"
    return told | {"runtime": f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"}


@contextmanager
def _own_stdout() -> Iterator[Callable[[object], None]]:
    """Keep stdout for the answers; what a client prints goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)

        def write(told: object) -> None:
            out.write(json.dumps(told) + "\n")
            out.flush()

        yield write


def main() -> None:
    with _own_stdout() as write:
        for line in sys.stdin:
            order = json.loads(line)
            write(about(order["api"]) if order.get("about") else Ask(order).told())
    os._exit(0)  # threads that hang are left behind


if __name__ == "__main__":
    main()
