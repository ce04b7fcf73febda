"""Load on the wire, in memory: clients of one engine on one virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim.clock.core import VirtualClock
from streamsim.engine.connection import Connection
from streamsim.engine.core import Engine, Settings
from streamsim.engine.playback import BATCH
from streamsim.errors import UsageError
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, repaced
from streamsim.shells.inprocess.stream import MemoryStream
from streamsim.shells.memory import MemoryClient
from streamsim.traffic.model import NO_LOAD, reloaded
from tests.builders import HELLO, exchange, recording
from tests.shells.raw import request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.engine.trace import Trace

MS = 1_000_000
CHUNKED = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
PATH = "/v1/chat/completions"


def engine(*faults: str, pacing: dict[str, str] | None = None, chunks: Sequence[bytes] = HELLO, **load: str) -> Engine:
    """Return an engine of one exchange (head after 100 ms, three events 20 ms apart) under ``load``."""
    profile = Profile(
        pacing=repaced(Pacing(), pacing or {}, where="--"),
        faults=tuple(map(parse_fault, faults)),
        load=reloaded(NO_LOAD, load, where="--"),
    )
    served = exchange(headers=CHUNKED, chunks=chunks)
    return Engine([Planner(recording(served))], Settings(profile=profile, headers=False))


def clients(served: Engine, count: int) -> list[MemoryClient]:
    clock = VirtualClock()
    return [MemoryClient(served, clock, number=number) for number in range(1, count + 1)]


def times(client: MemoryClient) -> list[int]:
    """Return when ``client`` got something, in whole ms."""
    assert all(write.at_ns % MS == 0 for write in client.writes)
    return [write.at_ns // MS for write in client.writes]


def load_of(trace: Trace) -> object:
    return trace.as_json()["load"]


def test_without_load_there_is_no_governor() -> None:
    """Nothing is asked where nothing was set."""
    served = engine()
    (alone,) = clients(served, 1)
    alone.send(request())
    alone.run(1000 * MS)
    assert served.load is None
    assert "load" not in served.journal[0].as_json()
    assert "load" not in served.status()


def test_alone_a_stream_has_the_times_of_its_plan() -> None:
    """Under load that is not there yet, plan, digest and times are as without it."""
    plain, loaded = engine(), engine(max_concurrency="4", time_factor_under_load="3")
    seen = []
    for served in (plain, loaded):
        (alone,) = clients(served, 1)
        alone.send(request())
        alone.run(1000 * MS)
        seen.append((alone.writes, served.journal[0].script.told))
    assert seen[0] == seen[1]


def test_streams_slow_each_other() -> None:
    """Two at once go at half speed; when the first is over, the other goes on at full speed."""
    served = engine(pacing={"itl": "20ms"}, itl_per_stream="20ms")
    first, second = clients(served, 2)
    first.send(request())
    first.run(60 * MS)
    second.send(request())
    second.run(1000 * MS)
    # The first had 100 ms to go after 60 ms; the second had played 100 of its 160 ms by then.
    assert times(first) == [140, 180, 220, 260]
    assert times(second) == [260, 280, 300, 320]
    assert load_of(served.journal[0]) == {
        "state": "done",
        "prompt_tokens": 0,
        "waited_us": 0,
        "prefill_us": 0,
        "delay_us": 100_000,
    }


def test_a_prompt_takes_its_time_before_the_plan() -> None:
    """At 1,000 tokens a second 300 tokens take 300 ms, which the answer comes later; two prompts share the rate."""
    served = engine(prefill_rate="1000", prefill_overhead="10ms")
    first, second = clients(served, 2)
    first.send(request(PATH, "x-streamsim-prompt-tokens: 300"))
    first.run(2000 * MS)
    assert times(first) == [410, 430, 450, 470]
    assert load_of(served.journal[0]) == {
        "state": "done",
        "prompt_tokens": 300,
        "waited_us": 0,
        "prefill_us": 310_000,
        "delay_us": 310_000,
    }
    for client in (first, second):
        client.send(request(PATH, "x-streamsim-prompt-tokens: 300"))
    first.run(4000 * MS)
    assert times(second) == [2720, 2740, 2760, 2780]


def test_speed_divides_what_prompts_take() -> None:
    """As it divides all other times."""
    served = engine(pacing={"speed": "10"}, prefill_rate="1000")
    (fast,) = clients(served, 1)
    fast.send(request(PATH, "x-streamsim-prompt-tokens: 300"))
    fast.run(1000 * MS)
    assert times(fast) == [40, 42, 44, 46]


def test_who_finds_no_place_waits_and_who_finds_no_room_is_refused() -> None:
    """One runs, one waits, and the third gets its provider's 429 at once; the log tells, and no attempt is used up."""
    served = engine(max_concurrency="1", max_queue="1")
    told: list[dict[str, object]] = []
    served.on_trace = lambda trace: told.append(trace.as_json())
    runs, waits, refused = clients(served, 3)
    for client in (runs, waits, refused):
        client.send(request())
    assert served.status()["load"] == {"running": 1, "waiting": 1, "refused": 1}
    runs.run(1000 * MS)
    assert (times(runs), times(waits)) == ([100, 120, 140, 160], [260, 280, 300, 320])
    head, _, body = refused.received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"\r\nretry-after: 1" in head
    problem = "streamsim: overloaded: 1 answers run and 1 requests wait, and no more may"
    assert msgspec.json.decode(body)["error"]["message"] == problem
    assert [one["load"]["state"] for one in told] == ["refused", "done", "done"]  # type: ignore[index]
    assert {one["attempt"] for one in told} == {1}
    assert "plan" not in told[0]


def test_the_refusal_may_be_a_503() -> None:
    """As some providers have it."""
    served = engine(max_concurrency="1", max_queue="0", refuse_with="503")
    runs, refused = clients(served, 2)
    runs.send(request())
    refused.send(request(PATH, "anthropic-version: 1"))
    assert refused.received.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert msgspec.json.decode(refused.received.partition(b"\r\n\r\n")[2])["type"] == "error"


def test_what_is_no_answer_of_a_model_is_under_no_load() -> None:
    """Control pages and errors take no place and do not wait."""
    served = engine(max_concurrency="1", max_queue="0")
    runs, asks = clients(served, 2)
    runs.send(request())
    asks.send(b"GET /__streamsim__/ HTTP/1.1\r\nhost: a\r\n\r\n")
    assert asks.received.startswith(b"HTTP/1.1 200 OK")
    asks.send(request("/nowhere"))
    assert b"HTTP/1.1 404" in asks.received


def test_who_leaves_frees_a_place() -> None:
    """The next one in the queue begins at that instant, and what was due by then is kept in the trace."""
    served = engine(max_concurrency="1")
    leaves, waits, gone = clients(served, 3)
    for client in (leaves, waits, gone):
        client.send(request())
    leaves.run(130 * MS)
    gone.leave()
    leaves.leave()
    waits.run(1000 * MS)
    assert (times(leaves), times(waits)) == ([100, 120], [230, 250, 270, 290])
    assert served.journal[0].outcome == "client left"
    assert load_of(served.journal[0]) == {
        "state": "gone",
        "prompt_tokens": 0,
        "waited_us": 0,
        "prefill_us": 0,
        "delay_us": 0,
    }
    assert load_of(served.journal[2]) == {
        "state": "gone",
        "prompt_tokens": 0,
        "waited_us": None,
        "prefill_us": None,
        "delay_us": None,
    }


def test_who_leaves_at_the_instant_of_an_event() -> None:
    """An event that is due at the very instant at which its client leaves wakes nobody."""
    served = engine(max_concurrency="1")
    clock = VirtualClock()
    one = Connection(served, 1, 0)
    one.receive(request(), 0)
    one.play(0)
    assert served.load is not None
    served.load.catch_up(100 * MS)
    one.wake = lambda now_ns: pytest.fail(f"woken at {now_ns}")
    one.left(100 * MS)
    served.load.follow(clock)
    served.load.tick(100 * MS)
    assert served.load.running == 0


def test_requests_on_one_connection_follow_each_other() -> None:
    """A pipelined request takes a place when the answer before it is complete."""
    served = engine(max_concurrency="1")
    (one,) = clients(served, 1)
    one.send(request() + request())
    one.run(1000 * MS)
    assert times(one) == [100, 120, 140, 160, 260, 280, 300, 320]


def test_lateness_counts_from_when_load_lets_a_step_go() -> None:
    """Who looks late is late by what passed since then, whatever load added; what is due by now goes out together."""
    served = engine(pacing={"itl": "20ms"}, max_concurrency="2", time_factor_under_load="2")
    minds = [Connection(served, number, 0) for number in (1, 2)]
    woken: list[int] = []
    for mind in minds:
        mind.wake = woken.append
        mind.receive(request(), 0)
        assert mind.play(0).data == b""
    assert served.load is not None
    served.load.tick(303 * MS)
    assert woken == [303 * MS] * 2
    deed = minds[0].play(303 * MS)
    assert deed.data.count(b"data: ") == 2
    trace = served.journal[0]
    assert trace.lateness_ns() == [103 * MS, 63 * MS, 23 * MS]
    assert trace.as_json()["lateness_max_us"] == 103_000
    trace.shrink()
    assert trace.stream is None
    assert load_of(trace) == load_of(served.journal[1])


def test_much_that_is_due_at_once_comes_in_batches() -> None:
    """As without load: no more bytes at a time than a batch has, and the rest at once after it."""
    piece = b"data: " + b"x" * (BATCH // 2 - 100) + b"\n\n"
    served = engine(pacing={"mode": "instant"}, chunks=[piece] * 5, prefill_rate="1000")
    mind = Connection(served, 1, 0)
    mind.receive(request(PATH, "x-streamsim-prompt-tokens: 0"), 0)
    sizes = []
    while (deed := mind.play(0)).data:
        sizes.append(len(deed.data))
        if deed.next_ns != 0:
            break
    assert len(sizes) == 3
    assert max(sizes) <= BATCH


def test_steps_go_out_by_themselves() -> None:
    """Without coalescing what load lets go at once goes out step by step, as without load."""
    served = engine(pacing={"mode": "instant"}, prefill_rate="1000")
    served.settings = msgspec.structs.replace(served.settings, coalesce=False)
    (client,) = clients(served, 1)
    client.send(request(PATH, "x-streamsim-prompt-tokens: 0"))
    client.run(1)
    chunks = [b"%x\r\n%b\r\n" % (len(one), one) for one in HELLO]
    assert [write.data for write in client.writes[1:]] == [*chunks, b"0\r\n\r\n"]


def test_a_planned_silence_holds_no_place() -> None:
    """A stream that hangs has been played; the next one runs while its connection is silent."""
    served = engine("stall:at_event=2,for=1s", "hold_after_terminal:for=500ms", max_concurrency="1")
    first, second = clients(served, 2)
    for client in (first, second):
        client.send(request())
    first.run(5000 * MS)
    assert first.writes[-1].at_ns <= second.writes[0].at_ns
    assert served.journal[0].outcome in ("hang", "complete", "fin")


def test_in_process_streams_are_governed_too() -> None:
    """What is behind a client's own sockets waits and slows as on the wire."""
    served = engine(pacing={"itl": "20ms"}, itl_per_stream="20ms", max_concurrency="2")
    clock = VirtualClock()
    streams = [MemoryStream(served, clock) for _ in range(3)]
    for stream in streams:
        stream.send(request())
    streams[2].leave()
    clock.advance_to_ns(199 * MS)
    assert [stream.take(1000) for stream in streams] == [b"", b"", b""]
    clock.advance_to_ns(320 * MS)
    assert streams[0].take(1000).endswith(b"0\r\n\r\n")
    assert streams[1].take(1000).endswith(b"0\r\n\r\n")


def test_the_overhead_is_drawn_by_plan_and_seed() -> None:
    """The same answer has the same overhead, whoever came before it; another plan has another."""

    def prefills(*numbers: str) -> list[object]:
        served = engine(prefill_overhead="uniform(0,100ms)")
        for number in numbers:
            (one,) = clients(served, 1)
            assert served.load is not None
            one.send(request(PATH, f"x-streamsim-seed: {number}"))
        return [trace.stream.prefill_ns for trace in served.journal if trace.stream]

    first = prefills("1", "2", "1")
    assert first[0] == first[2] != first[1]
    assert prefills("2") == first[1:2]


def test_what_cannot_be_meant_is_refused_before_serving() -> None:
    """An engine that needs an ITL and has none is not made; nor is a header believed that is no number."""
    with pytest.raises(UsageError, match="itl-per-stream: it is added to the usual ITL"):
        engine(itl_per_stream="20ms")
    (asks,) = clients(engine(prefill_rate="10"), 1)
    asks.send(request(PATH, "x-streamsim-prompt-tokens: many"))
    assert b"x-streamsim-prompt-tokens: 'many' is not a whole number from 0 on; send one" in asks.received
