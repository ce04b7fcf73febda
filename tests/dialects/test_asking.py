from __future__ import annotations

import pytest

from streamsim.dialects.asking import streamed_at
from streamsim.dialects.known import BY_NAME, WHOLE_AT

CHAT = "/v1/chat/completions"
GEMINI = "/v1beta/models/m"


@pytest.mark.parametrize(
    ("dialect", "target", "body", "whole"),
    [
        ("openai-chat", CHAT, b'{"model":"m","stream":true}', False),
        ("openai-chat", CHAT, b'{"model":"m","stream":false}', True),
        ("openai-chat", CHAT, b'{"model":"m"}', True),
        ("openai-chat", CHAT, b'{"model":"m","stream":null}', True),
        ("openai-chat", CHAT, b'{"model":"m","stream":"maybe"}', False),
        ("openai-chat", CHAT, b"{}", False),
        ("openai-chat", CHAT, b"{ }\n", False),
        ("openai-chat", CHAT, b"", False),
        ("openai-chat", CHAT, b"[1]", False),
        ("openai-chat", CHAT, b"{broken", False),
        ("ollama", "/api/chat", b'{"model":"m"}', False),
        ("ollama", "/api/chat", b'{"model":"m","stream":false}', True),
        ("ollama-generate", "/api/generate", b'{"model":"m"}', False),
        ("gemini", f"{GEMINI}:streamGenerateContent?alt=sse", b'{"contents":[]}', False),
        ("gemini", f"{GEMINI}:generateContent?key=k", b'{"contents":[]}', True),
        ("bedrock-converse", "/model/m/converse", b"{}", True),
        ("bedrock-converse", "/model/m/converse-stream", b'{"a":1}', False),
        ("langgraph", "/runs/wait", b'{"a":1}', True),
        ("langgraph", "/threads/t/runs/stream", b'{"a":1}', False),
        ("tgi", "/generate", b'{"inputs":"a"}', True),
        ("tgi", "/generate_stream", b'{"inputs":"a"}', False),
        ("tgi", "/", b'{"inputs":"a","stream":true}', False),
        ("tgi", "/", b'{"inputs":"a"}', True),
        ("a2a", "/", b'{"method":"message/send"}', True),
        ("a2a", "/", b'{"method":"message/stream"}', False),
        ("ag-ui", "/", b'{"messages":[]}', False),
        ("ui-messages", "/api/chat", b'{"messages":[]}', False),
    ],
)
def test_each_provider_has_its_rule(dialect: str, target: str, body: bytes, whole: bool) -> None:  # noqa: FBT001 - a table
    """By field and its default, by path or by method; what asks for nothing takes what is there."""
    assert BY_NAME[dialect].asks_whole(target, body) is whole


@pytest.mark.parametrize(
    ("target", "streamed"),
    [
        (f"{GEMINI}:generateContent?key=k", f"{GEMINI}:streamGenerateContent?key=k"),
        ("/model/m/converse", "/model/m/converse-stream"),
        ("/generate", "/generate_stream"),
        ("/runs/wait", "/runs/stream"),
        (CHAT, ""),
    ],
)
def test_a_whole_answer_may_have_a_place_of_its_own(target: str, streamed: str) -> None:
    """Beside that of the stream, query and all."""
    assert streamed_at(target, WHOLE_AT) == streamed
