from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.plan.draft import (
    Cell,
    Draft,
    Piece,
    chop,
    current,
    cut,
    insert,
    insert_all,
    join,
    pause,
    put_together,
    replace_spans,
    seamed,
    split_piece,
    take_apart,
)
from streamsim.recording.model import Chunk, Ending, Info
from streamsim.wire import End, Fin, Head, Raw, Send, Step, check
from tests.builders import exchange, timeline
from tests.plan.faults.scenes import MS, draft_of

BODY = b"abcdefghij"


def cells(*texts: bytes, gap_ns: int = 10) -> list[Cell]:
    """Return one cell for each of ``texts``, one piece each."""
    ends = list(accumulate(map(len, texts)))
    return [
        Cell((nth + 1) * gap_ns, (Piece(text, end - len(text), end),), nth)
        for nth, (text, end) in enumerate(zip(texts, ends, strict=True))
    ]


def draft(*texts: bytes) -> Draft:
    """Return a draft with a head at 5 ns, a cell every 10 ns, and End with the last."""
    made = cells(*texts)
    return Draft((), Step(5, Head(200)), tuple(made), (Step(made[-1].at_ns if made else 5, End()),))


def texts(found: Draft | list[Cell]) -> list[bytes]:
    """Return the bytes of each cell."""
    return [cell.data for cell in (found.cells if isinstance(found, Draft) else found)]


def test_a_recorded_timeline_survives_being_taken_apart() -> None:
    """Interim heads, head, chunks, a chunk cut short, stray bytes and the end are put back as they were."""
    one = exchange(chunks=[b"abc", b"defg"], infos=[Info(exchange=1, dt_us=5, status=103)], end="fin")
    one.chunks.append(Chunk(exchange=1, dt_us=7, text="hi", cut=True, of=9))
    assert one.timeline()[-2].action == Raw(b"9\r\nhi")
    assert put_together(draft_of(one)) == one.timeline()
    broken = exchange(end=Ending(exchange=1, dt_us=3, cause="protocol_error", text="ZZ\r\n"))
    assert put_together(draft_of(broken)) == broken.timeline()
    unanswered = exchange(status=0, chunks=[], end="unreachable")
    assert put_together(draft_of(unanswered)) == unanswered.timeline()


def test_a_chunk_cut_short_is_told_from_its_size() -> None:
    """Its bytes stand for recorded bytes, the size it declared does not."""
    one = exchange(chunks=[b"abc"], end="fin")
    one.chunks.append(Chunk(exchange=1, dt_us=7, text="hi", cut=True, of=9))
    last = draft_of(one).cells[-1]
    assert (last.pieces, last.raw, last.size_line) == ((Piece(b"hi", 3, 5),), True, b"9\r\n")


def test_the_parts_of_a_chunk_cut_short_have_its_size_once() -> None:
    """However a raw cell is divided, the size line goes before the first part that is left."""
    whole = Cell(1, (Piece(b"abcd", 0, 4),), origin=0, raw=True, size_line=b"9\r\n")
    left, right = cut([whole], 2)
    parts = Draft((), Step(0, Head(200)), (*left, *right), (Step(1, Fin()),))
    assert [step.action for step in put_together(parts)[1:-1]] == [Raw(b"9\r\nab"), Raw(b"cd")]
    rest = Draft((), Step(0, Head(200)), tuple(right), (Step(1, Fin()),))
    assert put_together(rest)[1].action == Raw(b"9\r\ncd")


def test_a_step_is_never_due_before_the_one_before() -> None:
    """Putting together clamps times, and leaves alone what is in order."""
    mixed = Draft((), Step(50, Head(200)), tuple(cells(b"a", gap_ns=60)), (Step(10, End()),))
    assert [step.at_ns for step in check(put_together(mixed))] == [50, 60, 60]


def test_when_head_and_body_were_sent() -> None:
    """The last head counts, interim ones too; without a body its last byte is the head."""
    assert draft(b"a", b"b").last_ns == 20
    assert draft().last_ns == draft().headed_ns == 5
    interim = Draft((Step(3, Head(103)),), None, (), (Step(9, Fin()),))
    assert interim.headed_ns == interim.last_ns == 3
    assert Draft((), None, (), (Step(9, Fin()),)).headed_ns == 0


def test_only_a_head_that_is_there_can_be_changed() -> None:
    """Without a head there is nothing to change, and nothing changes."""
    none = Draft((), None, (), (Step(9, Fin()),))
    assert none.with_head(lambda _: Head(500)) is none
    assert none.head_action is None
    assert draft().with_head(lambda head: Head(head.status + 4)).head == Step(5, Head(204))


def test_retiming_moves_the_end_along() -> None:
    """What follows the body keeps its distance from it; without a body nothing moves."""
    moved = draft(b"a", b"b").retimed([10, 70])
    assert [cell.at_ns for cell in moved.cells] == [10, 70]
    assert moved.end[0].at_ns == 70
    assert draft().retimed([]) == draft()


@pytest.mark.parametrize(
    ("piece", "offset", "left", "right"),
    [
        (Piece(b"abcd", 2, 6), 4, Piece(b"ab", 2, 4), Piece(b"cd", 4, 6)),
        (Piece(b"abcd", 2, 6), 6, Piece(b"abcd", 2, 6), None),
        (Piece(b"abcd", 2, 6), 2, None, Piece(b"abcd", 2, 6)),
        (Piece(b"new", 4, 4), 4, Piece(b"new", 4, 4), None),
        (Piece(b"new", 4, 4), 3, None, Piece(b"new", 4, 4)),
        (Piece(b"xyz", 2, 6), 4, None, Piece(b"xyz", 2, 6)),
    ],
)
def test_a_piece_is_split_at_an_offset(piece: Piece, offset: int, left: Piece | None, right: Piece | None) -> None:
    """Insertions at the offset stand before it; altered pieces across it stand whole after it."""
    assert split_piece(piece, offset) == (left, right)


def test_cutting_divides_the_cell_across_the_offset() -> None:
    """A cell across the offset becomes two with the same time and origin; others stay what they were."""
    before, after = cut(cells(b"abc", b"def", b"ghi"), 4)
    assert (texts(before), texts(after)) == ([b"abc", b"d"], [b"ef", b"ghi"])
    assert [(cell.at_ns, cell.origin) for cell in (*before, *after)] == [(10, 0), (20, 1), (20, 1), (30, 2)]
    assert cut(cells(b"abc"), 0) == ([], cells(b"abc"))
    assert cut(cells(b"abc"), 3) == (cells(b"abc"), [])


def test_what_is_inserted_is_in_the_cell_of_the_byte_it_precedes() -> None:
    """At the beginning, inside, on a boundary, at the end and into nothing."""
    three = draft(b"abc", b"def")
    assert texts(insert(three, 0, b"-")) == [b"-abc", b"def"]
    assert texts(insert(three, 2, b"-")) == [b"ab-c", b"def"]
    assert texts(insert(three, 3, b"-")) == [b"abc", b"-def"]
    assert texts(insert(three, 6, b"-")) == [b"abc", b"def-"]
    assert insert(draft(), 0, b"-").cells == (Cell(5, (Piece(b"-", 0, 0),)),)


def test_many_insertions_at_once_are_those_one_by_one() -> None:
    """One pass does what as many single insertions do; the later one at a place stands nearer to its byte."""
    at_once = insert_all(draft(b"abc", b"def"), {1: b"1", 2: b"2", 3: b"3", 5: b"5", 6: b"6"})
    assert texts(at_once) == [b"a1b2c", b"3de5f6"]
    twice = insert(insert(draft(b"abc"), 1, b"1"), 1, b"2")
    assert texts(twice) == [b"a12bc"]


def test_an_insertion_loses_no_altered_piece() -> None:
    """What is inserted inside the span of an altered piece stands before all of it."""
    altered = replace_spans(draft(b"abc"), {(0, 3): b"longer"})
    assert texts(insert(altered, 1, b"-")) == [b"-longer"]


def test_current_bytes_are_those_that_stand_for_a_span() -> None:
    """Recorded bytes, replaced ones, and what is inserted inside; not what only touches the span."""
    changed = insert(replace_spans(draft(b"abc", b"def", b"ghi"), {(4, 5): b"EE"}), 2, b"-")
    assert current(changed, (0, 9)) == b"ab-cdEEfghi"
    assert current(changed, (2, 6)) == b"cdEEf"
    assert current(changed, (1, 3)) == b"b-c"
    assert current(changed, (0, 2)) == b"ab"
    assert current(changed, (4, 5)) == b"EE"
    assert current(changed, (7, 8)) == b"h"
    assert current(changed, (9, 12)) == b""


def test_an_altered_piece_across_a_border_counts_where_it_begins() -> None:
    """It is in the span in which its first byte stands."""
    changed = replace_spans(draft(b"abcdef"), {(2, 5): b"X"})
    assert current(changed, (0, 3)) == b"abX"
    assert current(changed, (3, 6)) == b"f"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [b"abc", b"def", b"ghi"]),
        ({(0, 3): b"X"}, [b"X", b"def", b"ghi"]),
        ({(1, 2): b"XYZ"}, [b"aXYZc", b"def", b"ghi"]),
        ({(2, 7): b"X"}, [b"abX", b"hi"]),
        ({(0, 1): b"", (2, 3): b"C", (5, 9): b"-"}, [b"bC", b"de-"]),
        ({(0, 9): b""}, []),
    ],
)
def test_spans_are_replaced_where_they_began(changes: dict[tuple[int, int], bytes], expected: list[bytes]) -> None:
    """New bytes stand where the span's first byte was; boundaries inside vanish, and cells without bytes too."""
    assert texts(replace_spans(draft(b"abc", b"def", b"ghi"), changes)) == expected


def test_replacing_again_replaces_what_is_there() -> None:
    """Insertions inside the span vanish, altered pieces that it touches vanish whole, dropped spans stay dropped."""
    inserted = insert(insert(draft(b"abcd"), 2, b"-"), 4, b"+")
    assert texts(replace_spans(inserted, {(1, 4): b"X"})) == [b"aX+"]
    assert texts(replace_spans(insert(draft(b"abcd"), 1, b"-"), {(1, 3): b"X"})) == [b"a-Xd"]
    altered = replace_spans(draft(b"abcd"), {(1, 3): b"longer"})
    assert texts(replace_spans(altered, {(2, 4): b"X"})) == [b"aX"]
    dropped = replace_spans(draft(b"ab", b"cd"), {(0, 2): b""})
    assert texts(replace_spans(dropped, {(0, 2): b"X"})) == [b"cd"]
    assert texts(replace_spans(dropped, {(0, 3): b"X"})) == [b"Xd"]


def test_joined_cells_are_one() -> None:
    """All bytes in one cell of no origin, at the time that was asked for; one alone keeps its origin."""
    (one,) = join(cells(b"ab", b"cd"), 99)
    assert (one.data, one.at_ns, one.origin) == (b"abcd", 99, -1)
    assert join(cells(b"ab"), 99) == [Cell(99, (Piece(b"ab", 0, 2),), 0)]
    assert join([], 99) == []


def test_raw_cells_are_not_joined() -> None:
    """Bytes outside the framing stay by themselves, and join nothing around them."""
    raw = Cell(25, (Piece(b"!", 2, 2),), raw=True)
    first, second, third = cells(b"ab", b"cd", b"ef")
    assert texts(join([first, second, raw, third], 99)) == [b"abcd", b"!", b"ef"]


def test_chopped_cells_have_so_many_bytes() -> None:
    """Parts cross pieces; the first part of an altered piece stands for it, the others for nothing."""
    cell = Cell(7, (Piece(b"abc", 0, 3), Piece(b"", 3, 4), Piece(b"longer", 4, 6)), 3)
    parts = chop(cell, 2)
    assert texts(parts) == [b"ab", b"cl", b"on", b"ge", b"r"]
    assert parts[1].pieces == (Piece(b"c", 2, 3), Piece(b"l", 4, 6))
    assert parts[2].pieces == (Piece(b"on", 6, 6),)
    assert {(part.at_ns, part.origin) for part in parts} == {(7, 3)}
    assert chop(Cell(7, (Piece(b"", 0, 3),)), 2) == []


def test_pauses_add_up() -> None:
    """All from each place on is later once more, the end too; a cell across a place becomes two."""
    paused = pause(draft(b"abc", b"def"), [4, 1], 100)
    assert [(cell.at_ns, cell.data) for cell in paused.cells] == [
        (10, b"a"),
        (110, b"bc"),
        (120, b"d"),
        (220, b"ef"),
    ]
    assert paused.end[0].at_ns == 220


def test_pauses_at_both_ends() -> None:
    """A pause before the body moves all of it, one after it the end."""
    assert [cell.at_ns for cell in pause(draft(b"a", b"b"), [0], 100).cells] == [110, 120]
    late = pause(draft(b"a", b"b"), [2], 100)
    assert ([cell.at_ns for cell in late.cells], late.end[0].at_ns) == ([10, 20], 120)
    assert pause(draft(), [0], 100).end[0].at_ns == 105


def test_a_pause_is_filled_from_the_last_byte_on() -> None:
    """The filler is told the place, and when the last byte before it was sent; before the body, when the head was."""
    told: list[tuple[int, int]] = []

    def filler(offset: int, start_ns: int) -> list[Cell]:
        told.append((offset, start_ns))
        return [Cell(start_ns + 1, (Piece(b"!", offset, offset),))]

    paused = pause(draft(b"ab", b"cd"), [0, 2, 4], 100, filler)
    assert told == [(0, 5), (2, 110), (4, 220)]
    assert texts(paused) == [b"!", b"ab", b"!", b"cd", b"!"]


def test_seams_divide_pieces_and_nothing_else() -> None:
    """Cells and bytes stay; no piece that can be divided lies across a seam."""
    seams = seamed(draft(b"abc", b"def"), [0, 2, 2, 5, 9])
    assert texts(seams) == [b"abc", b"def"]
    assert [(p.start, p.stop) for cell in seams.cells for p in cell.pieces] == [(0, 2), (2, 3), (3, 5), (5, 6)]
    altered = replace_spans(draft(b"abc"), {(0, 3): b"longer"})
    assert seamed(altered, [1]) == altered


SPANS = st.lists(st.integers(0, 10), min_size=2, max_size=6, unique=True).map(
    lambda points: list(zip(*[iter(sorted(points)[: len(points) // 2 * 2])] * 2, strict=True))
)
DATA = st.binary(max_size=4)
OPERATIONS = st.one_of(
    st.tuples(st.just("insert"), st.integers(0, 10), DATA),
    st.tuples(st.just("replace"), SPANS, DATA),
    st.tuples(st.just("cut"), st.integers(0, 10), st.booleans()),
    st.tuples(st.just("pause"), st.integers(0, 10), st.just(b"")),
    st.tuples(st.just("seam"), st.integers(0, 10), st.just(b"")),
    st.tuples(st.just("chop"), st.integers(1, 3), st.just(b"")),
    st.tuples(st.just("join"), st.integers(0, 3), st.just(b"")),
)


def done(before: Draft, operation: tuple[str, object, object]) -> Draft:  # noqa: PLR0911
    """Return the draft after one operation."""
    match operation:
        case ("insert", int(offset), bytes(data)):
            return insert(before, offset, data)
        case ("replace", list(spans), bytes(data)):
            return replace_spans(before, dict.fromkeys(spans, data))
        case ("cut", int(offset), bool(keep_left)):
            return before.with_cells(cut(before.cells, offset)[0 if keep_left else 1])
        case ("pause", int(offset), _):
            return pause(before, [offset], 100)
        case ("seam", int(offset), _):
            return seamed(before, [offset])
        case ("chop", int(size), _):
            return before.with_cells(part for cell in before.cells for part in chop(cell, size))
        case ("join", int(start), _):
            return before.with_cells((*before.cells[:start], *join(before.cells[start:], before.last_ns)))
        case _:
            raise AssertionError(operation)


@given(st.lists(st.integers(0, 10), max_size=4), st.lists(OPERATIONS, max_size=6))
def test_pieces_stand_for_spans_in_order_without_overlap(
    marks: list[int], operations: list[tuple[str, object, object]]
) -> None:
    """Whatever is done to a draft, and the timeline that it makes keeps the laws."""
    edges = sorted({0, 10, *marks})
    now = draft(*[BODY[start:stop] for start, stop in pairwise(edges)])
    for operation in operations:
        now = done(now, operation)
        last = 0
        for piece in (piece for cell in now.cells for piece in cell.pieces):
            assert last <= piece.start <= piece.stop
            last = piece.stop
        check(put_together(now))


@given(st.lists(OPERATIONS, max_size=4), st.integers(0, 10))
def test_cutting_loses_nothing(operations: list[tuple[str, object, object]], offset: int) -> None:
    """Both sides of a cut are, one after the other, what was there."""
    now = draft(BODY[:4], BODY[4:])
    for operation in operations:
        now = done(now, operation)
    left, right = cut(now.cells, offset)
    assert b"".join(texts([*left, *right])) == b"".join(texts(now))


@given(st.integers(0, 10), st.integers(0, 10))
def test_an_untouched_draft_gives_the_recorded_bytes(start: int, stop: int) -> None:
    """The current bytes of a span nobody touched are those of the recording."""
    assert current(draft(BODY[:3], BODY[3:]), (start, max(start, stop))) == BODY[start : max(start, stop)]


def test_take_apart_keeps_what_is_no_chunk() -> None:
    """Steps without origin are no body: they stay at the end, in order."""
    steps = timeline((0, Head(200)), (MS, Send(b"ab"), 0), (MS, Raw(b"ZZ")), (MS, Fin()))
    assert [step.action for step in take_apart(steps, [0]).end] == [Raw(b"ZZ"), Fin()]
