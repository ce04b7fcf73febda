"""Mistral, a variation of the chat dialect."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import Failure
from tests.dialects.events import event

MISTRAL = BY_NAME["mistral"]
ID = "0123456789abcdef0123456789abcdef"


def chunk(delta: object, reason: str | None = None, identity: str = ID) -> str:
    choices = (
        f'[{{"index":0,"delta":{delta},"finish_reason":{"null" if reason is None else chr(34) + reason + chr(34)}}}]'
    )
    return f'{{"id":"{identity}","object":"chat.completion.chunk","created":1,"model":"m","choices":{choices}}}'


@pytest.mark.parametrize(
    ("data", "clues", "dialect"),
    [
        (chunk("{}"), Clues(), "mistral"),
        (chunk("{}", identity="chatcmpl-1"), Clues(), "openai-chat"),
        (chunk("{}", identity="chatcmpl-1"), Clues(host="api.mistral.ai"), "mistral"),
        (chunk("{}", identity="c"), Clues(response=(("Mistral-Correlation-Id", "x"),)), "mistral"),
        (chunk("{}")[:-1] + ',"system_fingerprint":""}', Clues(), "openai-chat"),
    ],
)
def test_its_id_or_its_host_tells_it(data: str, clues: Clues, dialect: str) -> None:
    """An id of 32 hexadecimal digits and no fingerprint is Mistral's, and so is what comes from its host."""
    assert claimed(event(data), clues).name == dialect


def test_a_whole_call_needs_no_index() -> None:
    """Older models tell no index: their calls come in one piece."""
    call = '{"tool_calls":[{"id":"x","function":{"name":"f","arguments":"{}"}}]}'
    assert MISTRAL.problems([event(chunk(call, "tool_calls")), event("[DONE]")]) == []


def test_an_error_before_any_event_has_an_id_too() -> None:
    """The chunk that tells an error is a chunk like any other."""
    assert MISTRAL.writer is not None
    frames = MISTRAL.writer.error_event(Failure("x"), [])
    assert frames is not None
    assert frames.startswith(b'data: {"id":"00000000000000000000000000000000","object":"chat.completion.chunk"')
