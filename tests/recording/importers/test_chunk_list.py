"""Payloads, one a line, whose framing is lost."""

from __future__ import annotations

import pytest

from tests.recording.importers.inputs import chunks, header, imported, only


def test_payloads_become_events() -> None:
    """The header says that their framing is not theirs."""
    told = imported(b'{"a": 1}\n\n{"a": 2}\r\n')
    assert (header(told).imported, header(told).lacks) == (
        "chunks",
        ("boundaries", "times", "framing", "request", "head"),
    )
    assert chunks(only(told)) == [b'data: {"a": 1}\n\n', b'data: {"a": 2}\n\n']


def test_chat_completions_end_as_they_do() -> None:
    """With the mark that no line holds."""
    line = b'{"object":"chat.completion.chunk","choices":[]}'
    exchange = only(imported(line + b"\n" + line))
    assert chunks(exchange)[-1] == b"data: [DONE]\n\n"
    assert exchange.request.target == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("message_start", True),
        ("response.output_text.delta", True),
        ("content-delta", True),
        ("ping", True),
        ("text", False),
        ("response.\\n", False),
        ("pinging", False),
    ],
)
def test_an_event_is_named_where_its_provider_names_events(kind: str, named: bool) -> None:  # noqa: FBT001 - a column
    """By the type in its payload."""
    line = f'{{"type":"{kind}"}}'
    name = f"event: {kind}\n" if named else ""
    assert chunks(only(imported(f"{line}\n{{}}", "chunks")))[0] == f"{name}data: {line}\n\n".encode()
