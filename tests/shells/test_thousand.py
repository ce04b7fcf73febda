"""A thousand streams at once: none lost, none early, every byte as recorded."""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING

from streamsim.engine.core import Settings
from streamsim.shells.running import allow_many_sockets
from streamsim.wire import http1
from tests.builders import exchange, recording
from tests.shells.raw import request as asked
from tests.shells.serving import engine, serving

if TYPE_CHECKING:
    import pytest

STREAMS = 1000
HEADERS = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
CHUNKS = [b"data: %d\n\n" % number for number in range(20)]
WIRE = b"".join(http1.body(data, "chunked") for data in CHUNKS) + b"0\r\n\r\n"


async def one(port: int, start: asyncio.Event) -> bytes:
    """Return the body's bytes of one stream; all begin together."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await start.wait()
    writer.write(asked())
    await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(len(WIRE))
    writer.close()
    await writer.wait_closed()
    return body


async def all_at_once(port: int) -> list[bytes]:
    start = asyncio.Event()
    tasks = [asyncio.create_task(one(port, start)) for _ in range(STREAMS)]
    await asyncio.sleep(0)
    start.set()
    return await asyncio.gather(*tasks)


def test_thousand_streams(request: pytest.FixtureRequest) -> None:
    """A thousand clients at 20 ms an event all get every byte, and no step of any is handed over before its time."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    request.addfinalizer(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits))
    allow_many_sockets()
    served = engine(recording(exchange(headers=HEADERS, chunks=CHUNKS)), settings=Settings())
    with serving(served) as server:
        bodies = asyncio.run(all_at_once(server.port))
        assert server.eventually(lambda: len(server.traces) == STREAMS)
    assert bodies == [WIRE] * STREAMS
    assert {trace.outcome for trace in server.traces} == {"complete"}
    assert {trace.events_written for trace in server.traces} == {len(CHUNKS)}
    assert min(min(trace.lateness_ns()) for trace in server.traces) >= 0
