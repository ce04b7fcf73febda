"""aimock's fixtures: ``fixtures`` of ``match`` and ``response``, which say what a model answers, not in which bytes.

So the bytes are written here, as OpenAI's chat completions: text, tool calls, ``blocks`` of both, and errors. Times
come from ``recordedTimings``, ``streamingProfile`` or ``latency``, as aimock plays them. What is no chat (embeddings,
images, sounds, plain JSON) is left out, and so is what aimock makes go wrong: that is for a profile.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Reasoning, Say, Text, ToolCall
from streamsim.dialects.told import Failure, Usage
from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.shapes import data, items, microseconds, number, rows, table, text
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.protocol import Writer
    from streamsim.dialects.said import Part as Said
    from streamsim.recording.importers.file import File
    from streamsim.recording.importers.found import Lack

_LACKS: tuple[Lack, ...] = ("boundaries", "framing", "request", "head")
_STOPS = {"tool_calls": "tool", "content_filter": "filter"}


def owns(file: File) -> bool:
    """Tell by ``fixtures`` with a ``response``."""
    return any("response" in fixture for fixture in rows(table(file.document).get("fixtures"))[:1])


def found(file: File) -> list[Found]:
    """Return an exchange for each fixture."""
    writer = BY_NAME["openai-chat"].writer
    assert writer is not None  # noqa: S101 - it is the best known of all
    fixtures = rows(table(file.document).get("fixtures"))
    return [_exchange(fixture, writer, Rng(0, "aimock", str(place))) for place, fixture in enumerate(fixtures)]


def _exchange(fixture: dict[str, object], writer: Writer, dice: Rng) -> Found:
    match, response = table(fixture.get("match")), table(fixture.get("response"))
    method, url = writer.endpoints[0]
    asked = (("content-type", "application/json"),)
    told = Found(method=method, url=url, asked=asked, body=_asked(match), status=0, lacks=(*_LACKS, "times"))
    if error := table(response.get("error")):
        failure = Failure(text(error.get("message")), text(error.get("type")), text(error.get("code")))
        status = number(response.get("status"), 500)
        headers, body = writer.error(failure, status)
        return msgspec.structs.replace(told, status=status, headers=headers, parts=(Part(body),))
    parts = tuple(_said(response))
    if not parts:
        return told
    say = Say(parts, text(response.get("model")), _usage(response), _stop(response), text(match.get("userMessage")))
    waits = _waits(fixture)
    coming = waits or repeat(0)
    return msgspec.structs.replace(
        told,
        status=200,
        reason="OK",
        headers=writer.headers(dice, stream=True),
        parts=[Part(one.data, next(coming) if one.content else 0) for one in writer.write(say, dice)],
        lacks=_LACKS if waits else told.lacks,
    )


def _said(response: dict[str, object]) -> Iterator[Said]:
    if response.get("reasoning"):
        yield Reasoning(text(response["reasoning"]))
    if blocks := rows(response.get("blocks")):
        yield from (Text(text(block["text"])) if "text" in block else _call(block) for block in blocks)
        return
    if "content" in response:
        yield Text(data(response["content"]).decode())
    yield from map(_call, rows(response.get("toolCalls")))


def _call(call: dict[str, object]) -> ToolCall:
    return ToolCall(text(call.get("name")), data(call.get("arguments", "{}")).decode(), text(call.get("id")))


def _stop(response: dict[str, object]) -> str:
    reason = text(response.get("finishReason"))
    return _STOPS.get(reason, reason)


def _usage(response: dict[str, object]) -> Usage:
    told = table(response.get("usage"))
    counts = (
        next((number(told[name]) for name in names if name in told), None)
        for names in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
    )
    return Usage(*counts)


def _asked(match: dict[str, object]) -> bytes:
    """Return a request that the fixture would match, as far as it says."""
    roles = (("system", "systemMessage"), ("user", "userMessage"))
    messages = [{"role": role, "content": text(match[key])} for role, key in roles if key in match]
    model = {"model": text(match["model"])} if "model" in match else {}
    return msgspec.json.encode({**model, "messages": messages, "stream": True})


def _waits(fixture: dict[str, object]) -> Iterator[int] | None:
    """Return the microseconds before each content; None where the fixture has no times."""
    recorded, profile = table(fixture.get("recordedTimings")), table(fixture.get("streamingProfile"))
    if recorded:
        gaps = [microseconds(gap, 1000) for gap in items(recorded.get("interChunkDelaysMs")) or ()]
        return chain([microseconds(recorded.get("ttftMs"), 1000)], gaps, repeat(0))
    if profile:
        rate = number(profile.get("tps"))
        return chain([microseconds(profile.get("ttft"), 1000)], repeat(1_000_000 // rate if rate > 0 else 0))
    return repeat(microseconds(fixture["latency"], 1000)) if "latency" in fixture else None
