"""The parsers of Node packages, which `node/main.mjs` has adapters for, and what each does by design."""

from __future__ import annotations

from typing import Final

from streamsim.conformance.policy import Policy

OWN_ID: Final = Policy(ids="own")
"""An event carries the id of its own block, and who wants the last one keeps it."""
LIMITED: Final = Policy(by_design=frozenset({"no-crash"}))
"""It raises past a size that can be set."""
BROWSING: Final = Policy(by_design=frozenset({"bounded-memory"}))
"""It reads from an XMLHttpRequest, which keeps all text that came."""
PLAIN: Final = Policy()
TEXT: Final = Policy(payload='{"text":TEXT}')
"""Data is decoded."""

NODE: Final = {
    "@ai-sdk/provider-utils": TEXT,
    "@ai-zen/node-fetch-event-source": OWN_ID,
    "@anthropic-ai/sdk": PLAIN,
    "@azure/core-sse": OWN_ID,
    "@c4312/eventsource-umd": PLAIN,
    "@coze/api": PLAIN,
    "@fortaine/fetch-event-source": OWN_ID,
    "@google/genai": TEXT,
    "@google/generative-ai": Policy(payload='{"candidates":[{"content":{"parts":[{"text":TEXT}]}}]}'),
    "@heroku/eventsource": PLAIN,
    "@huggingface/inference": OWN_ID,
    "@langchain/core": Policy(by_design=frozenset({"words"})),
    "@langchain/langgraph-sdk": TEXT,
    "@microsoft/fetch-event-source": OWN_ID,
    "@mistralai/mistralai": PLAIN,
    "@openrouter/sdk": PLAIN,
    "@sentool/fetch-event-source": OWN_ID,
    "@server-sent-stream/parser": PLAIN,
    "@upstash/qstash": TEXT,
    "@waylaidwanderer/fetch-event-source": OWN_ID,
    "cohere-ai": TEXT,
    "event-source-plus": OWN_ID,
    "event-source-polyfill": PLAIN,
    "event-stream-parser": PLAIN,
    "eventsource": PLAIN,
    "eventsource-client": OWN_ID,
    "eventsource-parser": OWN_ID,
    "eventsource-polyfill": BROWSING,
    "extended-eventsource": PLAIN,
    "fetch-event-stream": OWN_ID,
    "fetch-sse": PLAIN,
    "groq-sdk": PLAIN,
    "launchdarkly-eventsource": PLAIN,
    "ollama": Policy(payload='{"response":TEXT}', ndjson=True),
    "openai": PLAIN,
    "parse-sse": PLAIN,
    "react-native-sse": BROWSING,
    "replicate": Policy(ids="own", by_design=frozenset({"words"})),
    "sse-decoder": PLAIN,
    "sse.js": BROWSING,
    "together-ai": PLAIN,
    "undici": LIMITED,
}
"""Its policy, by package."""
