"""By what a dialect may be known without being loaded: there are many, and most streams are of one.

Law: a dialect that owns an event, is marked by it, or suits its clues has one of its words in what they say. The words
tell no more: who has one is asked. A module that is not here is loaded at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Clues
    from streamsim.sse import Event


class Sign(NamedTuple):
    """What is known of a dialect before it is loaded.

    Attributes:
        module: Which file here it stands in.
        words: One of them is in the event or its clues, as `spoken` puts them; host and headers are in lower case.

    """

    module: str
    words: tuple[str, ...]


SIGNS: Final[dict[str, Sign]] = {
    "a2a": Sign("a2a", ('"kind"', '"contextId"', '"taskId"', '"messageId"')),
    "ag-ui": Sign(
        "ag_ui",
        (
            '"RUN_', '"STEP_', '"TEXT_MESSAGE_', '"TOOL_CALL_', '"STATE_', '"MESSAGES_SNAPSHOT"', '"ACTIVITY_',
            '"RAW"', '"CUSTOM"', '"REASONING_', '"SUBAGENT_', '"THINKING_',
        ),
    ),
    "anthropic": Sign("anthropic_messages", ("event: message_", "event: content_block_")),
    "azure-openai": Sign(
        "azure_openai", ('"prompt_filter_results"', '"content_filter_results"', ".azure.com", "x-ms-region:")
    ),
    "bedrock-converse": Sign("bedrock_converse", ("event: messageSt", "event: contentBlock", '"latencyMs"')),
    "bedrock-invoke": Sign("bedrock_invoke", ("event: chunk\n", '"agentId"')),
    "cohere": Sign("cohere", ("event: message-", "event: content-", "event: tool-", "event: citation-")),
    "deepseek": Sign("deepseek", ("_prod", '"prompt_cache_hit_tokens"', "host: api.deepseek.com")),
    "gemini": Sign("gemini", ('"candidates"', '"usageMetadata"', '"promptFeedback"', '"code"')),
    "gemini-array": Sign("gemini_array", ("content-type: application/json",)),
    "gemini-interactions": Sign("gemini_interactions", ('"event_type"',)),
    "groq": Sign("groq", ('"x_groq"', "host: api.groq.com", "x-groq-region:")),
    "langgraph": Sign("langgraph", ("event: messages/", '"run_id"')),
    "mcp": Sign("mcp", ('"jsonrpc"',)),
    "mistral": Sign("mistral", ('data: {"id"', "mistral")),
    "ollama": Sign("ollama", ('"done"', '"status"')),
    "ollama-generate": Sign("ollama", ('"response"', "/api/generate")),
    "openai-chat": Sign("openai_chat", ("chat.completion.chunk", '"delta"')),
    "openai-completions": Sign("openai_completions", ('"text_completion"',)),
    "openai-responses": Sign("openai_responses", ("event: response.", '"response.')),
    "openrouter": Sign(
        "openrouter",
        ('"native_finish_reason"', "host: openrouter.ai", ": OPENROUTER", "x-generation-id: gen-"),
    ),
    "perplexity": Sign("perplexity", ('"citations"', "host: api.perplexity.ai")),
    "replicate": Sign("replicate", ("event: output\n",)),
    "tgi": Sign("tgi", ('"token"',)),
    "ui-messages": Sign(
        "ui_messages",
        ('"start', '"finish-step"', '"text-', '"reasoning-', '"tool-', '"source-', '"message-metadata"'),
    ),
    "vertex": Sign(
        "vertex", ('"trafficType"', '"createTime"', "aiplatform.googleapis.com", "/publishers/google/")
    ),
    "vllm": Sign("vllm", ('"chat-', '"chatcmpl-', '"prompt_token_ids"')),
    "watsonx": Sign("watsonx", ('"generated_text"',)),
    "xai": Sign("xai", ('"grok-', '"cost_in_usd_ticks"', "host: api.x.ai")),
}  # fmt: skip


def spoken(event: Event, clues: Clues) -> str:
    """Return what an event and its clues say, in a form in which words are found."""
    fields = "\n".join(f"{name}: {value.strip()}" for name, value in clues.response)
    known = f"host: {clues.host}\n{clues.target}\n{fields}".lower()
    comments = "\n: ".join(("", *clues.comments))
    return f"event: {event.type}\ndata: {event.data}\n{known}{comments}"


def near(name: str, said: str) -> bool:
    r"""Tell whether the dialect ``name`` is to be asked of what `spoken` returned.

    JSON may spell any letter as ``\u`` and four digits, so that no word is sure to be found: then all are asked.
    """
    sign = SIGNS.get(name)
    return sign is None or "\\u" in said or any(word in said for word in sign.words)
