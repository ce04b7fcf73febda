"""Answers in every dialect: as the writers write them, and as providers really sent them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import read_chunks
from streamsim.dialects.said import Reasoning, Say, Text, ToolCall
from streamsim.rng import Rng
from tests.builders import exchange
from tests.dialects.answering import CONTENT_TYPES
from tests.plan.faults.bodies import sent
from tests.plan.faults.scenes import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamsim.dialects import Reading
    from streamsim.dialects.answer import Answer
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers
    from tests.plan.faults.scenes import Result

WRITTEN = [dialect.name for dialect in BY_NAME.values() if dialect.writer is not None]
ANSWER = Say(
    (
        Reasoning("Let me think about it."),
        Text("Hello, wörld! ☃ 👩‍👩‍👧 <b>it's</b>\n\nDone. नमस्ते"),
        ToolCall("look_up", '{"city": "Oslo", "days": 3}'),
        ToolCall("find", '{"name": "a \\"b\\" c", "flags": "abcdefghijklmnop"}'),
    )
)


def written(name: str, say: Say = ANSWER) -> Exchange:
    """Return an answer as the dialect ``name`` writes it, 20 ms between two writes."""
    writer = BY_NAME[name].writer
    assert writer is not None
    method, target = writer.endpoints[0]
    return exchange(
        chunks=[one.data for one in writer.write(say, Rng(0, name))],
        headers=chunked(writer.headers(Rng(0, name), stream=True)),
        method=method,
        target=target,
    )


def chunked(headers: Headers) -> Headers:
    """Return headers with chunked framing."""
    framing = ("transfer-encoding", "connection", "content-length")
    return (*(pair for pair in headers if pair[0].lower() not in framing), ("transfer-encoding", "chunked"))


def real(corpus: Path) -> Iterator[tuple[str, Exchange]]:
    """Yield name and answer of every real stream, in chunks of a thousand bytes."""
    for entry in json.loads((corpus / "streams" / "index.json").read_bytes()):
        data = (corpus / "streams" / entry["file"]).read_bytes()
        headers = (("content-type", CONTENT_TYPES[entry["stream"]]), ("transfer-encoding", "chunked"))
        pieces = [data[start : start + 1000] for start in range(0, len(data), 1000)]
        yield entry["file"], exchange(chunks=pieces, headers=headers)


def heard(one: Exchange, result: Result) -> Reading:
    """Return what a reader makes of a plan of ``one``."""
    return read_chunks(one.response.headers if one.response is not None else (), sent(result))


def summed(answer: Answer) -> object:
    """Return text, tool calls, usage and the reason to stop, whatever the increments were."""
    choices = {
        number: ([(part.kind, part.call, part.name, part.id, part.text) for part in choice.parts], choice.stop)
        for number, choice in answer.choices.items()
    }
    return choices, answer.usage, answer.failure, answer.complete


def faulty(one: Exchange, *faults: str, seed: int = 0) -> Reading:
    """Return what a reader makes of an answer with these faults."""
    return heard(one, plan(one, *faults, seed=seed))
