"""What a client makes anew for each request, so that it says nothing of which request it is."""

from __future__ import annotations

import re
from typing import Final

# By its name: a number or text under it.
_IDS = ("request", "trace", "span", "message", "run", "client_request", "x_request")
_TIMES = ("timestamp", "created", "created_at", "createdAt")
_KEYS = ("nonce", "idempotency_key", "idempotencyKey", "progressToken", "requestId", "traceId", "spanId", "messageId")
ANEW: Final = frozenset({*_TIMES, *_KEYS, "runId", *(f"{name}_id" for name in _IDS)})

# By its form, the whole value: a UUID, an id with a provider's prefix, a time to the second.
_FORM = re.compile(
    r"(?:[a-z_]{1,12}[-_])?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?:call|toolu|tooluse|msg|resp|chatcmpl|cmpl|req|run|fc|rs|gen|item)[-_](?=[A-Za-z]*[0-9])[A-Za-z0-9]{12,}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_FORMED: Final = range(15, 100)


def varies(name: str | int, value: object) -> bool:
    """Tell whether a value is one of these."""
    if name in ANEW:
        return not isinstance(value, dict | list)
    return isinstance(value, str) and len(value) in _FORMED and _FORM.fullmatch(value) is not None
