from __future__ import annotations

import json

import pytest

from streamsim.engine.prompt import prompt_tokens
from streamsim.engine.requests import Request


def tokens(body: bytes, **fields: bytes) -> int:
    named = {name.replace("_", "-").encode(): value for name, value in fields.items()}
    return prompt_tokens(Request("POST", "/", [], named, body, "1.1", keep_alive=True))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 0),
        (b"{}", 0),
        (b"five.", 2),
        (b"\xff\xff\xff\xff\xff", 2),
        (b'"abcd"', 1),
        (json.dumps({"messages": [{"content": "12345678"}, {"content": [{"text": "1234"}]}], "n": 3}).encode(), 3),
        ('{"a": "héé"}'.encode(), 2),
        (b"[" * 100_000, 25_000),
    ],
)
def test_four_bytes_of_text_are_a_token(body: bytes, expected: int) -> None:
    """Strings count, whatever they stand in; what is no JSON counts whole, up to the next token."""
    assert tokens(body) == expected


def test_a_request_may_say_it() -> None:
    """What the header says is believed."""
    assert tokens(b'{"a": "long long text"}', x_streamsim_prompt_tokens=b"1") == 1
