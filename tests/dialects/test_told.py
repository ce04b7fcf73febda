"""What single events tell, and how their text is replaced, where real streams seldom show it."""

from __future__ import annotations

import json

import pytest

from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Pause, Reasoning, Say, Text
from streamsim.dialects.told import Piece, Usage
from streamsim.rng import Rng
from streamsim.sse import Event

CHAT, RESPONSES, ANTHROPIC = BY_NAME["openai-chat"], BY_NAME["openai-responses"], BY_NAME["anthropic"]


def chunk(**delta: object) -> Event:
    return Event(json.dumps({"choices": [{"index": 0, "delta": delta}]}))


def test_a_call_in_the_old_way_is_a_tool_call() -> None:
    """``function_call`` has a name, and arguments that grow and can be replaced."""
    told = CHAT.tell(chunk(function_call={"name": "look", "arguments": "{"}))
    assert told.pieces == (Piece("tool", "{", 0, "function_call", "look"),)
    data = CHAT.with_text(chunk(function_call={"arguments": "{"}), "[")
    assert data is not None
    assert '"arguments": "["' in data


def test_pictures_and_references_are_told() -> None:
    """Each comes whole and is no text."""
    told = CHAT.tell(chunk(images=[{"url": "x"}], annotations=[{"type": "url_citation"}]))
    assert [piece.kind for piece in told.pieces] == ["citation", "media"]
    drawn = Event('{"partial_image_b64":"eA=="}', "response.image_generation_call.partial_image")
    assert RESPONSES.tell(drawn).pieces == (Piece("media", "eA=="),)
    added = Event('{"type":"response.output_text.annotation.added","annotation":{"a":1}}')
    assert RESPONSES.tell(added).pieces == (Piece("citation", '{"a":1}'),)
    assert RESPONSES.tell(Event("{", "response.output_item.added")).pieces == ()


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": "old"}],
        [{"type": "thinking", "thinking": "old"}],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "old"}]}],
    ],
)
def test_text_in_parts_can_be_replaced(content: object) -> None:
    """Whatever part it stands in, only the text changes."""
    data = CHAT.with_text(chunk(content=content), "new")
    assert data == chunk(content=content).data.replace("old", "new")


def test_nonsense_beside_a_text_hides_nothing() -> None:
    """A usage that cannot be read is none, and the text is told."""
    told = CHAT.tell(Event('{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":"many"}}'))
    assert (told.content, told.usage) == ("x", None)
    assert CHAT.tell(Event('{"usage":{"prompt_tokens":5}}')).usage == Usage(5)


def test_a_block_may_begin_with_its_text() -> None:
    """What a block's start says counts, too."""
    event = Event('{"type":"content_block_start","content_block":{"type":"text","text":"Hi"}}', "content_block_start")
    assert ANTHROPIC.tell(event).content == "Hi"


def test_a_generic_text_is_the_data() -> None:
    """There is nothing else to keep."""
    assert (GENERIC.with_text(Event("x"), "y"), GENERIC.with_text(Event("[DONE]"), "y")) == ("y", None)


@pytest.mark.parametrize("name", ["openai-chat", "openai-completions"])
def test_a_pause_before_what_cannot_be_said_is_made(name: str) -> None:
    """Silence stays where thoughts have no place."""
    writer = BY_NAME[name].writer
    assert writer is not None
    written = list(writer.write(Say((Pause(7), Reasoning("hm"), Text("Hi"))), Rng(1)))
    assert [item.pause_ns for item in written if item.pause_ns] == [7]
