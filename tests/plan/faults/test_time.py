"""Faults of time: exact bytes, boundaries, times and end of each."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import PlanError
from streamsim.plan.faults import parse_fault
from streamsim.plan.faults.values import MOST, rate
from streamsim.recording.model import Chunk, Info
from streamsim.wire import Head, Raw
from streamsim.wire.timeline import rendered
from tests.builders import EVENT_STREAM, exchange
from tests.plan.faults.scenes import CHUNKED, MS, ONE, THREE, TWO, Shown, plan

HALF: Shown = [(100, "head"), (120, ONE)]
WHOLE: Shown = [*HALF, (140, TWO), (160, THREE)]
ALIVE = b": keepalive\n\n"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("stall_headers", [(0, "hang")]),
        ("stall_headers:for=30s", [(0, "hang 30000")]),
        ("slow_first_event", [(100, "head"), (60100, ONE), (60120, TWO), (60140, THREE), (60140, "end")]),
        ("slow_first_event:for=1s", [(100, "head"), (1100, ONE), (1120, TWO), (1140, THREE), (1140, "end")]),
        ("stall", [*HALF, (120, "hang")]),
        ("stall:at_event=2,for=5s", [*HALF, (140, TWO), (140, "hang 5000")]),
        ("stall:after=1s", [*HALF, (1120, "hang")]),
        (
            "stall_masked_by_keepalive:for=1m",
            [*HALF, (15120, ALIVE), (30120, ALIVE), (45120, ALIVE), (60120, "fin")],
        ),
        (
            "stall_masked_by_keepalive:for=3s,every=2s,after=1s,text=event: ping\\ndata: {}",
            [*HALF, (3120, b"event: ping\ndata: {}\n\n"), (4120, "fin")],
        ),
        (
            "comments_only",
            [*HALF, (15120, ALIVE), (30120, ALIVE), (45120, ALIVE), (60140, TWO), (60160, THREE), (60160, "end")],
        ),
        (
            "comments_only:at_event=0,for=2s,every=1s,text=: hi",
            [(100, "head"), (1100, b": hi\n\n"), (2120, ONE), (2140, TWO), (2160, THREE), (2160, "end")],
        ),
        ("gap", [*HALF, (301_140, TWO), (301_160, THREE), (301_160, "end")]),
        ("gap:at_event=3,for=2s", [*WHOLE, (2160, "end")]),
        ("gap:at_byte=13,for=2s", [*HALF, (140, b"da"), (2140, b"ta: two\n\n"), (2160, THREE), (2160, "end")]),
        ("buffer_all", [(160, "head"), (160, ONE + TWO + THREE), (160, "end")]),
        ("buffer_all:keep=true", [(160, "head"), (160, ONE), (160, TWO), (160, THREE), (160, "end")]),
        ("burst", [*HALF, (160, TWO + THREE), (160, "end")]),
        ("burst:at_event=0,count=2", [(100, "head"), (140, ONE + TWO), (160, THREE), (160, "end")]),
        ("burst:at_event=1,count=1", [*WHOLE, (160, "end")]),
        (
            "burst:at_byte=3,count=2",
            [(100, "head"), (120, b"dat"), (140, b"a: one\n\n" + TWO), (160, THREE), (160, "end")],
        ),
        ("bandwidth:rate=1kB/s", [(100, "head"), (131, ONE), (151, TWO), (173, THREE), (173, "end")]),
        ("bandwidth:rate=100B/s", [(100, "head"), (230, ONE), (340, TWO), (470, THREE), (470, "end")]),
    ],
)
def test_what_is_sent_when_and_how_it_ends(fault: str, expected: Shown) -> None:
    """All bytes at their times, with the boundaries that the fault leaves."""
    assert plan(None, fault).shown == expected


@pytest.mark.parametrize(
    "fault", ["gap", "slow_first_event", "bandwidth", "buffer_all:keep=true", "comments_only:text=: c"]
)
def test_a_fault_of_time_leaves_the_bytes(fault: str) -> None:
    """Every recorded byte and boundary, head and end are as they were."""
    plain = exchange(headers=CHUNKED).timeline()
    changed = [step for step in plan(None, fault).timeline if not step.origin < 0 or b": c" not in _data(step.action)]
    assert [(step.action, step.origin) for step in changed] == [(step.action, step.origin) for step in plain]


def _data(action: object) -> bytes:
    return getattr(action, "data", b"")


def test_a_body_that_begins_late_enough_is_left_alone() -> None:
    """The time is counted from the head; nothing comes earlier than recorded."""
    assert plan(None, "slow_first_event:for=20ms").outcomes == ["missed"]
    assert plan(None, "slow_first_event:for=21ms").shown[1] == (121, ONE)


def test_an_empty_body_ends_late() -> None:
    """Without a first event the end takes its place."""
    assert plan(exchange(chunks=[]), "slow_first_event:for=1s").shown == [(100, "head"), (1100, "end")]


def test_without_a_head_there_is_nothing_to_wait_for() -> None:
    """Neither the link nor the first event of an answer that never came can be slow."""
    none = exchange(status=0, chunks=[], end="timeout")
    faults = ("slow_first_event", "buffer_all", "bandwidth", "trickle:headers=true", "gap")
    assert plan(none, *faults[:-1]).outcomes == ["missed"] * 4
    assert plan(none, "gap:for=1s").shown == [(1000, "hang")]


def test_chance_makes_many_gaps() -> None:
    """Before each event that it picks, and they add up."""
    assert plan(None, "gap:probability=1,for=1s").shown == [
        (100, "head"),
        (1120, ONE),
        (2140, TWO),
        (3160, THREE),
        (3160, "end"),
    ]


def test_chance_fills_many_gaps() -> None:
    """Each gap has its own comments."""
    shown = plan(None, "comments_only:probability=1,for=2s,every=1s").shown
    assert [what for _, what in shown[1:-1]] == [ALIVE, ONE, ALIVE, TWO, ALIVE, THREE]


@pytest.mark.parametrize("name", ["comments_only", "stall_masked_by_keepalive"])
def test_comments_stand_between_frames(name: str) -> None:
    """A place inside a frame is the end of that frame, so no comment completes an event."""
    assert plan(None, f"{name}:at_byte=3").shown == plan(None, f"{name}:at_event=1").shown
    assert plan(None, f"{name}:at_byte=11").shown == plan(None, f"{name}:at_event=1").shown


def test_too_many_comments_are_refused() -> None:
    """Chance may pick many places."""
    one = exchange(headers=CHUNKED, chunks=[b"data: 1\n\n"] * 20)
    message = f"comments_only: that would be more than {MOST} comments; write a longer every"
    with pytest.raises(PlanError, match=f"^{re.escape(message)}$"):
        plan(one, "comments_only:probability=1,every=10ms")


def test_comments_are_encoded_with_the_body() -> None:
    """They are frames like any other for whatever is done to the body later, such as one burst."""
    result = plan(None, "comments_only:for=2s,every=1s", "buffer_all")
    assert result.shown == [(2160, "head"), (2160, ONE + ALIVE + TWO + THREE), (2160, "end")]


def test_a_buffer_lets_interim_heads_pass() -> None:
    """Only the final head waits."""
    one = exchange(infos=[Info(exchange=1, dt_us=5000, status=103)])
    assert plan(one, "buffer_all").shown[:2] == [(5, "head"), (165, "head")]


def test_a_buffer_waits_for_the_end() -> None:
    """When the body ends later than its last byte, all comes then."""
    assert plan(exchange(end_us=40_000), "buffer_all").shown[0] == (200, "head")


def test_a_burst_ends_where_another_fault_closes() -> None:
    """What is left of it is one chunk; nothing is left behind the place."""
    result = plan(None, "burst:at_event=0", "reset_peer:at_event=2")
    assert result.shown == [(100, "head"), (140, ONE + TWO), (140, "reset")]
    assert plan(None, "burst:at_event=0", "reset_peer:at_event=0").outcomes == ["missed", "applied"]
    assert plan(None, "burst:at_event=2", "reset_peer:at_event=1").outcomes == ["not reached", "applied"]


def test_a_link_is_idle_between_chunks() -> None:
    """Capacity that nobody used is lost: a chunk sets out when it was recorded, if the one before is through."""
    one = exchange(headers=CHUNKED, chunks=[b"x" * 100, b"y" * 10, b"z" * 10], gaps_us=[0, 50_000, 200_000])
    assert [at for at, _ in plan(one, "bandwidth:rate=1kB/s").shown] == [100, 200, 210, 360, 360]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 10**6), st.integers(0, 3))
def test_a_busy_link_is_as_fast_as_its_rate(sizes: list[int], per_second: int, gap_us: int) -> None:
    """Every chunk is through, to the nanosecond and rounded up once, when the bytes of its busy period are."""
    one = exchange(chunks=[b"x" * size for size in sizes], gaps_us=gap_us)
    at = [step.at_ns for step in plan(one, f"bandwidth:rate={per_second}B/s").timeline[1:-1]]
    due = [step.at_ns for step in one.timeline()[1:-1]]
    free = Fraction(0)
    for size, at_ns, due_ns in zip(sizes, at, due, strict=True):
        free = max(free, Fraction(due_ns)) + Fraction(size * 10**9, per_second)
        assert at_ns == ceil(free)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1B/s", Fraction(10**9)),
        ("10kB/s", Fraction(10**5)),
        ("1.5 MB/s", Fraction(2000, 3)),
        ("1KiB/s", Fraction(10**9, 1024)),
        ("1MiB/s", Fraction(10**9, 1 << 20)),
        ("8kbit/s", Fraction(10**6)),
    ],
)
def test_rates_are_bytes_or_bits_a_second(text: str, ns: Fraction) -> None:
    """Decimal and binary units, exact."""
    assert rate(parse_fault("bandwidth"), "rate", text) == ns


def test_dripping_keeps_every_byte_on_the_wire() -> None:
    """Chunk sizes and bytes are those of the recording, in pieces, each so long after the one before."""
    result = plan(None, "trickle:bytes=8,every=50ms")
    plain = exchange(headers=CHUNKED).timeline()
    assert b"".join(rendered(result.timeline)) == b"".join(rendered(plain))
    assert result.timeline[0] == plain[0]
    assert result.shown[1:] == [
        (120, "raw b\r\ndata:"),
        (170, "raw  one\n\n\r\n"),
        (220, "raw b\r\ndata:"),
        (270, "raw  two\n\n\r\n"),
        (320, "raw d\r\ndata:"),
        (370, "raw  three\n\n"),
        (420, "raw \r\n"),
        (420, "end"),
    ]


def test_dripping_is_never_early() -> None:
    """A drop waits for its chunk's own time."""
    assert [at for at, _ in plan(None, "trickle:bytes=99,every=1ms").shown] == [100, 120, 140, 160, 160]


def test_the_head_drips_too() -> None:
    """Status line and headers are pieces as well, and a complete body is followed by FIN."""
    result = plan(None, "trickle:bytes=50,every=100ms,headers=true")
    wire = b"".join(rendered(exchange(headers=CHUNKED).timeline()))
    assert b"".join(rendered(result.timeline)) == wire
    assert not any(isinstance(step.action, Head) for step in result.timeline)
    assert [at for at, _ in result.shown] == [100, 200, 300, 400, 500, 500, 500]
    assert result.shown[-2:] == [(500, "raw 0\r\n\r\n"), (500, "fin")]


def test_without_a_final_chunk_a_dripping_answer_just_closes() -> None:
    """Other framings have nothing to send at the end; other ends stay what they are."""
    sized = exchange(headers=(*EVENT_STREAM, ("content-length", "35")), framing="content-length")
    assert [what for _, what in plan(sized, "trickle:bytes=99,headers=true").shown[1:]] == [
        "raw data: one\n\n",
        "raw data: two\n\n",
        "raw data: three\n\n",
        "fin",
    ]
    assert plan(None, "trickle:bytes=99,headers=true", "reset_peer").shown[-1] == (200, "reset")


def test_a_chunk_cut_short_drips_with_its_size() -> None:
    """Its size line comes once, before its first byte."""
    one = exchange(chunks=[ONE], headers=CHUNKED, end="fin")
    one.chunks.append(Chunk(exchange=1, dt_us=20_000, text="data", cut=True, of=11))
    result = plan(one, "trickle:bytes=5")
    assert b"".join(rendered(result.timeline)) == b"".join(rendered(one.timeline()))
    assert [step.action for step in result.timeline[-3:-1]] == [Raw(b"b\r\nda"), Raw(b"ta")]


def test_a_place_is_still_found_in_drops() -> None:
    """Faults before it on the way have struck already, at their places in the recorded body."""
    result = plan(None, "trickle:bytes=6,every=1ms", "gap:at_byte=3,for=1s")
    assert result.shown[1:3] == [(120, "raw 3\r\ndat"), (121, "raw \r\n")]
    assert result.shown[3] == (1120, "raw 8\r\na: ")


def test_too_many_drops_are_refused() -> None:
    """A large body byte by byte would not fit in memory."""
    one = exchange(headers=CHUNKED, chunks=[b"x" * MOST])
    message = f"trickle: {MOST + 9} pieces are more than {MOST}; write more bytes"
    with pytest.raises(PlanError, match=f"^{re.escape(message)}$"):
        plan(one, "trickle")
    assert len(plan(one, "trickle:bytes=2").timeline) == 2 + (MOST + 10) // 2


def test_times_are_whole_nanoseconds_in_order() -> None:
    """However faults of time are piled up, steps never go back."""
    result = plan(None, "bandwidth:rate=7B/s", "gap:for=1ns,at_event=1", "trickle:bytes=3,every=1ns", "burst:count=1")
    times = [step.at_ns for step in result.timeline]
    assert times == sorted(times)
    assert times[-1] > 100 * MS
