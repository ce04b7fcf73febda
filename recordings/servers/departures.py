"""A departure board on sse-starlette and plain Starlette, served by uvicorn.

usage: departures.py PORT      (needs sse-starlette, starlette and uvicorn)
"""
# ruff: noqa: INP001, D103

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette.sse import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

BOARD = (
    ("09:12", "Łódź", "on time"),
    ("09:20", "Århus", "on time"),
    ("09:47", "Genève", "8 min late"),
    ("10:05", "東京", "cancelled\nuse the 10:35"),
)


async def departures() -> AsyncIterator[ServerSentEvent]:
    for number, (time, goal, state) in enumerate(BOARD):
        await asyncio.sleep(0.4 if number == 2 else 0.06)
        yield ServerSentEvent(
            data=json.dumps({"time": time, "to": goal}, ensure_ascii=False) + "\n" + state,
            event="departure",
            id=f"board-{number}",
            retry=3000 if number == 0 else None,
            comment="platform changes are announced" if number == 2 else None,
        )


async def quiet() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(data="the 09:12 has left")
    await asyncio.sleep(2.4)
    yield ServerSentEvent(data="the 09:20 has left")


async def plain() -> AsyncIterator[str]:
    for time, goal, _ in BOARD[:3]:
        await asyncio.sleep(0.05)
        yield f"data: {time} {goal}\n\n"
    yield "data: [DONE]\n\n"


async def broken() -> AsyncIterator[str]:
    yield "data: 09:12 Łódź\n\n"
    await asyncio.sleep(0.05)
    yield "data: 09:20 År"
    await asyncio.sleep(0.05)
    raise RuntimeError("the board lost its power")


def on(path: str, response: type[Response], stream: object, **options: object) -> Route:
    async def answer(_: Request) -> Response:
        return response(stream(), **options)

    return Route(path, answer)


uvicorn.run(
    Starlette(
        routes=[
            on("/departures", EventSourceResponse, departures),
            on("/quiet", EventSourceResponse, quiet, ping=1),
            on("/plain", StreamingResponse, plain, media_type="text/event-stream"),
            on("/broken", StreamingResponse, broken, media_type="text/event-stream"),
        ]
    ),
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="error",
)
