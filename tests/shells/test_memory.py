from __future__ import annotations

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine
from streamsim.plan.planner import Planner
from streamsim.shells.memory import MemoryClient, Write
from streamsim.wire import http1
from tests.builders import HELLO, exchange, recording
from tests.shells.raw import request

MS = 1_000_000
S = 1000 * MS
HEADERS = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))


def engine() -> Engine:
    return Engine([Planner(recording(exchange(headers=HEADERS)))])


def test_writes_are_at_their_planned_nanosecond() -> None:
    """Each write happens when the recording says, to the nanosecond, one for each instant."""
    client = MemoryClient(engine())
    client.send(request())
    client.run(S)
    assert [write.at_ns for write in client.writes] == [100 * MS, 120 * MS, 140 * MS, 160 * MS]
    assert [write.data for write in client.writes[1:3]] == [http1.body(data, "chunked") for data in HELLO[:2]]
    assert client.writes[3].data == http1.body(HELLO[2], "chunked") + b"0\r\n\r\n"
    assert client.received == b"".join(write.data for write in client.writes)


def test_answers_move_the_clock() -> None:
    """Iterating over the writes lets time pass just as far as each of them."""
    client = MemoryClient(engine())
    client.send(request())
    seen = [(client.clock.now_ns(), write.at_ns) for write in client.answers()]
    assert [now for now, _ in seen] == [at for _, at in seen]
    assert len(seen) == 4
    assert client.closed == "fin"


def test_clients_share_a_clock() -> None:
    """Clients of one engine on one clock are interleaved by time, each with its own connection."""
    clock, served = VirtualClock(5), engine()
    first, second = MemoryClient(served, clock), MemoryClient(served, clock, number=2)
    first.send(request())
    first.run(50 * MS)
    second.send(request())
    second.run()
    assert [write.at_ns - 5 for write in first.writes] == [100 * MS, 120 * MS, 140 * MS, 160 * MS]
    assert [write.at_ns for write in second.writes] == [150 * MS, 170 * MS, 190 * MS, 210 * MS]
    assert [trace.connection for trace in served.journal] == [1, 2]


def test_closed_client_sends_nothing() -> None:
    """What is sent on a closed connection goes nowhere, and nothing more happens."""
    client = MemoryClient(engine())
    client.send(request())
    client.leave()
    client.send(request())
    client.run()
    assert (client.writes, client.closed, client.closed_ns) == ([], "fin", 0)


def test_write_is_data() -> None:
    """A write is a time and bytes."""
    assert Write(1, b"a") == Write(at_ns=1, data=b"a")
