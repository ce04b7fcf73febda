"""Azure OpenAI: the chat dialect with verdicts of its content filters.

The first chunk has no choices, empty names and ``prompt_filter_results``; choices have ``content_filter_results``; keys
are in alphabetical order (40 recorded streams).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.protocol import Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers


_DEPLOYMENT = "/openai/deployments/{model}/chat/completions"
_VERDICTS = ("hate", "jailbreak", "self_harm", "sexual", "violence")


class AzureWriter(ChatWriter):
    """A verdict on the prompt first, one on each choice, keys in order."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", _DEPLOYMENT), ("POST", "/openai/v1/chat/completions"))

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Azure's front end."""
        return (
            ("content-type", "text/event-stream; charset=utf-8" if stream else "application/json"),
            ("apim-request-id", spell.uuid(dice, 3)),
            ("x-accel-buffering", "no"),
            ("x-ms-region", "East US 2"),
            ("x-ratelimit-limit-requests", "2500"),
            ("x-ratelimit-limit-tokens", "250000"),
            ("x-ratelimit-remaining-requests", "2499"),
            ("x-ratelimit-remaining-tokens", "249988"),
            ("x-request-id", spell.uuid(dice, 4)),
        )

    def opening(self, stream: Stream) -> Iterator[Written]:  # noqa: ARG002 - it names no answer yet
        """Yield the verdict on the prompt, in a chunk without names."""
        verdict = {name: _verdict(name) for name in _VERDICTS}
        results = [{"prompt_index": 0, "content_filter_results": verdict}]
        chunk: Json = {
            "choices": [],
            "created": 0,
            "id": "",
            "model": "",
            "object": "",
            "prompt_filter_results": results,
        }
        yield Written(self.framed(self.spelt(chunk)))

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice with an empty verdict."""
        return {"content_filter_results": {}, **super().choice(delta, reason)}

    def spelt(self, chunk: Json) -> str:
        """Return JSON with its keys in alphabetical order."""
        return spell.ordered(chunk)


def _verdict(name: str) -> Json:
    kind: Json = {"detected": False} if name == "jailbreak" else {"severity": "safe"}
    return {"filtered": False, **kind}


class AzureOpenAI(OpenAIChat):
    """Chat Completions of an Azure deployment."""

    name: ClassVar[str] = "azure-openai"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = AzureWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the verdict on the prompt, or on a choice."""
        return '"prompt_filter_results"' in event.data or (
            '"content_filter_results"' in event.data and self.owns(event)
        )

    def suits(self, clues: Clues) -> bool:
        """Tell by the host, or by a header that says Azure's region."""
        return clues.host.endswith((".openai.azure.com", ".services.ai.azure.com")) or bool(clues.header("x-ms-region"))


DIALECTS = (AzureOpenAI(),)
