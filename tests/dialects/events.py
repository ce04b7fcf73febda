"""Events in one line."""

from __future__ import annotations

import json

from streamsim.sse import Event


def event(data: object, kind: str = "message", identity: str = "") -> Event:
    """Return an event with ``data`` as JSON, or with the text it is."""
    return Event(data if isinstance(data, str) else json.dumps(data), kind, identity)
