from __future__ import annotations

import pytest

from streamsim.engine.progress import Progress
from streamsim.engine.script import Script
from streamsim.wire import End, Head, Send
from tests.builders import timeline

SCRIPT = Script(
    timeline((0, Head(200)), (10_000, Send(b"a")), (20_000, Send(b"b")), (20_000, End())),
    events=(0, 1, 2, 2),
    told={"recording": "r"},
)


def traced(*writes: tuple[int, int]) -> Progress:
    trace = Progress(SCRIPT, 7, 1000)
    for steps, at_ns in writes:
        trace.wrote(steps, at_ns)
    return trace


def test_nothing_done() -> None:
    """A trace begins with nothing written, nothing late."""
    trace = traced()
    assert (trace.steps, trace.bytes_written, trace.events_written, trace.lateness_ns()) == (0, 0, 0, [])
    assert trace.as_json() == {
        "recording": "r",
        "connection": 7,
        "started_ns": 1000,
        "outcome": "playing",
        "bytes_planned": SCRIPT.offsets[-1],
        "bytes_written": 0,
        "events_planned": 2,
        "events_written": 0,
        "lateness_max_us": 0,
        "writes": [],
    }


def test_lateness_is_per_step() -> None:
    """Each step's lateness is its write's time less its own; the greatest is told in µs."""
    trace = traced((2, 11_000), (4, 25_000))
    assert trace.lateness_ns() == [11_000, 1000, 5000, 5000]
    assert trace.as_json()["lateness_max_us"] == 11
    assert trace.as_json()["writes"] == [[2, 11], [4, 25]]
    assert (trace.bytes_written, trace.events_written) == (SCRIPT.offsets[-1], 2)
    assert (trace.bytes_delivered, trace.events_delivered) == (SCRIPT.offsets[-1], 2)


def test_first_outcome_stands() -> None:
    """What a trace was closed with stays."""
    trace = traced()
    trace.close("complete")
    trace.close("client left")
    assert trace.outcome == "complete"


@pytest.mark.parametrize(("unacknowledged", "events"), [(0, 1), (1, 0), (6, 0), (9999, 0)])
def test_client_that_left(unacknowledged: int, events: int) -> None:
    """When the client left, the trace tells what it surely has, and what was never sent."""
    trace = traced((2, 10_000))
    trace.left_ns, trace.unacknowledged = 12_345, unacknowledged
    told = trace.as_json(writes=False)
    assert "writes" not in told
    assert told["client_left_us"] == 12
    assert told["unacknowledged_bytes"] == unacknowledged
    assert told["bytes_delivered"] == max(0, SCRIPT.offsets[2] - unacknowledged)
    assert told["events_delivered"] == events
    assert told["events_never_sent"] == 1


def test_client_that_left_unseen() -> None:
    """Where nobody can tell what was delivered, nothing is claimed."""
    trace = traced((2, 10_000))
    trace.left_ns = 1
    assert (trace.bytes_delivered, trace.events_delivered) == (None, None)


def test_answer_without_events() -> None:
    """An answer of our own has no events."""
    trace = Progress(Script(timeline((0, Head(200)), (0, End()))), 1, 0)
    trace.wrote(2, 0)
    assert (trace.events_written, trace.as_json()["events_planned"]) == (0, 0)


def test_shrunken_trace_tells_the_same() -> None:
    """A trace that let go of its script tells what it told before, but for single writes."""
    trace = traced((2, 11_000), (4, 25_000))
    trace.close("complete")
    before = trace.as_json(writes=False)
    trace.shrink()
    assert trace.as_json(writes=False) == before
    assert trace.script is not SCRIPT
    assert (trace.lateness_ns(), trace.as_json()["writes"]) == ([], [])
