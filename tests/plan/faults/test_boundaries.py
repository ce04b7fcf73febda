from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.errors import PlanError, UsageError
from streamsim.plan.anatomy import Span
from streamsim.plan.draft import Cell, Draft, Piece
from streamsim.plan.faults import parse_fault
from streamsim.plan.faults.boundaries import parts, prefixed, recut, shortened, where
from streamsim.sse import parse
from streamsim.wire import End, Head, Raw, Send, Step
from tests.builders import EVENT_STREAM, exchange
from tests.plan.faults.bodies import sent
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, plan

SNOW = "data: ☃é\n\n".encode()


def body_of(*pieces: Piece) -> Draft:
    return Draft((), Step(0, Head(200)), (Cell(5, pieces, 0),), (Step(9, End()),))


def chunks_of(draft: Draft) -> list[bytes]:
    return [cell.data for cell in draft.cells]


def test_a_split_at_a_place_is_one_boundary_more() -> None:
    """Both parts come when the whole did; all else is as it was."""
    result = plan(None, "split:at_byte=14")
    assert result.shown == [
        (100, "head"),
        (120, ONE),
        (140, b"dat"),
        (140, b"a: two\n\n"),
        (160, THREE),
        (160, "end"),
    ]
    assert result.outcomes == ["applied"]


@pytest.mark.parametrize("place", ["at_event=1", "at_chunk=2", "at=headers", "at_byte=35"])
def test_a_split_where_a_boundary_is_changes_nothing(place: str) -> None:
    """Between chunks, and at both ends of the body, there is nothing to cut."""
    assert plan(None, f"split:{place}").outcomes == ["missed"]


def test_a_split_between_events_of_one_chunk() -> None:
    """At event 1 the cut is before it."""
    one = exchange(headers=CHUNKED, chunks=[ONE + TWO + THREE])
    assert sent(plan(one, "split:at_event=1")) == [ONE, TWO + THREE]


def test_a_plain_split_halves_every_event() -> None:
    """Also those that share a chunk, and nothing between them is cut."""
    one = exchange(headers=CHUNKED, chunks=[ONE + b": hi\n\n" + TWO, THREE])
    halves = [b"data:", b" one\n\n: hi\n\ndata:", b" two\n\n", b"data: ", b"three\n\n"]
    assert sent(plan(one, "split")) == sent(plan(one, "split:inside=event")) == halves
    assert sent(plan(one, "split:inside=event,at_event=2")) == [ONE + b": hi\n\n" + TWO, *halves[-2:]]


def test_a_split_by_chance_halves_the_events_it_picks() -> None:
    """The others stay whole."""
    one = exchange(headers=CHUNKED, chunks=[b"data: %02d\n\n" % n for n in range(40)])
    cut = [data for data in sent(plan(one, "split:probability=1/2")) if data == b"data:"]
    assert 10 < len(cut) < 30
    assert sent(plan(one, "split:probability=1")) == [half for n in range(40) for half in (b"data:", b" %02d\n\n" % n)]


def test_a_split_inside_characters() -> None:
    """Every character of more than one byte is cut after its first."""
    one = exchange(headers=CHUNKED, chunks=[ONE + SNOW, TWO])
    cut = [ONE + b"data: \xe2", b"\x98\x83\xc3", b"\xa9\n\n", TWO]
    assert sent(plan(one, "split:inside=utf8")) == cut
    assert plan(one, "split:inside=utf8,at_event=0").outcomes == ["missed"]


def test_a_character_over_two_chunks_is_not_cut_again() -> None:
    """It is cut after its first byte already, and elsewhere its parts are no characters."""
    one = exchange(headers=CHUNKED, chunks=[SNOW[:7], SNOW[7:]])
    assert sent(plan(one, "split:inside=utf8")) == [b"data: \xe2", b"\x98\x83\xc3", b"\xa9\n\n"]
    other = exchange(headers=CHUNKED, chunks=[SNOW[:8], SNOW[8:]])
    assert sent(plan(other, "split:inside=utf8")) == [b"data: \xe2", b"\x98", b"\x83\xc3", b"\xa9\n\n"]


@pytest.mark.parametrize(
    ("frame", "cut"),
    [
        (b"data: x\n\n", [b"data: x\n", b"\n"]),
        (b"data: x\r\r", [b"data: x\r", b"\r"]),
        (b"data: x\r\n\r\n", [b"data: x\r", b"\n\r", b"\n"]),
        (b"id: 1\r\ndata: x\r\n\r\n", [b"id: 1\r", b"\ndata: x\r", b"\n\r", b"\n"]),
    ],
)
def test_a_split_inside_line_ends(frame: bytes, cut: list[bytes]) -> None:
    """Between CR and LF, and between the two line ends of a blank line."""
    assert sent(plan(exchange(headers=CHUNKED, chunks=[frame]), "split:inside=crlf")) == cut


def test_a_split_finds_its_events_in_what_other_faults_made_of_them() -> None:
    """The middle is that of the event as it is sent."""
    result = plan(None, "split:at_event=1,inside=event", "huge_event:at_event=1,size=5", "comment_keepalive:at_event=1")
    assert sent(result) == [ONE, b": keepalive\n\ndata: xx", b"xxxtwo\n\n", THREE]


def test_a_split_behind_a_closing_is_not_reached() -> None:
    """What is not sent is not cut."""
    close = "reset_peer:at_event=1"
    assert plan(None, "split:at_byte=14", close).outcomes == ["not reached", "applied"]
    assert plan(None, "split:at_event=2,inside=event", close).outcomes == ["not reached", "applied"]
    assert plan(None, "split:at_byte=5", close).outcomes == ["applied", "applied"]


def test_a_place_to_split_must_be_there() -> None:
    """Byte 36 of 35, and event 3 of 3 to cut inside, are errors."""
    with pytest.raises(PlanError, match=r"^split: there is no byte 36 of 35; places of this recording are 0 to 35$"):
        plan(None, "split:at_byte=36")
    with pytest.raises(PlanError, match=r"^split: there is no event 3 of 3; events count from 0$"):
        plan(None, "split:at_event=3,inside=utf8")


def test_slices_have_the_size_asked_for() -> None:
    """Every chunk is cut anew, at its own time."""
    result = plan(None, "slicer:size=5")
    assert result.shown[1:4] == [(120, b"data:"), (120, b" one\n"), (120, b"\n")]
    assert sent(result)[3:] == [b"data:", b" two\n", b"\n", b"data:", b" thre", b"e\n\n"]


def test_slices_vary_as_drawn() -> None:
    """Every slice but a chunk's last is within the variation; the same seed gives the same ones, another others."""
    one = exchange(headers=CHUNKED, chunks=[b"data: %s\n\n" % (b"x" * 500)] * 3)
    slices = sent(plan(one, "slicer:size=10,variation=4"))
    inner = {len(part) for part in slices if not part.endswith(b"\n")}
    assert inner == set(range(6, 15))
    assert b"".join(slices) == plan(one).body
    assert slices == sent(plan(one, "slicer:size=10,variation=4"))
    assert slices != sent(plan(one, "slicer:size=10,variation=4", seed=1))


def test_slices_of_a_chunk_do_not_depend_on_the_others() -> None:
    """When an event is lost the rest is sliced as before."""
    one = exchange(headers=CHUNKED, chunks=[b"data: %d%s\n\n" % (n, b"x" * 90) for n in range(3)])
    fault = "slicer:size=10,variation=9"

    def slices(*faults: str) -> list[tuple[int, bytes]]:
        steps = plan(one, *faults).timeline
        return [(step.origin, step.action.data) for step in steps if isinstance(step.action, Send)]

    assert slices("drop:at_event=1", fault) == [part for part in slices(fault) if part[0] != 1]


def test_slices_that_would_be_too_many_are_refused() -> None:
    """A request may not fill the memory with chunks of a byte."""
    one = exchange(headers=CHUNKED, chunks=[b"x" * 100_001])
    with pytest.raises(
        PlanError, match=r"^slicer: 100001 bytes could make more than 100000 chunks; write a larger size$"
    ):
        plan(one, "slicer")
    assert len(sent(plan(one, "slicer:size=2"))) == 50_001


def test_chunks_are_joined_in_groups() -> None:
    """A group comes when its last chunk would have; the last group may be smaller."""
    assert plan(None, "coalesce").shown[1:] == [(140, ONE + TWO), (160, THREE), (160, "end")]
    assert plan(None, "coalesce:count=3").shown[1:] == [(160, ONE + TWO + THREE), (160, "end")]
    assert plan(None, "coalesce:count=9").shown[1:] == [(160, ONE + TWO + THREE), (160, "end")]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("slicer:size=0", "slicer: size: 0 is not from 1 to 1073741824; write size=1 or more"),
        ("slicer:size=4,variation=4", "slicer: variation: 4 is not from 0 to below size=4; leave at least a byte"),
        ("slicer:variation=-1", "slicer: variation: -1 is not from 0 to below size=1; leave at least a byte"),
        ("coalesce:count=1", "coalesce: count: 1 is not from 2 to 1073741824; write count=2 or more"),
    ],
)
def test_sizes_that_mean_nothing_are_refused(fault: str, message: str) -> None:
    """Each refusal names fault, parameter and remedy."""
    with pytest.raises(UsageError) as raised:
        parse_fault(fault)
    assert str(raised.value).endswith(message)


@pytest.mark.parametrize(
    "fault", ["split", "split:inside=utf8", "split:inside=crlf", "slicer", "slicer:size=3", "coalesce"]
)
@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_boundaries_change_neither_bytes_nor_events(fault: str, eol: bytes) -> None:
    """The body is the same, and so are its events."""
    one = exchange(headers=CHUNKED, chunks=[part.replace(b"\n", eol) for part in (ONE, SNOW + TWO, b": x\n\n" + THREE)])
    result = plan(one, fault)
    assert result.outcomes == ["applied"]
    assert result.body == plan(one).body
    assert [event.data for event in parse(result.body)] == ["one", "☃é", "two", "three"]


def test_a_chunk_that_is_framed_already_is_never_cut_or_joined() -> None:
    """A recorded chunk that was cut short is sent raw, with the size it declared."""
    one = exchange(headers=CHUNKED, chunks=[ONE, TWO], end="fin")
    one.chunks[1] = replace(one.chunks[1], cut=True, of=50)
    for fault in ("slicer:size=100", "split", "coalesce"):
        assert plan(one, fault).timeline[-2].action == Raw(b"32\r\n" + TWO)


def test_where_spans_stand() -> None:
    """What was inserted or altered moves what follows, and belongs to the span inside which it is."""
    draft = body_of(Piece(b"+", 0, 0), Piece(b"abc", 0, 3), Piece(b"--", 3, 4), Piece(b"efgh", 4, 8), Piece(b"", 8, 9))
    spans = [Span(0, 2), Span(2, 5), Span(5, 8), Span(8, 9), Span(9, 12)]
    assert where(draft, spans) == {
        Span(0, 2): (1, 3),
        Span(2, 5): (3, 7),
        Span(5, 8): (7, 10),
        Span(8, 9): (10, 10),
    }


def test_a_recut_keeps_every_byte_and_place() -> None:
    """Of an altered piece the first part stands for all, the others for nothing."""
    draft = recut(body_of(Piece(b"abc", 0, 3), Piece(b"xyz", 3, 4), Piece(b"", 4, 6)), [1, 3, 4, 0, 6, 99])
    assert chunks_of(draft) == [b"a", b"bc", b"x", b"yz"]
    assert [cell.pieces for cell in draft.cells] == [
        (Piece(b"a", 0, 1),),
        (Piece(b"bc", 1, 3),),
        (Piece(b"x", 3, 4),),
        (Piece(b"yz", 4, 4),),
    ]


def test_a_prefix_shares_the_place_of_the_first_byte() -> None:
    """Pieces without bytes before it stay; an altered piece stays whole."""
    cell = Cell(0, (Piece(b"", 0, 4), Piece(b"ab", 4, 6)))
    assert prefixed(cell, b"--").pieces == (Piece(b"", 0, 4), Piece(b"--a", 4, 5), Piece(b"b", 5, 6))
    assert prefixed(Cell(0, (Piece(b"a", 4, 5),)), b"--").pieces == (Piece(b"--a", 4, 5),)
    assert prefixed(Cell(0, (Piece(b"ab", 4, 4),)), b"--").pieces == (Piece(b"--ab", 4, 4),)


@given(st.integers(0, 40))
def test_shortened_bodies_lack_their_last_bytes(count: int) -> None:
    """As many as asked for, and never more than there are."""
    draft = Draft((), Step(0, Head(200)), tuple(Cell(n, (Piece(ONE, n * 11, n * 11 + 11),)) for n in range(3)), ())
    left = max(0, 33 - count)
    assert b"".join(chunks_of(shortened(draft, count))) == (ONE * 3)[:left]
    assert len(shortened(draft, count).cells) == -(-left // 11)


def test_raw_cells_are_one_part() -> None:
    """Whatever the cuts."""
    raw = Cell(0, (Piece(ONE, 0, 11),), raw=True, size_line=b"b\r\n")
    assert parts(raw, [3, 5]) == [raw]


def test_the_headers_are_left_alone() -> None:
    """Boundaries are no business of the head."""
    one = exchange(headers=(*EVENT_STREAM, ("Content-Length", "35")), framing="content-length")
    for fault in ("split", "slicer", "coalesce"):
        assert plan(one, fault).head == plan(one).head
