from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine.playback import BATCH, Playback
from streamsim.engine.script import Script
from streamsim.engine.trace import Trace
from streamsim.wire import End, Fin, Hang, Head, Send
from tests.builders import timeline

START = 1_000_000


def play(script: Script) -> Playback:
    return Playback(script, Trace(script, 1, START))


def test_nothing_is_early() -> None:
    """Before its time a step is not due, whoever asks."""
    playback = play(Script(timeline((10, Head(200)), (20, End()))))
    assert playback.next_ns == START + 10
    assert playback.due(START + 9) == b""
    assert playback.due(START + 10) == b"HTTP/1.1 200 \r\n\r\n"
    assert playback.next_ns == START + 20


def test_equal_times_are_one_write() -> None:
    """Steps due at the same instant come together."""
    script = Script(timeline((0, Head(200)), (5, Send(b"a")), (5, Send(b"b")), (6, End())))
    playback = play(script)
    playback.due(START)
    assert (playback.due(START + 5), playback.finished) == (b"1\r\na\r\n1\r\nb\r\n", False)
    assert (playback.due(START + 6), playback.finished) == (b"0\r\n\r\n", True)
    assert playback.due(START + 7) == b""


def test_steps_by_themselves() -> None:
    """Without coalescing each step comes by itself, the next one at its own time, even if that is over."""
    script = Script(timeline((0, Head(200)), (5, Send(b"a")), (5, Send(b"b")), (6, End())))
    playback = Playback(script, Trace(script, 1, START), coalesce=False)
    given = []
    while not playback.finished:
        given.append((playback.next_ns, playback.due(START + 9)))
    assert given == list(zip([START, START + 5, START + 5, START + 6], script.wires, strict=True))
    assert playback.trace.as_json()["writes"] == [[1, 0], [2, 0], [3, 0], [4, 0]]


def test_late_asking_gets_all_that_is_due() -> None:
    """Who asks late gets everything up to now at once, and the trace says how late it is."""
    playback = play(Script(timeline((0, Head(200)), (5, Send(b"a")), (6, Fin()))))
    assert playback.due(START + 100) == b"HTTP/1.1 200 \r\n\r\n1\r\na\r\n"
    assert playback.finished
    assert playback.trace.lateness_ns() == [100, 95, 94]


def test_batches_are_bounded() -> None:
    """Much that is due at once comes in batches; a step larger than a batch comes whole."""
    piece = b"x" * (BATCH // 4)
    huge = b"y" * (3 * BATCH)
    script = Script(timeline((0, Head(200, framing="close")), *[(0, Send(piece))] * 9, (0, Send(huge)), (0, Fin())))
    playback = play(script)
    batches = []
    while not playback.finished:
        assert playback.next_ns == START
        batches.append(playback.due(START))
    assert b"".join(batches) == b"".join(script.wires)
    assert all(len(batch) <= BATCH or batch == huge for batch in batches)


def test_hang_for_ever() -> None:
    """After a hang without end nothing is due, ever, and it is not finished."""
    playback = play(Script(timeline((0, Head(200)), (5, Hang()))))
    playback.due(START + 5)
    assert (playback.next_ns, playback.finished) == (None, False)
    assert playback.due(START + 10**18) == b""


def test_hang_for_a_time() -> None:
    """A hang with a time is finished that long after it began."""
    playback = play(Script(timeline((0, Head(200)), (5, Hang(100)))))
    playback.due(START + 7)
    assert (playback.next_ns, playback.finished) == (START + 107, False)
    assert playback.due(START + 106) == b""
    assert playback.due(START + 107) == b""
    assert playback.finished


@given(st.lists(st.tuples(st.integers(0, 50), st.binary(max_size=9)), max_size=30), st.lists(st.integers(0, 60)))
def test_bytes_are_whole_and_never_early(steps: list[tuple[int, bytes]], asks: list[int]) -> None:
    """Whenever it is asked, a playback gives all bytes once, in order, and none before its time."""
    at = 0
    timed = [(at := at + gap, Send(data)) for gap, data in steps]
    script = Script(timeline((0, Head(200)), *timed, (at, Fin())))
    playback = play(script)
    now = START
    written = b""
    for wait in (*asks, at):
        now += wait
        written += playback.due(now)
    assert playback.finished
    assert written == b"".join(script.wires)
    assert min(playback.trace.lateness_ns()) >= 0
