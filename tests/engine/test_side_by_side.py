from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine.side_by_side import WIDTH, Pair, Row, Side, difference, milliseconds, pairs, render
from tests.engine.answers import page

if TYPE_CHECKING:
    from collections.abc import Iterable


def rows(texts: Iterable[str], gap_ns: int | None = None) -> list[Row]:
    return [Row(text, None if gap_ns is None else nth * gap_ns, text) for nth, text in enumerate(texts)]


def text(left: list[Row], right: list[Row], *ends: Row) -> str:
    one, other = (*ends, None, None)[:2]
    return render(Side("planned", left, one), Side("seen", right, other))


def test_pairs_of_equal_streams_are_the_same() -> None:
    """Equal rows belong together and differ in nothing."""
    assert pairs(rows("ab"), rows("ab")) == [Pair(0, 0, " "), Pair(1, 1, " ")]


def test_pairs_find_what_is_missing_and_what_is_new() -> None:
    """A missing row, another one and one too many do not put the rest out of line."""
    assert pairs(rows("abcdef"), rows("acXefg")) == [
        Pair(0, 0, " "),
        Pair(1, None, "<"),
        Pair(2, 1, " "),
        Pair(3, 2, "|"),
        Pair(4, 3, " "),
        Pair(5, 4, " "),
        Pair(None, 5, ">"),
    ]


def test_times_are_compared_where_both_are_known() -> None:
    """Equal rows at two times differ; where one time is not known they do not."""
    assert [pair.mark for pair in pairs(rows("ab", 5), rows("ab", 6))] == [" ", "|"]
    assert [pair.mark for pair in pairs(rows("ab", 5), rows("ab"))] == [" ", " "]


def test_differences_in_words() -> None:
    """The first difference is told with its place, counted as it should have been."""

    def told(left: list[Row], right: list[Row], *ends: Row) -> str | None:
        one, other = (*ends, None, None)[:2]
        return difference("event", Side("l", left, one), Side("r", right, other))

    done, cut = Row("complete", 5, "complete"), Row("fin", 5, "fin")
    assert told(rows("abc"), rows("abc"), done, done) is None
    assert told(rows("abc"), rows("aXc")) == "event 1 differs"
    assert told(rows("abc"), rows("ac")) == "event 1 is missing"
    assert told(rows("ac"), rows("abc")) == "event 1 is one too many"
    assert told(rows("abc", 1_000), rows("abc", 1_001)) == "event 1 came at 0.001001 ms, not at 0.001 ms"
    assert told(rows("abc"), rows("abc"), done, cut) == "it ended otherwise"
    assert told(rows("abc"), rows("abc"), done, done._replace(at_ns=6)) == "it ended otherwise"


def test_milliseconds_are_exact() -> None:
    """A time is told to its last nanosecond, and no longer than it is."""
    times = (0, 20_000_000, 412_345_000, 1, 90_000_000_001, -1_500_000, None)
    assert list(map(milliseconds, times)) == ["0", "20", "412.345", "0.000001", "90000.000001", "-1.5", ""]


def test_around_the_first_difference() -> None:
    """Shown are three rows before the first difference and ten from it on, in their places, and the ends."""
    left = rows((f"event {nth}" for nth in range(40)), 20_000_000)
    right = [row._replace(at_ns=None) for row in left]
    right[20] = Row("other", None, "other")
    del right[22]
    assert text(left, right, Row("complete", 800_000_000, "complete")) == page(
        """
    # at ms planned                                              # at ms seen
    … 17 before, the same
   17   340 event 17                                            17       event 17
   18   360 event 18                                            18       event 18
   19   380 event 19                                            19       event 19
   20   400 event 20                                       |    20       other
   21   420 event 21                                            21       event 21
   22   440 event 22                                       <
   23   460 event 23                                            22       event 23
   24   480 event 24                                            23       event 24
   25   500 event 25                                            24       event 25
   26   520 event 26                                            25       event 26
   27   540 event 27                                            26       event 27
   28   560 event 28                                            27       event 28
   29   580 event 29                                            28       event 29
    … 10 more
  end   800 complete
"""
    )


def test_a_difference_deep_inside_is_shown_where_it_is() -> None:
    """What both sides of a long row share is left out, and so is what a row shares with its neighbour."""
    lead = '{"id":"c1","object":"chat.completion.chunk","choices":[{"delta":{"content":"'
    left = rows([f"{lead}one", f"{lead}two", f"{lead}six", "[DONE]"])
    right = rows([f"{lead}one", f"{lead}TWO", f"{lead}new", f"{lead}six", "[DONE]"])
    assert text(left, right) == page(
        """
    # at ms planned                                              # at ms seen
    0       …{"content":"one                                     0       …{"content":"one
    1       …{"content":"two                               |     1       …{"content":"TWO
                                                           >     2       …{"content":"new
    2       …{"content":"six                                     3       …{"content":"six
    3       [DONE]                                               4       [DONE]

"""
    )


def test_ends_that_differ_are_marked() -> None:
    """How and when each side ended stands below."""
    done, gone = Row("complete", 60_000_000, "complete"), Row("client left", 41_000_001, "client left")
    assert text(rows("a", 1), rows("a", 1), done, gone) == page(
        """
    #     at ms planned                                          #     at ms seen
    0         0 a                                                0         0 a
  end        60 complete                                   |   end 41.000001 client left
"""
    )


def test_what_a_terminal_would_obey_is_escaped() -> None:
    """Nothing from a stream moves the cursor, and wide characters do not push the columns apart."""
    assert text(rows(["\x1b[2J漢字", "b"]), rows(["\n", "b"])) == page(
        r"""
    # at ms planned                                              # at ms seen
    0       \x1b[2J漢字                                    |     0       \n
    1       b                                                    1       b

"""
    )


@given(st.lists(st.text(max_size=80), max_size=30), st.lists(st.text(max_size=80), max_size=30))
def test_no_line_is_too_wide_and_every_row_has_its_place(one: list[str], other: list[str]) -> None:
    """Any two streams fit the page, and each row of both is in exactly one pair, in order."""
    left, right = rows(one, 7), rows(other)
    found = pairs(left, right)
    assert [pair.left for pair in found if pair.left is not None] == list(range(len(one)))
    assert [pair.right for pair in found if pair.right is not None] == list(range(len(other)))
    assert (difference("row", Side("l", left), Side("r", right)) is None) == (one == other)
    for line in text(left, right).split("\n"):
        assert sum(2 if char >= "\u1100" and char != "…" else 1 for char in line) <= WIDTH


def test_long_streams_are_aligned_in_bounded_work() -> None:
    """Streams that share nothing are set side by side by place from some point on."""
    left, right = rows(f"l{nth}" for nth in range(5_000)), rows(f"r{nth}" for nth in range(5_001))
    found = pairs(left, right)
    assert (len(found), found[0], found[-1]) == (5_001, Pair(0, 0, "|"), Pair(None, 5_000, ">"))
