"""How long a prompt is, in tokens, as far as can be told without the model's own tokenizer.

Law: a request that says so in ``x-streamsim-prompt-tokens`` is believed; else four bytes of text are a token, the rule
of thumb for English, and text is every string in the body's JSON but the names of its fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.engine.anyjson import is_list, is_object

if TYPE_CHECKING:
    from streamsim.engine.requests import Request

HEADER: Final = b"x-streamsim-prompt-tokens"
BYTES_PER_TOKEN: Final = 4


def prompt_tokens(request: Request) -> int:
    """Return how many tokens the prompt of ``request`` has; its header, if it has one, is a whole number."""
    told = request.fields.get(HEADER)
    return int(told) if told is not None else -(-_text_bytes(request.body) // BYTES_PER_TOKEN)


def _text_bytes(body: bytes) -> int:
    """Return how many bytes of text a body holds; what is no JSON is all text."""
    try:
        open_: list[object] = [msgspec.json.decode(body)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return len(body)
    total = 0
    while open_:
        value = open_.pop()
        if isinstance(value, str):
            total += len(value.encode("utf-8", "surrogatepass"))
        elif is_object(value):
            open_.extend(value.values())
        elif is_list(value):
            open_.extend(value)
    return total
