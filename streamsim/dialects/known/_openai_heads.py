"""The headers of OpenAI's answers, as recorded: processing time, version, the limits of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.dialects import spell

if TYPE_CHECKING:
    from streamsim.rng import Rng
    from streamsim.wire import Headers


def openai_headers(dice: Rng, *, stream: bool, ms: int) -> Headers:
    """Return those of an answer that took so many milliseconds to begin."""
    return (
        ("content-type", "text/event-stream; charset=utf-8" if stream else "application/json"),
        ("openai-organization", "streamsim"),
        ("openai-processing-ms", str(ms)),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-limit-tokens", "200000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-remaining-tokens", "199980"),
        ("x-ratelimit-reset-requests", "8.64s"),
        ("x-ratelimit-reset-tokens", "6ms"),
        ("x-request-id", f"req_{spell.name(dice, 2, 32, spell.HEX)}"),
    )
