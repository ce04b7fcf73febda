from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects.aws_frames import frame
from streamsim.dialects.units import Kind, cutter, frames, kind_of, streams, units
from streamsim.sse import EventTooLarge

LINES = b'{"a":1}\n\n{"a":"\xe2\x98\x83"}\r\n{"a":3'
ARRAY = b'[{"a":"]},{\\""},\r\n{"b":[{}]}\n,\n{"c":1}\n]\n'
AWS = frame([(":event-type", "chunk")], b'{"a":1}') + frame([(":event-type", "end")], b"{}")
SSE = b'data: {"a":1}\n\n: c\n\nevent: x\ndata: 2\n\ndata: 3'
BODIES: list[tuple[Kind, bytes, list[tuple[str, str]]]] = [
    ("lines", LINES, [("message", '{"a":1}'), ("message", '{"a":"☃"}')]),
    ("array", ARRAY, [("message", '{"a":"]},{\\""}'), ("message", '{"b":[{}]}'), ("message", '{"c":1}')]),
    ("aws", AWS, [("chunk", '{"a":1}'), ("end", "{}")]),
    ("sse", SSE, [("message", '{"a":1}'), ("x", "2")]),
    ("array", b'{"a":[{}]}', []),
    ("array", b" []", []),
    ("array", b"", []),
]


@pytest.mark.parametrize(("kind", "body", "events"), BODIES)
def test_a_body_has_the_events_that_it_has(kind: Kind, body: bytes, events: list[tuple[str, str]]) -> None:
    """Whole or byte by byte, finished units are events and an unfinished one is none."""
    whole, pieces = units(kind), units(kind)
    assert [(event.type, event.data) for event in whole.feed(body)] == events
    cut = [event for byte in body for event in pieces.feed(bytes((byte,)))]
    assert [(event.type, event.data) for event in cut] == events


@pytest.mark.parametrize(("kind", "body", "events"), BODIES)
def test_frames_are_the_body(kind: Kind, body: bytes, events: list[tuple[str, str]]) -> None:
    """Put together they are the body, unless it is no stream, and they dispatch its events."""
    found = list(frames(kind, body))
    assert b"".join(piece for piece, _ in found) == (b"" if body.startswith(b"{") and kind == "array" else body)
    assert sum(count for _, count in found) == len(events)


@given(st.sampled_from([item for item in BODIES if item[0] in ("lines", "array")]), st.data())
def test_any_cutting_gives_the_same_frames(item: tuple[Kind, bytes, object], data: st.DataObject) -> None:
    """Where the bytes were cut makes no difference."""
    kind, body, _ = item
    places = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    whole, pieces = cutter(kind), cutter(kind)
    cut = [
        frame
        for start, stop in zip([0, *places], [*places, len(body)], strict=True)
        for frame in pieces.feed(body[start:stop])
    ]
    assert cut == list(whole.feed(body))
    assert pieces.close() == whole.close()


@pytest.mark.parametrize(
    ("kind", "fine", "large"), [("lines", b"{}\n", b"{" + b" " * 40), ("array", b"[{}", b',{"' + b"x" * 40)]
)
def test_what_is_too_large_is_told_after_what_came_before(kind: Kind, fine: bytes, large: bytes) -> None:
    """The events before it are given first; then, and from then on, reading fails."""
    for chunks in ([fine + large], [fine, large]):
        reader = units(kind, 30)
        assert [event.data for event in reader.feed(chunks[0])] == ["{}"]
        for _ in range(2):
            with pytest.raises(EventTooLarge):
                reader.feed(chunks[-1])


@pytest.mark.parametrize(
    ("content_type", "kind", "stream"),
    [
        ("text/event-stream; charset=utf-8", "sse", True),
        ("application/x-ndjson", "lines", True),
        ("Application/JSON", "array", False),
        ("application/vnd.amazon.eventstream", "aws", True),
        ("text/plain", None, False),
        ("", None, False),
    ],
)
def test_the_content_type_tells_the_kind(content_type: str, kind: Kind | None, stream: bool) -> None:  # noqa: FBT001
    """Case and parameters do not matter; JSON may be one object, so it alone says nothing."""
    headers = (("Content-Type", content_type),)
    assert (kind_of(headers), streams(headers)) == (kind, stream)
