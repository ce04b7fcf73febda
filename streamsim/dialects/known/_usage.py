"""``usage`` as OpenAI's chat counts it, and whoever speaks it."""

from __future__ import annotations

from typing import Final

import msgspec

from streamsim.dialects.loosely import UNREADABLE
from streamsim.dialects.told import Usage

NULL: Final = msgspec.Raw(b"null")


class _InputDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None


_decoder: msgspec.json.Decoder[_Usage] = msgspec.json.Decoder(_Usage)


def is_null(raw: msgspec.Raw) -> bool:
    """Tell whether a value is null, or was not there and so is :data:`NULL` itself."""
    return raw is NULL or bytes(raw) == b"null"


def usage_of(raw: msgspec.Raw) -> Usage | None:
    """Return what a ``usage`` object counts; None for what is none."""
    if is_null(raw):
        return None
    try:
        told = _decoder.decode(raw)
    except UNREADABLE:
        return None
    cached = told.prompt_tokens_details.cached_tokens if told.prompt_tokens_details else None
    reasoning = told.completion_tokens_details.reasoning_tokens if told.completion_tokens_details else None
    return Usage(told.prompt_tokens, told.completion_tokens, told.total_tokens, reasoning, cached)
