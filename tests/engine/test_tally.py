from __future__ import annotations

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.engine import tally
from streamsim.engine.core import Engine, Settings
from streamsim.engine.tally import CELLS, Tally, summed
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, read_fault
from streamsim.shells.memory import MemoryClient
from streamsim.traffic.model import NO_LOAD, reloaded
from tests.builders import chat, exchange, recording
from tests.engine.asking import asked
from tests.shells.raw import request

CHUNKED = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
MS = 1_000_000


def counting(*faults: str, chunks: list[bytes] | None = None) -> Engine:
    """Return an engine that counts; its answer is a chat of five events, two of them words at 140 and 160 ms."""
    profile = Profile(faults=tuple(read_fault(text, where="test") for text in faults))
    one = exchange(headers=CHUNKED, chunks=chunks or chat("one", "two"))
    engine = Engine([Planner(recording(one))], Settings(profile=profile))
    engine.count(Tally())
    return engine


def cells(engine: Engine) -> list[int]:
    assert engine.tally is not None
    return list(engine.tally.cells)


def counted(engine: Engine, code: int, outcome: str) -> int:
    return cells(engine)[tally.ANSWERED + code * len(tally.OUTCOMES) + tally.OUTCOMES.index(outcome)]


def seen(engine: Engine, histogram: tally.Histogram) -> tuple[dict[int, int], int]:
    """Return how many were at or under each bound, and the sum of all, in ns."""
    row = cells(engine)
    bounds = [*histogram.bounds_ns, -1]
    there = zip(bounds, row[histogram.counts], strict=True)
    return {bound: count for bound, count in there if count}, row[histogram.total]


def test_the_cells_lie_one_after_the_other() -> None:
    """The places of all counts fill a row, without gap or overlap."""
    assert (tally.OPENED, tally.UNSENT, tally.REJECTED, tally.ANSWERED) == (0, 10, 11, 611)
    histograms = [tally.TTFT, tally.DURATION, tally.TTFT_LATE, tally.END_LATE]
    ends = [histogram.counts.stop for histogram in histograms]
    assert [tally.INJECTED + len(tally.FAULTS), *ends] == [*(each.total for each in histograms), CELLS]
    assert all(list(each.bounds_ns) == sorted(each.bounds_ns) for each in histograms)


def test_a_whole_answer() -> None:
    """An answer that is over is counted with its status, outcome, bytes, events and times."""
    engine = counting()
    client = MemoryClient(engine)
    client.send(request())
    client.run(until_ns=110 * MS)
    assert (cells(engine)[tally.STARTED], cells(engine)[tally.PLANNED], tally.running(cells(engine))) == (1, 1, 1)
    client.run()
    row = cells(engine)
    assert (row[tally.STARTED], row[tally.PLANNED], row[tally.MISSED], tally.running(row)) == (1, 1, 0, 0)
    assert counted(engine, 200, "complete") == 1
    assert (row[tally.BYTES], row[tally.EVENTS], row[tally.UNSENT]) == (len(client.received), 5, 0)
    assert seen(engine, tally.TTFT) == ({250 * MS: 1}, 140 * MS)
    assert seen(engine, tally.DURATION) == ({320 * MS: 1}, 200 * MS)
    assert seen(engine, tally.TTFT_LATE) == seen(engine, tally.END_LATE) == ({MS // 10: 1}, 0)


def test_a_plan_is_counted_once_however_often_it_is_played() -> None:
    """What is ready is not planned again, and what is counted of it is found once."""
    engine = counting()
    client = MemoryClient(engine)
    client.send(request() * 3)
    client.run()
    row = cells(engine)
    assert (row[tally.STARTED], row[tally.PLANNED], tally.running(row)) == (3, 1, 0)
    assert len({id(trace.script.facts) for trace in engine.journal}) == 1


def test_a_client_that_leaves() -> None:
    """What it did not get is counted, and its leaving is the end."""
    engine = counting()
    client = MemoryClient(engine)
    client.send(request())
    client.run(until_ns=145 * MS)
    client.leave()
    row = cells(engine)
    assert counted(engine, 200, "client left") == 1
    assert (row[tally.EVENTS], row[tally.UNSENT]) == (2, 3)
    assert seen(engine, tally.DURATION) == ({160 * MS: 1}, 145 * MS)
    assert seen(engine, tally.END_LATE)[1] == 0


def test_a_client_that_leaves_before_anything_came() -> None:
    """There is no time to tell then; the answer counts all the same."""
    engine = counting()
    client = MemoryClient(engine)
    client.send(request())
    client.leave()
    assert counted(engine, 200, "client left") == 1
    assert seen(engine, tally.DURATION) == seen(engine, tally.TTFT) == ({}, 0)


def test_lateness() -> None:
    """What goes out later than planned is late by that much."""
    engine = counting()
    answer = engine.answer(asked())
    assert not isinstance(answer, str)
    from streamsim.engine.trace import Trace  # noqa: PLC0415 - only here

    trace = Trace(answer, 1, 0)
    trace.wrote(3, 143 * MS)
    trace.wrote(len(answer.ats), 240 * MS)
    trace.close("complete")
    engine.ended(trace)
    assert seen(engine, tally.TTFT) == ({250 * MS: 1}, 143 * MS)
    assert seen(engine, tally.TTFT_LATE) == ({5 * MS: 1}, 3 * MS)
    assert seen(engine, tally.END_LATE) == ({50 * MS: 1}, 40 * MS)


def test_what_load_added_is_not_late() -> None:
    """A stream that waits for another is late against nothing: it was due later. One that is refused is an answer."""
    one = exchange(headers=CHUNKED, chunks=chat("one", "two"))
    load = reloaded(NO_LOAD, {"max_concurrency": "1", "max_queue": "1"}, where="test")
    engine = Engine([Planner(recording(one))], Settings(profile=Profile(load=load)))
    engine.count(Tally())
    clock = VirtualClock()
    clients = [MemoryClient(engine, clock, number=number) for number in (1, 2, 3)]
    for client in clients:
        client.send(request())
    assert (cells(engine)[tally.WAITING], tally.running(cells(engine))) == (1, 1)
    clients[0].run()
    assert (cells(engine)[tally.WAITING], tally.running(cells(engine))) == (0, 0)
    assert (counted(engine, 200, "complete"), counted(engine, 429, "complete")) == (2, 1)
    assert [cells(engine)[cell] for cell in (tally.STARTED, tally.PLANNED, tally.REFUSED)] == [3, 1, 1]
    assert seen(engine, tally.DURATION)[1] == (200 + 400) * MS
    assert seen(engine, tally.TTFT_LATE)[1] == seen(engine, tally.END_LATE)[1] == 0


def test_faults_are_counted_by_name_where_they_struck() -> None:
    """A fault that missed is not counted; its parameters make no other name."""
    engine = counting("stall:at_event=1,for=1s", "http_error:status=503,attempt=2")
    client = MemoryClient(engine)
    client.send(request())
    client.run()
    row = cells(engine)
    found = {name: row[tally.INJECTED + nth] for nth, name in enumerate(tally.FAULTS) if row[tally.INJECTED + nth]}
    assert found == {"stall": 1}


def test_an_answer_without_content() -> None:
    """What no reader would see grow has no first token; an answer that is no HTTP has no status."""
    engine = counting(chunks=[b": nothing\n\n"])
    client = MemoryClient(engine)
    client.send(request())
    client.run()
    assert counted(engine, 200, "complete") == 1
    assert seen(engine, tally.TTFT) == ({}, 0)
    broken = counting("empty_reply")
    client = MemoryClient(broken)
    client.send(request())
    client.run()
    assert counted(broken, 0, "fin") == 1


@pytest.mark.parametrize(
    ("asked_for", "code"),
    [(request("/nope"), 404), (request("/v1/chat/completions", "x-streamsim-seed: x"), 400), (b"no HTTP\r\n\r\n", 400)],
)
def test_what_was_wrong_with_requests(asked_for: bytes, code: int) -> None:
    """Our own answers count where they say that something is wrong, by code; a miss counts as one."""
    engine = counting()
    client = MemoryClient(engine)
    client.send(asked_for)
    client.run()
    row = cells(engine)
    assert {number: row[tally.REJECTED + number] for number in (200, 400, 404)} == {200: 0, 400: 0, 404: 0} | {code: 1}
    assert row[tally.MISSED] == (code == 404)
    assert row[tally.STARTED] == tally.running(row) == 0


def test_pages_of_our_own_are_not_counted() -> None:
    """Who watches changes nothing of what is watched."""
    engine = counting()
    client = MemoryClient(engine)
    for page in ("", "live", "ready"):
        client.send(request(f"/__streamsim__/{page}", method="GET"))
    client.run()
    assert not any(cells(engine))


def test_rows_add_up_and_go_on() -> None:
    """Rows of several processes are summed; one that was left behind has nothing open any more."""
    first, second = Tally(), Tally()
    for cell in (tally.OPENED, tally.OPENED, tally.STARTED):
        first.add(cell)
    second.add(tally.OPENED)
    both = summed([first.cells, second.cells])
    assert (len(both), both[tally.OPENED], both[tally.STARTED]) == (CELLS, 3, 1)
    again = Tally(first.cells)
    again.restart()
    assert [again.cells[cell] for cell in (tally.OPENED, tally.CLOSED, tally.STARTED)] == [2, 2, 1]
    assert tally.running(list(again.cells)) == 0
