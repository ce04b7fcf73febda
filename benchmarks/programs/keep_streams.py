"""An addon of mitmproxy: answers pass as they come, and (time, bytes) of what passed are kept."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

# What is kept is never read here; without an end it would only grow.
kept: deque[tuple[int, bytes]] = deque(maxlen=100_000)


def responseheaders(flow: Any) -> None:
    """Let this answer pass, and keep it."""
    flow.response.stream = keep


def keep(data: bytes) -> bytes:
    """Pass ``data`` on."""
    kept.append((time.monotonic_ns(), data))
    return data
