from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import TYPE_CHECKING

from streamsim.engine.contents import Contents
from streamsim.engine.received import Compared, compared
from streamsim.engine.side_by_side import Row
from streamsim.sse import Event
from tests.builders import EVENT_STREAM, chat
from tests.engine.answers import script

if TYPE_CHECKING:
    from streamsim.engine.received import Received
    from streamsim.wire import Headers

NAMED = (b"event: ping\nid: 7\ndata: one\n\n", b"data: two\n\n")


def both(received: Received, *chunks: bytes, headers: Headers = EVENT_STREAM, steps: int = 99) -> Compared | None:
    return compared(Contents(script(chunks, headers=headers).wires), steps, lambda step: 10 * step, received)


def sides(found: Compared | None) -> tuple[str, list[Row], list[Row]]:
    assert found is not None
    return found.noun, list(found.delivered), list(found.received)


def test_equal_bytes_and_text_are_not_looked_at_closer() -> None:
    """A body and a text that are what was delivered need no rows."""
    assert both(b"data: a\n\ndata: b\n\n", b"data: a\n\n", b"data: b\n\n") is None
    assert both(bytearray(b"data: a\n\n"), b"data: a\n\n") is None
    assert both("ab", *chat("a", "b")) is None


def test_bytes_are_shown_frame_by_frame() -> None:
    """Frames of both bodies, unfinished ones too, those delivered with the time of the chunk that completed them."""
    assert sides(both(b"data: a\n\nda", b"data: a\n", b"\ndata: b\n\nx")) == (
        "frame",
        [
            Row(b"data: a\n\n", 20, "data: a\n\n"),
            Row(b"data: b\n\n", 20, "data: b\n\n"),
            Row(b"x", 20, "x"),
        ],
        [Row(b"data: a\n\n", None, "data: a\n\n"), Row(b"da", None, "da")],
    )


def test_other_bodies_are_shown_line_by_line() -> None:
    """A body that is no event stream is compared by lines; what is no UTF-8 is escaped."""
    kind = (("content-type", "application/json"),)
    assert sides(both(b"{\n\xff", b"{\n}", headers=kind)) == (
        "line",
        [Row(b"{\n", 10, "{\n"), Row(b"}", 10, "}")],
        [Row(b"{\n", None, "{\n"), Row(b"\xff", None, "\\xff")],
    )


def test_a_compressed_body_may_come_decoded() -> None:
    """Of a compressed body the client may hand on the bytes themselves, or what they mean."""
    squeezed = gzip.compress(b"data: a\n\n", mtime=0)
    headers = (*EVENT_STREAM, ("content-encoding", "gzip"))
    assert both(squeezed, squeezed, headers=headers) is None
    assert both(b"data: a\n\n", squeezed, headers=headers) is None
    assert sides(both(b"data: b\n\n", squeezed, headers=headers))[1] == [Row(b"data: a\n\n", 10, "data: a\n\n")]


def test_text_is_shown_delta_by_delta() -> None:
    """The client's text is cut like the deltas, up to the first that it does not repeat."""
    assert sides(both("abX", *chat("a", "b", "c"))) == (
        "delta",
        [Row("a", 20, "a"), Row("b", 30, "b"), Row("c", 40, "c")],
        [Row("a", None, "a"), Row("b", None, "b"), Row("X", None, "X")],
    )
    assert sides(both("a", *chat("a", "b")))[2] == [Row("a", None, "a")]
    assert sides(both("aba", *chat("a", "b")))[2] == [Row("a", None, "a"), Row("b", None, "b"), Row("a", None, "a")]


def test_events_are_compared_by_what_the_client_tells() -> None:
    """Of bare data only data is compared; type and id where all events of the client have them."""
    assert sides(both(["one"], *NAMED)) == (
        "event",
        [Row(("one",), 10, "one"), Row(("two",), 20, "two")],
        [Row(("one",), None, "one")],
    )
    assert sides(both([Event("one", "ping", "7"), Event("two", id="7")], *NAMED))[1:] == (
        [Row(("one", "ping", "7"), 10, "[ping #7] one"), Row(("two", "message", "7"), 20, "[#7] two")],
        [Row(("one", "ping", "7"), None, "[ping #7] one"), Row(("two", "message", "7"), None, "[#7] two")],
    )
    assert sides(both([Event("one", "ping", "7"), "two"], *NAMED))[2] == [
        Row(("one",), None, "one"),
        Row(("two",), None, "two"),
    ]


def test_events_of_other_clients() -> None:
    """Other clients call the type ``event``, and a missing one None or nothing."""
    seen = [SimpleNamespace(data="one", event="ping"), SimpleNamespace(data="two", event="", id=None)]
    assert sides(both(seen, *NAMED))[2] == [
        Row(("one", "ping"), None, "[ping] one"),
        Row(("two", "message"), None, "two"),
    ]
    assert sides(both([SimpleNamespace(data="one", event=None)], *NAMED))[2] == [Row(("one",), None, "one")]


def test_no_events_are_compared_by_their_data() -> None:
    """A client that saw nothing is shown what it missed."""
    assert sides(both([], *NAMED)) == ("event", [Row(("one",), 10, "one"), Row(("two",), 20, "two")], [])


def test_only_what_was_delivered_counts() -> None:
    """Steps that never arrived are not held against the client."""
    assert sides(both([], *NAMED, steps=2))[1] == [Row(("one",), 10, "one")]
    assert both(b"", *NAMED, steps=1) is None
