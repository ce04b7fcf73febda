"""Amazon Bedrock's InvokeModelWithResponseStream and InvokeAgent: ``chunk`` events with bytes in base64.

The bytes are what the model's maker sends (Anthropic's events, Llama's ``generation``, Titan's ``outputText``), or an
agent's text. The last one has ``amazon-bedrock-invocationMetrics``. Agents tell what they do in ``trace`` events before
their text, which comes in one piece at the end. Only read, not written.

Source: docs.aws.amazon.com/bedrock, and recorded streams.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event


class _Chunk(msgspec.Struct):
    bytes: str
    attribution: msgspec.Raw = msgspec.Raw(b"null")


class _Exception(msgspec.Struct):
    message: str = ""


class _Block(msgspec.Struct):
    type: str = ""
    name: str = ""
    id: str = ""


class _Delta(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Message(msgspec.Struct):
    id: str = ""
    model: str = ""


class _Metrics(msgspec.Struct, rename="camel"):
    input_token_count: int | None = None
    output_token_count: int | None = None


class _Inner(msgspec.Struct):
    """Whatever makers say: Llama, Titan, Cohere and Mistral, Anthropic."""

    generation: str | None = None
    output_text: str | None = msgspec.field(default=None, name="outputText")
    completion: str | None = None
    stop_reason: str | None = None
    completion_reason: str | None = msgspec.field(default=None, name="completionReason")
    index: int | None = None
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    metrics: _Metrics | None = msgspec.field(default=None, name="amazon-bedrock-invocationMetrics")


_chunk_decoder = msgspec.json.Decoder(_Chunk)
_exception_decoder = msgspec.json.Decoder(_Exception)
_inner_decoder = msgspec.json.Decoder(_Inner)


class BedrockInvoke(Dialect):
    """``POST /model/{model}/invoke-with-response-stream``, and an agent's ``/text``."""

    name: ClassVar[str] = "bedrock-invoke"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = None

    def owns(self, event: Event) -> bool:
        """Tell by the bytes of a chunk, or an agent's trace."""
        if event.type == "trace":
            return '"agentId"' in event.data
        return event.type == "chunk" and decoded(_chunk_decoder, event.data) is not None

    def tell(self, event: Event) -> Told:
        """Return what the bytes say; an exception; of a trace nothing."""
        if event.type.endswith("Exception"):
            said = decoded(_exception_decoder, event.data) or _Exception()
            return Told(failure=Failure(said.message, event.type), terminal=True)
        data = _bytes(event)
        if data is None:
            return NOTHING
        inner = decoded(_inner_decoder, data)
        if inner is not None:
            return _told(inner)
        # What is no JSON is an agent's text, and its last word.
        return NOTHING if data.startswith("{") else Told((Piece("text", data),) if data else (), terminal=True)

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the metrics came, or an agent's text, or an exception."""
        return bool(events) and self.tell(events[-1]).terminal


def _bytes(event: Event) -> str | None:
    chunk = decoded(_chunk_decoder, event.data) if event.type == "chunk" else None
    try:
        return None if chunk is None else b64decode(chunk.bytes).decode("utf-8", "replace")
    except ValueError:
        return None


def _told(inner: _Inner) -> Told:
    delta = inner.delta or _Delta()
    reason = inner.stop_reason or inner.completion_reason or delta.stop_reason
    metrics = inner.metrics
    message = inner.message or _Message()
    return Told(
        pieces=tuple(_pieces(inner, delta)),
        usage=Usage(metrics.input_token_count, metrics.output_token_count) if metrics is not None else None,
        stops=((0, reason),) if reason else (),
        model=message.model,
        id=message.id,
        terminal=metrics is not None,
    )


def _pieces(inner: _Inner, delta: _Delta) -> Iterator[Piece]:
    if delta.thinking:
        yield Piece("reasoning", delta.thinking)
    if text := inner.generation or inner.output_text or inner.completion or delta.text:
        yield Piece("text", text)
    block = inner.content_block
    which = "" if inner.index is None else str(inner.index)
    if block is not None and block.type == "tool_use":
        yield Piece("tool", "", 0, which, block.name, block.id)
    if delta.partial_json:
        yield Piece("tool", delta.partial_json, 0, which)


DIALECTS = (BedrockInvoke(),)
