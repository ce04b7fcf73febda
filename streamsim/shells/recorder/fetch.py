"""One request of our own, recorded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.shells.recorder.relay import Relay


async def fetch(relay: Relay, request: Request) -> None:
    """Send ``request`` through ``relay`` and wait for its end, whatever it is; stopped early, it counts as cancelled.

    Raises:
        UpstreamError: There is no way to the upstream; nothing was recorded.

    """
    await relay.connect()
    over = asyncio.Event()
    passage = relay.exchange(request, None, lambda _: over.set())
    try:
        await over.wait()
    finally:
        passage.cancel()
        relay.close()
