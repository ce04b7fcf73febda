"""Starlette with absolute deadlines, written as well as one can. Environment: BENCH_EVENTS (a file), BENCH_GAP_MS."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENTS = re.findall(rb".*?\n\n", Path(os.environ["BENCH_EVENTS"]).read_bytes(), re.DOTALL)
GAP_S = int(os.environ["BENCH_GAP_MS"]) / 1000


async def play() -> AsyncIterator[bytes]:
    """Yield each event when it is due, never before."""
    asked = time.monotonic()
    for nth, event in enumerate(EVENTS):
        due = asked + nth * GAP_S
        # uvloop's timers may fire early, so it has to look again.
        while time.monotonic() < due:  # noqa: ASYNC110 - it waits for a time, not for somebody
            await asyncio.sleep(due - time.monotonic())
        yield event


async def answer(request: Any) -> Any:
    """Read the request, and stream."""
    await request.body()
    return StreamingResponse(play(), media_type="text/event-stream")


application = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
