from __future__ import annotations

import pytest

from streamsim.engine.contents import Portion
from streamsim.engine.script import Script
from streamsim.engine.trace import Trace
from streamsim.errors import StreamMismatch, UsageError
from streamsim.wire import End, Fin, Hang, Head, Refuse
from tests.builders import chat, timeline
from tests.engine.answers import MS, left, page, played, script

TWO = script(chat("Hel", "lo"))  # role, Hel, lo, stop, [DONE]


def test_times_are_seconds_and_nanoseconds() -> None:
    """TTFB, TTFT and the gaps between content are told in seconds, and exactly in nanoseconds."""
    trace = played(TWO, late_ns=1)
    assert (trace.ttfb_ns, trace.ttft_ns, trace.itl.ns) == (100 * MS + 1, 140 * MS + 1, [20 * MS])
    assert (trace.ttfb, trace.ttft, trace.itl) == (0.100000001, 0.140000001, [0.02])


def test_times_are_those_of_the_writes() -> None:
    """Chunks that one late write carried have no gap between them."""
    trace = Trace(script(chat("a", "b", "c")), 1, 0)
    trace.wrote(4, 200 * MS)
    trace.wrote(5, 230 * MS)
    assert (trace.ttfb, trace.ttft, trace.itl) == (0.2, 0.2, [0.0, 0.03])


def test_the_first_byte_is_in_the_first_step_that_has_any() -> None:
    """A step without bytes is no first byte."""
    trace = played(Script(timeline((5, Refuse()))))
    assert (trace.ttfb_ns, trace.ttft_ns, trace.itl) == (None, None, [])


@pytest.mark.parametrize(
    ("steps", "what", "message"),
    [
        (0, "ttfb", "no byte was sent; it is 'client left'; assert on the outcome, or read on"),
        (2, "ttft", "no content was sent; it is 'client left'; assert on the outcome, or read on"),
    ],
)
def test_no_time_of_what_never_came(steps: int, what: str, message: str) -> None:
    """Asking when something came that never did is a mismatch."""
    with pytest.raises(StreamMismatch) as raised:
        getattr(left(TWO, steps, at_ns=130 * MS), what)
    assert str(raised.value) == f"r, exchange 1, attempt 2: {message}"


def test_a_client_that_left() -> None:
    """When the client left is told, and what it had, what it saved and what it never got."""
    trace = left(TWO, 3, at_ns=150 * MS)
    total, head = TWO.offsets[-1], TWO.offsets[3]
    assert trace.client_left_at == 0.15
    assert trace.planned == Portion(total, 5, 2, 2, "deltas", "Hello")
    assert trace.sent == trace.delivered == Portion(head, 2, 1, 1, "deltas", "Hel")
    assert trace.never_sent == trace.never_delivered == Portion(total - head, 3, 1, 1, "deltas", "lo")


def test_what_was_on_its_way_was_sent_and_not_delivered() -> None:
    """A chunk that had not arrived whole when the client left counts as sent, and not as delivered."""
    trace = left(TWO, 4, at_ns=165 * MS, unacknowledged=1)
    assert (trace.sent.text, trace.delivered.text, trace.never_delivered.text) == ("Hello", "Hel", "lo")
    assert trace.never_sent.deltas == 0


def test_where_nobody_can_tell_nothing_is_claimed() -> None:
    """What was delivered is an error where the system does not tell; what was sent is known all the same."""
    trace = left(TWO, 3, at_ns=150 * MS, unacknowledged=None)
    with pytest.raises(UsageError) as raised:
        _ = trace.delivered
    assert str(raised.value) == (
        "r, exchange 1, attempt 2: nobody can tell what had arrived when the connection was given up; "
        "assert on sent and never_sent, or play it under a virtual clock"
    )
    assert trace.sent.events == 2
    trace.assert_received("Hel")


def test_only_a_client_leaves() -> None:
    """One that was given up, or stayed, did not leave."""
    stuck = left(TWO, 3, at_ns=5)
    stuck.outcome = "client stuck"
    assert (stuck.client_left_at, played(TWO).client_left_at) == (None, None)


def test_a_trace_names_its_answer() -> None:
    """People see which recording, exchange and attempt it was; an answer of the server's own has its connection."""
    assert repr(played(TWO)) == "<Trace of r, exchange 1, attempt 2: complete>"
    own = Trace(Script(timeline((0, Head(200)), (0, End()))), 3, 0)
    assert repr(own) == "<Trace of the answer on connection 3: playing>"


def test_a_shrunken_trace_says_what_to_do() -> None:
    """One that let go of its script keeps its name, and says when to ask for the rest."""
    trace = left(TWO, 3, at_ns=150 * MS)
    assert trace.planned.events == 5
    trace.shrink()
    assert trace.client_left_at == 0.15
    with pytest.raises(UsageError) as raised:
        _ = trace.ttft
    assert str(raised.value) == (
        "r, exchange 1, attempt 2: its script was let go of, being large, when the answer was over; "
        "ask in Engine.on_trace, which is called before that"
    )


def test_complete() -> None:
    """A complete answer passes."""
    played(TWO).assert_complete()


def test_incomplete() -> None:
    """One that is not shows what was planned beside what was sent."""
    with pytest.raises(StreamMismatch) as raised:
        left(TWO, 4, at_ns=165_500_000).assert_complete()
    assert str(raised.value) == page(
        r"""
r, exchange 1, attempt 2: was left by the client; read to the end, or assert on client_left_at

    # at ms planned                                              # at ms sent
    … 1 before, the same
    1   120 …0,"delta":{"role":"assistant","content":""},…       1   120 …0,"delta":{"role":"assistant","content":""},…
    2   140 …{"content":"Hel"},"finish_reason":null}]}\n\n       2   140 …{"content":"Hel"},"finish_reason":null}]}\n\n
    3   160 …{"content":"lo"},"finish_reason":null}]}\n\n        3   160 …{"content":"lo"},"finish_reason":null}]}\n\n
    4   180 …:0,"delta":{},"finish_reason":"stop"}]}\n\n   <
    5   200 data: [DONE]\n\n                               <
  end   200 complete                                       |   end 165.5 client left
"""
    )


def test_as_planned() -> None:
    """What went out at its times, and ended as planned, is as planned; so is a hang that the client ended."""
    played(TWO).assert_as_planned()
    played(script(chat("a"), last=Fin())).assert_as_planned()
    hang = script(chat("a"), last=Hang())
    left(hang, len(hang.ats), at_ns=9_000 * MS).assert_as_planned()


def test_late() -> None:
    """A nanosecond too late is not as planned."""
    with pytest.raises(StreamMismatch) as raised:
        played(script([b"data: a\n\n"]), late_ns=1).assert_as_planned()
    assert str(raised.value) == page(
        r"""
r, exchange 1, attempt 2: step 0 came at 100.000001 ms, not at 100 ms; planned and sent, side by side:

    #      at ms planned                                         #      at ms sent
    0        100 HTTP/1.1 200 OK\r\ncontent-type: text/ev… |     0 100.000001 HTTP/1.1 200 OK\r\ncontent-type: text/ev…
    1        120 data: a\n\n                               |     1 120.000001 data: a\n\n
  end        120 complete                                  |   end 120.000001 complete
"""
    )


def test_a_hang_left_early_is_not_as_planned() -> None:
    """A client that leaves before the silence began ends the answer otherwise."""
    hang = script([b"data: a\n\n"], last=Hang())
    with pytest.raises(StreamMismatch, match="it ended otherwise; planned and sent, side by side:"):
        left(hang, 2, at_ns=130 * MS).assert_as_planned()


def test_the_same() -> None:
    """Two runs of one plan are the same, whatever the shell calls them in the head."""
    named = Script(
        timeline((0, Head(200)), (5, Fin())), extra=b"x-streamsim-plan: 1\r\nx-streamsim-attempt: 1\r\n", told={}
    )
    other = Script(timeline((0, Head(200)), (5, Fin())), extra=b"x-streamsim-plan: 2\r\n", told={})
    played(named).assert_same(played(other))
    played(TWO).assert_same(played(TWO))


def test_not_the_same() -> None:
    """Two that are not stand side by side."""
    with pytest.raises(StreamMismatch) as raised:
        played(script([b"data: a\n\n"])).assert_same(played(script([b"data: b\n\n"], last=Fin())))
    assert str(raised.value) == page(
        r"""
r, exchange 1, attempt 2: step 1 differs; this and other, side by side:

    # at ms this                                                 # at ms other
    0   100 HTTP/1.1 200 OK\r\ncontent-type: text/event-s…       0   100 HTTP/1.1 200 OK\r\ncontent-type: text/event-s…
    1   120 data: a\n\n                                    |     1   120 data: b\n\n
  end   120 complete                                       |   end   120 fin
"""
    )


def test_feels() -> None:
    """Several feelings are claimed at once: of the start and of the pace."""
    played(TWO).assert_feels("instant", "natural")


def test_does_not_feel() -> None:
    """A claim that fails tells the number and its bounds."""
    with pytest.raises(StreamMismatch) as raised:
        played(TWO).assert_feels("instant", "fast")
    assert str(raised.value) == (
        "r, exchange 1, attempt 2: does not feel fast, but natural: its median ITL is 20ms, and fast is below 20ms; "
        "pace it by itl=, or assert that it feels natural"
    )


def test_received() -> None:
    """Body, text and events of a client that read all of it are what was delivered; so are their times."""
    trace = played(TWO)
    data = [item.event.data for item in trace.contents.landed]
    trace.assert_received(b"".join(chat("Hel", "lo")))
    trace.assert_received("Hello")
    trace.assert_received(data)
    trace.assert_received(iter(data), at_ns=[(120 + 20 * nth) * MS for nth in range(5)])


def test_received_otherwise() -> None:
    """What differs is shown with the time of its delivery."""
    with pytest.raises(StreamMismatch) as raised:
        played(script([b"data: one\n\n", b"data: two\n\n"])).assert_received(["one", "three"])
    assert str(raised.value) == page(
        r"""
r, exchange 1, attempt 2: event 1 differs; delivered and received, side by side:

    # at ms delivered                                            # at ms received
    0   120 one                                                  0       one
    1   140 two                                            |     1       three
  end   140 complete
"""
    )


def test_received_at_another_time() -> None:
    """An event that came a nanosecond later than it was delivered is a mismatch."""
    with pytest.raises(StreamMismatch, match=r"event 0 came at 120\.000001 ms, not at 120 ms"):
        played(script([b"data: one\n\n"])).assert_received(["one"], at_ns=[120 * MS + 1])


def test_times_have_to_be_as_many_as_events() -> None:
    """Times that belong to no event are a programmer's error."""
    with pytest.raises(ValueError, match="zip"):
        played(script([b"data: one\n\n"])).assert_received(["one"], at_ns=[])


def test_a_client_that_left_may_have_read_less() -> None:
    """Of what was delivered it may have read a beginning, in whole events, but nothing else."""
    trace = left(script([b"data: one\n\n", b"data: two\n\n"]), 3, at_ns=150 * MS)
    trace.assert_received(["one"])
    with pytest.raises(StreamMismatch, match="event 1 differs"):
        trace.assert_received(["one", "three"])
    with pytest.raises(StreamMismatch, match="event 2 is one too many"):
        trace.assert_received(["one", "two", "three"])


def test_a_client_that_stayed_has_read_all() -> None:
    """One that did not leave early has to have it all."""
    with pytest.raises(StreamMismatch, match="event 1 is missing"):
        played(script([b"data: one\n\n", b"data: two\n\n"])).assert_received(["one"])
