from __future__ import annotations

import pytest

from streamsim.dialects.known.openai_completions import OpenAICompletions
from streamsim.sse import Event

DIALECT = OpenAICompletions()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('{"object":"text_completion","choices":[{"text":"Hi"}]}', "Hi"),
        ('{"object":"text_completion","choices":[{"text":"a"},{"text":"b"}]}', "ab"),
        ('{"object":"text_completion","choices":[{"text":"","finish_reason":"stop"}]}', ""),
        ('{"object":"text_completion","choices":[{"finish_reason":"stop"}]}', ""),
        ('{"object":"text_completion","choices":[],"usage":{}}', ""),
        ('{"object":"text_completion"}', ""),
        ("[DONE]", ""),
        ('{"choices":[{"text":5}]}', ""),
    ],
)
def test_the_text_of_choices_is_content(data: str, text: str) -> None:
    """Only text is content; usage, the end and what cannot be read are not."""
    assert DIALECT.tell(Event(data)).content == text


@pytest.mark.parametrize(
    ("data", "owned"),
    [('{"object":"text_completion"}', True), ('{"object":"chat.completion.chunk"}', False), ("[DONE]", False)],
)
def test_it_owns_what_names_its_object(data: str, owned: bool) -> None:  # noqa: FBT001 - a table
    """``object`` names the dialect."""
    assert DIALECT.owns(Event(data)) is owned


def test_done_is_the_end() -> None:
    """``[DONE]`` ends the answer, and nothing else does."""
    assert DIALECT.tell(Event("[DONE]")).terminal
    assert not DIALECT.tell(Event('{"object":"text_completion","choices":[{"text":"[DONE]"}]}')).terminal
