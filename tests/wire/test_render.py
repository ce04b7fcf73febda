"""Known answers are pinned: rendered timelines stand in documents, diffs and snapshots."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.wire import Action, End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send
from streamsim.wire.render import as_data, clip, escape, preview, render, visible
from tests.builders import EVENT_STREAM, timeline

ANSWER = timeline(
    (5_000, Head(103, "", (("link", "</a.css>"),), framing="none")),
    (412_345_678, Head(200, "OK", EVENT_STREAM)),
    (430_345_999, Send(b"data: one\n\n"), 0),
    (1_430_345_999, Send("data: 你好\n\n".encode()), 1),
    (1_430_345_999, Send(b"\xff\x00"), 2),
    (1_430_345_999, Raw(b"5\r\nab"), 3),
    (2_000_000_000, End((("x-sum", "7"),))),
)

RENDERED = r"""
step      at ms     gap ms  do     chunk   bytes  what
   0      0.005     +0.005  head                  HTTP/1.1 103 (none), link: </a.css>
   1    412.345   +412.340  head                  HTTP/1.1 200 OK (chunked), content-type: text/event-stream
   2    430.345    +18.000  send       0      11  data: one\n\n
   3   1430.345  +1000.000  send       1      14  data: 你好\n\n
   4   1430.345     +0.000  send       2       2  \xff\x00
   5   1430.345     +0.000  raw        3       5  5\r\nab
   6   2000.000   +569.654  end                   the body is complete, x-sum: 7
"""


def test_a_timeline_is_a_heading_and_one_line_a_step() -> None:
    """Number, time, gap, deed, chunk, size and what: one line each, without a line end after the last."""
    assert render(ANSWER, width=120) == RENDERED.strip("\n")


def test_a_line_is_cut_where_it_needs_more_than_the_width() -> None:
    """A line that is too long ends in an ellipsis, and a wide character that needs two columns is not halved."""
    lines = render(ANSWER, width=59).split("\n")
    assert lines[2] == "   1    412.345   +412.340  head                  HTTP/1.1…"
    assert lines[4] == "   3   1430.345  +1000.000  send       1      14  data: 你…"


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (End(), "   0      0.000     +0.000  end                   the body is complete"),
        (Fin(), "   0      0.000     +0.000  fin                   close without completing the body"),
        (Reset(), "   0      0.000     +0.000  reset                 reset the connection (RST)"),
        (Hang(), "   0      0.000     +0.000  hang                  until the client leaves"),
        (Hang(1_500_000_000), "   0      0.000     +0.000  hang                  for 1.5s, then close"),
        (Refuse(), "   0      0.000     +0.000  refuse                refuse the connection"),
        (Ignore(), "   0      0.000     +0.000  ignore                never answer the connection attempt"),
    ],
)
def test_every_deed_has_its_words(action: Action, line: str) -> None:
    """What ends a timeline is said in words."""
    assert render(timeline((0, action))).split("\n")[1] == line


def test_what_a_terminal_would_obey_is_escaped_and_the_rest_is_not() -> None:
    """Controls, invisible and reordering characters and backslashes are spelt out; letters of any script stay."""
    assert visible("a\\b\n\r\t\x1b\x7f\x9b\u200b\u202e\u2028\ufeff\U000e0041 ñ你☃🙂") == (
        "a\\\\b\\n\\r\\t\\x1b\\x7f\\u009b\\u200b\\u202e\\u2028\\ufeff\\U000e0041 ñ你☃🙂"
    )


@pytest.mark.parametrize(
    ("char", "spelt"),
    [
        ("\\", "\\\\"),
        ("\n", "\\n"),
        ("\x00", "\\x00"),
        ("\x85", "\\u0085"),
        ("\u2029", "\\u2029"),
        ("🙂", "\\U0001f642"),
    ],
)
def test_a_character_has_one_spelling(char: str, spelt: str) -> None:
    """The short forms of C, else as many hexadecimal digits as are needed."""
    assert escape(char) == spelt


def test_bytes_and_characters_are_never_confused() -> None:
    """An invalid byte is spelt unlike the control character of the same number, and both unlike the text of either."""
    assert preview(b"\x9b", 80) == "\\x9b"
    assert preview("\x9b".encode(), 80) == "\\u009b"
    assert preview(b"\\x9b", 80) == "\\\\x9b"


def test_a_preview_looks_at_no_more_than_it_shows() -> None:
    """A megabyte shows as its beginning, and a character that the look-ahead halves is beyond what is shown."""
    assert preview("é".encode() * 500_000, 10) == "é" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("", 0, ""),
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("abcd", -5, ""),
        ("éa", 2, "éa"),
        ("你好", 4, "你好"),
        ("你好", 3, "你…"),
        ("你好", 2, "…"),
    ],
)
def test_clipping_keeps_to_the_columns(text: str, cells: int, shown: str) -> None:
    """Text that fits stays; other text gives way to an ellipsis, and wide characters count twice."""
    assert clip(text, cells) == shown


@given(st.binary(), st.integers(1, 120))
def test_no_line_is_wider_than_asked_and_none_breaks(data: bytes, width: int) -> None:
    """Whatever the bytes, a step is one line of at most ``width`` characters without controls."""
    shown = render(timeline((0, Head(200)), (1, Send(data), 0), (2, Hang())), width=width)
    assert len(shown.splitlines()) == len(shown.split("\n")) == 4
    assert max(map(len, shown.split("\n"))) <= width


def test_as_data_is_json_with_all_there_is() -> None:
    """Times are whole nanoseconds, bytes are text or base64, and every field of an action is there."""
    assert json.loads(json.dumps(as_data(ANSWER))) == [
        {
            "step": 0,
            "at_ns": 5_000,
            "do": "head",
            "http": "1.1",
            "status": 103,
            "reason": "",
            "framing": "none",
            "headers": [["link", "</a.css>"]],
        },
        {
            "step": 1,
            "at_ns": 412_345_678,
            "do": "head",
            "http": "1.1",
            "status": 200,
            "reason": "OK",
            "framing": "chunked",
            "headers": [["content-type", "text/event-stream"]],
        },
        {"step": 2, "at_ns": 430_345_999, "do": "send", "chunk": 0, "text": "data: one\n\n"},
        {"step": 3, "at_ns": 1_430_345_999, "do": "send", "chunk": 1, "text": "data: 你好\n\n"},
        {"step": 4, "at_ns": 1_430_345_999, "do": "send", "chunk": 2, "b64": "/wA="},
        {"step": 5, "at_ns": 1_430_345_999, "do": "raw", "chunk": 3, "text": "5\r\nab"},
        {"step": 6, "at_ns": 2_000_000_000, "do": "end", "trailers": [["x-sum", "7"]]},
    ]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (Hang(5), {"do": "hang", "for_ns": 5}),
        (Hang(), {"do": "hang", "for_ns": None}),
        (Fin(), {"do": "fin"}),
        (Reset(), {"do": "reset"}),
        (Refuse(), {"do": "refuse"}),
        (Ignore(), {"do": "ignore"}),
    ],
)
def test_as_data_knows_every_deed(action: Action, fields: dict[str, object]) -> None:
    """What ends a timeline is data too."""
    assert as_data(timeline((0, action))) == [{"step": 0, "at_ns": 0, **fields}]
