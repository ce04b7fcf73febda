"""Real streams, served by the real server, say to the official SDKs what inspect reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import openai
import pytest

from streamsim.dialects.known import BY_NAME
from tests.clients.corpus import all_of, corpus_server
from tests.clients.sdks import Clients, parsed
from tests.dialects.heard import ASK

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.clients.corpus import Served

pytestmark = pytest.mark.corpus

CHATS = {name for name, dialect in BY_NAME.items() if "openai-chat" in (name, dialect.family)} - {"mistral"}
OURS = (*sorted(CHATS), "openai-completions", "openai-responses", "anthropic")
# There is no SDK of the provider's that hands out text for them, or it asks for another form.
READ_BY_NONE = {"a2a", "bedrock-invoke", "gemini-array", "generic", "langgraph", "mcp", "replicate", "watsonx"}

# The helper of the SDK adds up arguments of tools that clients run, not of those that a server runs for Anthropic.
SERVERS = "anthropic/pydantic-ai--test_anthropic_mcp_servers_stream.sse"
# What streams that are no answers are: an error as bare JSON behind whole events, and a download told line by line.
NO_ANSWERS = ("vertex/vertexai-sdk-t--streaming-failure-error-mid-stream.sse", "PullModel-0")


@pytest.fixture(scope="module")
def served(corpus: Path) -> Generator[list[Served], None, None]:
    """All streams that an SDK reads."""
    streams = (one for dialect, ones in all_of(corpus).items() if dialect not in READ_BY_NONE for one in ones)
    with corpus_server(streams) as found:
        yield found


@pytest.fixture(scope="module")
def http() -> Generator[httpx2.Client, None, None]:
    with httpx2.Client(timeout=20) as client:
        yield client


def test_every_stream_has_its_sdk(served: list[Served], corpus: Path) -> None:
    """All streams of dialects that an SDK reads are here, and each is read in the same dialect as ever."""
    assert {each.dialect for each in served} <= {*OURS, *ASK}
    assert {dialect for dialect in all_of(corpus) if dialect not in {*OURS, *ASK}} == READ_BY_NONE
    assert [each.one.name for each in served if each.content.dialect != each.dialect] == []
    assert len(served) == 247


@pytest.mark.parametrize("dialect", OURS)
def test_openai_and_anthropic_hear_what_is_reported(served: list[Served], http: httpx2.Client, dialect: str) -> None:
    """Text, thoughts, refusals, tool calls, usage and reasons of every choice are those that the SDK gives."""
    for each in served:
        if each.dialect == dialect and each.content.failure is None and each.one.name != SERVERS:
            wanted = parsed(each.heard) if dialect == "anthropic" else each.heard
            assert Clients(each.base, http).heard(dialect) == wanted, each.one.name


@pytest.mark.parametrize("dialect", sorted(ASK))
def test_other_sdks_hear_what_is_reported(served: list[Served], dialect: str) -> None:
    """Text, thoughts, tool calls, usage and the reason are those that the provider's own SDK gives."""
    for each in served:
        if each.dialect == dialect and not any(name in each.one.name for name in NO_ANSWERS):
            assert ASK[dialect](each.base) == each.brief, each.one.name


def test_every_failure_is_what_the_sdk_raises(served: list[Served], http: httpx2.Client) -> None:
    """An error inside a stream has the message that the SDK's exception has."""
    failed = [each for each in served if each.dialect in OURS and each.content.failure is not None]
    assert len(failed) == 3
    for each in failed:
        with pytest.raises(openai.APIError) as raised:
            Clients(each.base, http).heard(each.dialect)
        assert each.content.failure is not None
        assert raised.value.message == each.content.failure.message, each.one.name


def test_arguments_of_a_servers_tools_are_read(served: list[Served]) -> None:
    """What the SDK's helper leaves out is read all the same."""
    (one,) = [each for each in served if each.one.name == SERVERS]
    (call,) = one.content.said[0].calls
    assert set(json.loads(call.arguments)) == {"repoName", "question"}
