"""The connection, played in memory under a virtual clock: hours pass in no time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.connection import CONTINUE, Connection, Deed
from streamsim.engine.core import Engine, Settings
from streamsim.engine.playback import BATCH
from streamsim.engine.requests import Limits
from streamsim.plan.planner import Planner
from streamsim.shells.memory import MemoryClient
from tests.builders import exchange, recording
from tests.shells.raw import request

if TYPE_CHECKING:
    from streamsim.engine.trace import Trace

USUAL = Limits()
S = 1_000_000_000
MS = 1_000_000
CHUNKED = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
SMALL = Limits(request_bytes=100, pipelined=3)


def engine(*exchanges: object, limits: Limits = USUAL, forward: bool = False) -> Engine:
    known = [one for one in exchanges if one is not None] or [exchange(headers=CHUNKED)]
    planner = Planner(recording(*known))  # type: ignore[arg-type]
    return Engine([planner], Settings(headers=False, limits=limits, forward=forward))


def client(*exchanges: object, limits: Limits = USUAL) -> MemoryClient:
    return MemoryClient(engine(*exchanges, limits=limits))


def last(one: Engine) -> Trace:
    return one.journal[-1]


def heads(received: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d\d\d)", received)


def test_silent_client_is_closed() -> None:
    """A client that says nothing for 75 s is closed without a word."""
    silent = client()
    silent.run()
    assert (silent.closed, silent.closed_ns, silent.received) == ("fin", 75 * S, b"")


def test_idle_time_counts_from_the_last_answer() -> None:
    """A kept connection is closed 75 s after its last answer was complete."""
    idle = client()
    idle.send(request())
    idle.run()
    assert (idle.closed, idle.closed_ns) == ("fin", 160 * MS + 75 * S)


def test_slow_request_is_timed_out() -> None:
    """A request that is not complete 30 s after its first byte is answered with 408, however it dribbles."""
    slow = client()
    slow.run(10 * S)
    for piece in (b"POST / HT", b"TP/1.1\r\nHo", b"st: a\r\n"):
        slow.send(piece)
        slow.run(slow.clock.now_ns() + 9 * S)
    slow.run()
    assert heads(slow.received) == [b"408"]
    assert (slow.closed, slow.closed_ns) == ("linger", 40 * S)


def test_each_request_has_its_own_time() -> None:
    """A request that begins with the end of the one before has 30 s of its own."""
    slow = client(exchange(chunks=(), status=204, framing="none", response_us=0))
    first = request()
    slow.send(first[:-1])
    slow.run(29 * S)
    slow.send(first[-1:] + b"POST")
    slow.run(58 * S)
    assert heads(slow.received) == [b"204"]
    slow.run()
    assert (heads(slow.received), slow.closed_ns) == ([b"204", b"408"], 59 * S)


def test_request_that_stalls_behind_an_answer() -> None:
    """A half request behind a long answer is timed out when the answer is complete, in the same write."""
    slow = client(exchange(chunks=[b"data: a\n\n"], gaps_us=40_000_000))
    slow.send(request() + b"POST")
    slow.run()
    assert heads(slow.received) == [b"200", b"408"]
    assert slow.closed_ns == 40 * S + 100 * MS


def test_continue_is_sent_before_the_body() -> None:
    """A client that waits for 100 Continue gets it at once, and once."""
    waiting = client()
    data = request("/v1/chat/completions", "Expect: 100-continue")
    head, body = data[:-15], data[-15:]
    waiting.send(head)
    assert waiting.received == CONTINUE
    waiting.send(body)
    waiting.run(S)
    assert heads(waiting.received) == [b"100", b"200"]


def test_continue_waits_for_the_answer_before() -> None:
    """100 Continue to a request behind another comes when that one is answered: it would be in its body else."""
    waiting = client()
    waiting.send(request() + request("/v1/chat/completions", "Expect: 100-continue")[:-15])
    assert waiting.received == b""
    waiting.run(S)
    assert heads(waiting.received) == [b"200", b"100"]
    assert waiting.received.endswith(b"0\r\n\r\n" + CONTINUE)


def test_pipelined_answers_come_in_order() -> None:
    """Answers to requests that came together follow each other, each at its time after the one before."""
    piped = client(
        exchange(chunks=[b"first"], gaps_us=0, headers=CHUNKED),
        exchange(target="/two", chunks=[b"second"], gaps_us=0, headers=CHUNKED, response_us=150_000),
    )
    piped.send(request() + request("/two"))
    piped.run(S)
    assert piped.received.index(b"first") < piped.received.index(b"second")
    assert [write.at_ns for write in piped.writes] == [100 * MS, 150 * MS]


def test_too_many_requests_at_once() -> None:
    """More waiting requests than allowed are answered as far as allowed, then refused."""
    flood = client(exchange(chunks=(), status=204, framing="none", response_us=0), limits=SMALL)
    flood.send(request(method="GET", body=b"") * 4)
    assert heads(flood.received) == [b"404"] * 4 + [b"400"]
    assert b"too many requests at once" in flood.received
    assert flood.closed == "linger"


def test_too_much_waits() -> None:
    """Waiting requests that are together too large are refused after the one that is being answered."""
    flood = client(limits=SMALL)
    flood.send(request())
    flood.send(request(body=b"x" * 60))
    flood.send(request(body=b"y" * 60))
    flood.run()
    assert heads(flood.received)[-1] == b"400"


def test_garbage_is_refused_and_lingers() -> None:
    """What is no HTTP is told so; the connection is closed so that the client can read it."""
    bad = client()
    bad.send(b"\0\0\0\0")
    assert heads(bad.received) == [b"400"]
    assert bad.closed == "linger"
    bad.send(request())
    assert heads(bad.received) == [b"400"]


def test_close_is_honoured() -> None:
    """The client's wish to close, and a recorded one, are met when the answer is complete."""
    asked = client()
    asked.send(request("/v1/chat/completions", "Connection: close"))
    asked.run()
    assert (asked.closed, asked.closed_ns) == ("fin", 160 * MS)
    recorded = client(exchange(headers=(*CHUNKED, ("Connection", "close"))))
    recorded.send(request())
    recorded.run()
    assert (recorded.closed, recorded.closed_ns) == ("fin", 160 * MS)
    old = client()
    old.send(request(http="1.0"))
    old.run()
    assert old.closed_ns == 160 * MS


@pytest.mark.parametrize(
    ("end", "closed", "outcome"),
    [("complete", "fin", "complete"), ("fin", "fin", "fin"), ("reset", "reset", "reset"), ("timeout", None, "playing")],
)
def test_recorded_end(end: str, closed: str | None, outcome: str) -> None:
    """Each recorded cause ends as it did: an end that needs a close, FIN, RST, or silence for ever."""
    served = engine(exchange(framing="close", headers=(), end=end, end_us=5000))
    ending = MemoryClient(served)
    ending.send(request())
    ending.run()
    assert (ending.closed, last(served).outcome) == (closed, outcome)
    assert ending.closed_ns == (None if closed is None else 165 * MS)
    assert ending.received.endswith(b"data: three\n\n")


def test_client_that_leaves_is_traced() -> None:
    """When the client leaves, the trace tells when, after how many bytes and events, and what was never sent."""
    served = engine(exchange(headers=CHUNKED))
    seen: list[Trace] = []
    served.on_trace = seen.append
    leaving = MemoryClient(served)
    leaving.send(request())
    leaving.run(130 * MS)
    leaving.leave()
    told = last(served).as_json()
    assert seen == [last(served)]
    assert (told["outcome"], told["client_left_us"]) == ("client left", 130_000)
    assert (told["events_written"], told["events_never_sent"]) == (1, 2)
    assert told["bytes_delivered"] == len(leaving.received)
    leaving.run()
    assert len(leaving.received) == told["bytes_written"]


@pytest.mark.parametrize(("end", "word"), [("fin", "fin"), ("reset", "reset"), ("complete", "complete")])
def test_an_answer_is_over_once_its_close_is_delivered(end: str, word: str) -> None:
    """Until what precedes a FIN or RST has arrived, the answer goes on; who leaves meanwhile has left."""
    headers = (*CHUNKED, ("connection", "close"))
    one = engine(exchange(headers=headers, end=end))
    for leaves in (False, True):
        mind = Connection(one, 1, 0)
        mind.receive(request(), 0)
        assert mind.play(S).close == ("reset" if end == "reset" else "fin")
        assert last(one).outcome == "playing"
        if leaves:
            mind.left(2 * S)
        mind.delivered()
        told = last(one).as_json()
        assert (told["outcome"], "client_left_us" in told) == ("client left" if leaves else word, leaves)


def test_client_that_leaves_between_answers() -> None:
    """Who leaves an idle connection leaves no trace."""
    served = engine()
    leaving = MemoryClient(served)
    leaving.leave()
    assert (leaving.closed, len(served.journal)) == ("fin", 0)


def connection(served: Engine) -> Connection:
    return Connection(served, 1, 0)


def test_stuck_reader_is_given_up() -> None:
    """A client that reads nothing for 60 s is given up, and so traced; until then nothing more is written."""
    served = engine()
    mind = connection(served)
    mind.receive(request(), 0)
    assert mind.play(100 * MS).data.startswith(b"HTTP/1.1 200")
    assert mind.pause(100 * MS) == 60 * S + 100 * MS
    assert mind.play(200 * MS) == Deed(b"", 60 * S + 100 * MS)
    assert mind.play(60 * S + 100 * MS) == Deed(b"", None, "abort")
    assert last(served).outcome == "client stuck"
    assert mind.trace is None


def test_reader_that_reads_again() -> None:
    """A client that reads again gets at once all that has become due meanwhile."""
    mind = connection(engine())
    mind.receive(request(), 0)
    mind.play(100 * MS)
    mind.pause(100 * MS)
    mind.resume()
    assert mind.play(S).data.count(b"data: ") == 3


def test_server_that_stops() -> None:
    """What is being answered when the server stops is traced as that."""
    served = engine()
    mind = connection(served)
    mind.receive(request(), 0)
    mind.play(0)
    assert mind.trace is last(served)
    mind.stop(50 * MS)
    assert (last(served).outcome, last(served).left_ns) == ("server stopped", 50 * MS)


def test_many_large_answers_are_played_piece_by_piece() -> None:
    """Answers to a pipelined flood are not piled up: after each batch the shell is asked to write first."""
    big = exchange(chunks=[b"x" * (BATCH - 1000)], gaps_us=0, headers=CHUNKED, response_us=0, method="GET", body=b"")
    mind = connection(engine(big))
    mind.receive(request(method="GET", body=b"") * 5, 0)
    deeds = [mind.play(0) for _ in range(4)]
    assert [deed.next_ns for deed in deeds] == [0, 0, 75 * S, 75 * S]
    assert [len(deed.data) // BATCH for deed in deeds] == [1, 1, 0, 0]


def test_forwarded_request_belongs_to_the_shell() -> None:
    """A request for the upstream is handed to the shell once; until it is back nothing is played or timed out."""
    mind = connection(engine(forward=True))
    mind.receive(request("/new", "Connection: close") + b"", 0)
    deed = mind.play(0)
    assert deed.forward is not None
    assert deed.forward.target == "/new"
    assert mind.play(10**15) == Deed(b"")
    mind.back(10**15)
    assert mind.play(10**15) == Deed(b"", 10**15 + 75 * S)


def test_answer_before_a_forwarded_request_is_written() -> None:
    """What precedes a forwarded request goes out with its handing over; what follows waits for its turn."""
    mind = connection(engine(exchange(chunks=(), status=204, framing="none", response_us=0), forward=True))
    mind.receive(request() + request("/new") + request(), 0)
    deed = mind.play(0)
    assert heads(deed.data) == [b"204"]
    assert deed.forward is not None
    mind.back(5)
    assert heads(mind.play(5).data) == [b"204"]


def test_equal_request_waits_for_the_one_asked() -> None:
    """A request whose answer another connection is asking for waits without a time limit, then gets it."""
    served = engine(forward=True)
    first, second = connection(served), connection(served)
    first.receive(request("/new"), 0)
    second.receive(request("/new"), 0)
    asked = first.play(0).forward
    assert asked is not None
    assert second.play(0) == Deed(b"")
    waited = second.waiting
    served.add(Planner(recording(exchange(target="/new", chunks=(), status=204, framing="none", response_us=7000))))
    served.asked(asked)
    assert second.play(5 * MS) == Deed(b"", 7 * MS)
    assert (waited, second.waiting) == (True, False)
    assert heads(second.play(7 * MS).data) == [b"204"]


def test_a_retiring_connection_that_is_idle_closes_now() -> None:
    """Nothing was asked, or all is answered: there is nothing to wait for."""
    for asked_for in (b"", request()):
        mind = Connection(engine(), 1, 0)
        mind.receive(asked_for, 0)
        assert mind.play(0).close is mind.play(S).close is None
        mind.retire()
        assert mind.play(S) == Deed(b"", None, "fin")


def test_a_retiring_connection_answers_what_was_asked() -> None:
    """The answer that is being played and those that wait for it are played to their end, then it closes."""
    mind = Connection(engine(), 1, 0)
    mind.receive(request() * 2, 0)
    assert mind.play(0).close is None
    mind.retire()
    assert heads(mind.play(120 * MS).data) == [b"200"]
    last_of_all = mind.play(S)
    assert heads(last_of_all.data) == [b"200"]
    assert last_of_all.close == "fin"
    mind.delivered()


def test_a_retiring_connection_hears_a_request_out() -> None:
    """A request that has begun to come is no idleness."""
    mind = Connection(engine(), 1, 0)
    mind.receive(request()[:-3], 0)
    mind.retire()
    assert mind.play(0) == Deed(b"", 30 * S)
    mind.receive(request()[-3:], S)
    assert mind.play(S).close is None
    assert mind.play(2 * S).close == "fin"
