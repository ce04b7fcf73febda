"""By what a dialect may be known without being loaded: there are many, and most streams are of one.

Law: a dialect that owns an event, is marked by it, or suits its clues has one of its words in them. The words tell no
more: who has one is asked. A module that is not here is loaded at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Clues
    from streamsim.sse import Event


class Sign(NamedTuple):
    """What is known of a dialect before it is loaded.

    Attributes:
        module: Which file here it stands in.
        names: How the names of events begin that are its own.
        data: What is in the data of others that are, which is JSON: it has at least one string.
        clues: What is in clues, as `spoken` puts them.

    """

    module: str
    names: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    clues: tuple[str, ...] = ()


SIGNS: Final[dict[str, Sign]] = {
    "a2a": Sign("a2a", data=('"kind"', '"contextId"', '"taskId"', '"messageId"')),
    "ag-ui": Sign(
        "ag_ui",
        data=(
            '"RUN_', '"STEP_', '"TEXT_MESSAGE_', '"TOOL_CALL_', '"STATE_', '"MESSAGES_SNAPSHOT"', '"ACTIVITY_',
            '"RAW"', '"CUSTOM"', '"REASONING_', '"SUBAGENT_', '"THINKING_',
        ),
    ),
    "anthropic": Sign("anthropic_messages", names=("message_", "content_block_")),
    "azure-openai": Sign(
        "azure_openai",
        data=('"prompt_filter_results"', '"content_filter_results"'),
        clues=(".azure.com", "x-ms-region:"),
    ),
    "bedrock-converse": Sign("bedrock_converse", names=("messageSt", "contentBlock"), data=('"latencyMs"',)),
    "bedrock-invoke": Sign("bedrock_invoke", names=("chunk",), data=('"agentId"',)),
    "cohere": Sign("cohere", names=("message-", "content-", "tool-", "citation-")),
    "deepseek": Sign("deepseek", data=("_prod", '"prompt_cache_hit_tokens"'), clues=("host: api.deepseek.com",)),
    "gemini": Sign("gemini", data=('"candidates"', '"usageMetadata"', '"promptFeedback"', '"code"')),
    "gemini-array": Sign("gemini_array", clues=("content-type: application/json",)),
    "gemini-interactions": Sign("gemini_interactions", data=('"event_type"',)),
    "groq": Sign("groq", data=('"x_groq"',), clues=("host: api.groq.com", "x-groq-region:")),
    "langgraph": Sign("langgraph", names=("messages/",), data=('"run_id"',)),
    "mcp": Sign("mcp", data=('"jsonrpc"',)),
    "mistral": Sign("mistral", data=('{"id"',), clues=("mistral",)),
    "ollama": Sign("ollama", data=('"done"', '"status"')),
    "ollama-generate": Sign("ollama", data=('"response"',), clues=("/api/generate",)),
    "openai-chat": Sign("openai_chat", data=('"chat.completion.chunk"', '"delta"')),
    "openai-completions": Sign("openai_completions", data=('"text_completion"',)),
    "openai-responses": Sign("openai_responses", names=("response.",), data=('"response.',)),
    "openrouter": Sign(
        "openrouter",
        data=('"native_finish_reason"',),
        clues=("host: openrouter.ai", ": OPENROUTER", "x-generation-id: gen-"),
    ),
    "perplexity": Sign("perplexity", data=('"citations"',), clues=("host: api.perplexity.ai",)),
    "replicate": Sign("replicate", names=("output",)),
    "tgi": Sign("tgi", data=('"token"',)),
    "ui-messages": Sign(
        "ui_messages",
        data=('"start', '"finish-step"', '"text-', '"reasoning-', '"tool-', '"source-', '"message-metadata"'),
    ),
    "vertex": Sign(
        "vertex",
        data=('"trafficType"', '"createTime"'),
        clues=("aiplatform.googleapis.com", "/publishers/google/"),
    ),
    "vllm": Sign("vllm", data=('"chat-', '"chatcmpl-', '"prompt_token_ids"')),
    "watsonx": Sign("watsonx", data=('"generated_text"',)),
    "xai": Sign("xai", data=('"grok-', '"cost_in_usd_ticks"'), clues=("host: api.x.ai",)),
}  # fmt: skip

_NAMES: Final = [(name, dialect) for dialect, sign in SIGNS.items() for name in sign.names]
_DATA: Final = [(word, dialect) for dialect, sign in SIGNS.items() for word in sign.data]


def near(event: Event, clues: Clues) -> set[str]:
    r"""Return the dialects that may own ``event``, be marked by it, or suit ``clues``, of those that have a sign.

    JSON may spell any letter as ``\u`` and four digits, so that no word is sure to be found: then all are returned.
    """
    if "\\u" in event.data:
        return set(SIGNS)
    found = {*_suited(clues)}
    if event.type != "message":
        found.update(dialect for name, dialect in _NAMES if event.type.startswith(name))
    if '"' in event.data:
        found.update([dialect for word, dialect in _DATA if word in event.data])
    return found


@lru_cache
def _suited(clues: Clues) -> tuple[str, ...]:
    said = spoken(clues)
    return tuple(dialect for dialect, sign in SIGNS.items() if any(word in said for word in sign.clues))


def spoken(clues: Clues) -> str:
    """Return what clues say, in a form in which words are found: all in lower case, but for comments."""
    fields = "\n".join(f"{name}: {value.strip()}" for name, value in clues.response)
    comments = "\n: ".join(("", *clues.comments))
    return f"host: {clues.host}\n{clues.target}\n{fields}".lower() + comments
