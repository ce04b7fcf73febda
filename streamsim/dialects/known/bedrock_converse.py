"""Amazon Bedrock's ConverseStream: an AWS event stream with the same events whatever the model.

``messageStart``, for each block deltas and ``contentBlockStop`` (``contentBlockStart`` before tools only),
``messageStop`` with the reason, ``metadata`` with the counts. An exception is a message of its own type. What the
provider's own tools give back is told as media.

Source: docs.aws.amazon.com/bedrock (ConverseStream), botocore's service model, and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.known._bedrock_writing import ConverseWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
_OWN = frozenset(
    ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
)
_EXCEPTIONS = frozenset(
    (
        "internalServerException",
        "modelStreamErrorException",
        "modelTimeoutException",
        "serviceUnavailableException",
        "throttlingException",
        "validationException",
    )
)
_PAIRS = Pairs(
    first="messageStart",
    last=frozenset(("messageStop",)),
    opens={"contentBlockStart": "contentBlockStop"},
    within={"contentBlockDelta": "contentBlockStart"},
    known=_OWN,
    failed=_EXCEPTIONS,
    implied=True,
)


class _ToolUse(msgspec.Struct, rename="camel"):
    tool_use_id: str = ""
    name: str = ""
    input: str = ""


class _Reasoning(msgspec.Struct):
    text: str = ""


class _Delta(msgspec.Struct, rename="camel"):
    text: str | None = None
    tool_use: _ToolUse | None = None
    reasoning_content: _Reasoning | None = None
    citation: msgspec.Raw = _NULL
    tool_result: msgspec.Raw = _NULL
    image: msgspec.Raw = _NULL


class _Usage(msgspec.Struct, rename="camel"):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Said(msgspec.Struct, rename="camel"):
    content_block_index: int | None = None
    start: _Delta | None = None
    delta: _Delta | None = None
    stop_reason: str | None = None
    usage: _Usage | None = None
    message: str | None = None


_decoder = msgspec.json.Decoder(_Said)


class BedrockConverse(Dialect):
    """``POST /model/{model}/converse-stream``."""

    name: ClassVar[str] = "bedrock-converse"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = ConverseWriter()
    whole_at: ClassVar[tuple[tuple[str, str], ...]] = (("/converse", "/converse-stream"),)

    def owns(self, event: Event) -> bool:
        """Tell by the event type."""
        return event.type in _OWN and (event.type != "metadata" or '"latencyMs"' in event.data)

    def tell(self, event: Event) -> Told:
        """Return what a block grows by; the reason; the counts; an exception."""
        said = decoded(_decoder, event.data)
        if event.type.endswith("Exception"):
            message = (said.message if said is not None else None) or ""
            return Told(failure=Failure(message, event.type), terminal=True)
        if said is None:
            return NOTHING
        return Told(
            pieces=tuple(_pieces(said)),
            usage=_usage(said.usage),
            stops=((0, said.stop_reason),) if said.stop_reason else (),
            terminal=event.type == "metadata",
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is unpaired, out of place or missing."""
        return _PAIRS.problems([_sign(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the reason was told, or an exception."""
        return _PAIRS.complete([_sign(event) for event in events])

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the text, thought or input that a delta adds."""
        return regrown(self.tell(event), event.data, _PATHS, text)


_PATHS: tuple[Path, ...] = (
    ("delta", "text"),
    ("delta", "toolUse", "input"),
    ("delta", "reasoningContent", "text"),
)


def _sign(event: Event) -> Sign:
    said = decoded(_decoder, event.data)
    index = said.content_block_index if said is not None else None
    return Sign(event.type, "" if index is None else str(index))


def _pieces(said: _Said) -> Iterator[Piece]:
    block = "" if said.content_block_index is None else str(said.content_block_index)
    for delta in (said.start, said.delta):
        if delta is not None and delta.tool_use is not None:
            call = delta.tool_use
            yield Piece("tool", call.input, 0, block, call.name, call.tool_use_id)
    if said.delta is not None:
        yield from _grown(said.delta)


def _grown(delta: _Delta) -> Iterator[Piece]:
    if delta.reasoning_content is not None and delta.reasoning_content.text:
        yield Piece("reasoning", delta.reasoning_content.text)
    if delta.text:
        yield Piece("text", delta.text)
    if citation := inside(delta.citation):
        yield Piece("citation", citation)
    for whole in (delta.tool_result, delta.image):
        if inside(whole):
            yield Piece("media", inside(whole))


def _usage(told: _Usage | None) -> Usage | None:
    if told is None:
        return None
    return Usage(told.input_tokens, told.output_tokens, told.total_tokens, cached=told.cache_read_input_tokens)


DIALECTS = (BedrockConverse(),)
