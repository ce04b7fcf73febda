"""Bodies of every form: what is cut off, what is broken, and where chunks end."""

from __future__ import annotations

import pytest

from streamsim.analysis.lint.bodies import look
from streamsim.analysis.lint.report import Hit, Place
from streamsim.dialects import aws_frames

LOST = "is cut off or broken: what it holds is lost"
FRAME = aws_frames.frame(((":event-type", "messageStart"),), b"{}")
BROKEN = FRAME[:-1] + bytes((FRAME[-1] ^ 1,))


def test_chunks_that_end_between_blocks_are_fine() -> None:
    """Several blocks a chunk, an empty one, an unfinished one at the end: none cuts a block."""
    chunks = [b"data: a\n\ndata: b\n\n", b"", b": c\n\n", b"data"]
    assert [hit.rule for hit in look("sse", b"".join(chunks), chunks).hits] == ["unfinished_frame"]


def test_chunks_that_cut_blocks_and_characters_are_told() -> None:
    """At the byte where the chunk ends, counted over the body."""
    chunks = [b"da", b"ta: \xc3", b"\xbc\n\n", b"data: b\n\n"]
    assert look("sse", b"".join(chunks), chunks).hits == (
        Hit("split_frame", "", Place(0, None, 2)),
        Hit("split_frame", "", Place(0, None, 7)),
        Hit("split_character", "", Place(0, None, 7)),
    )


@pytest.mark.parametrize(
    ("kind", "body", "found", "events"),
    [
        ("lines", b'{"a":1}\n\n{"b":2}\n', (), (Place(0, 1, 0), Place(1, 3, 9))),
        (
            "lines",
            b'{"a":1}\n{"b"',
            (Hit("unfinished_frame", f"a line {LOST} (4 bytes)", Place(1, 2, 8)),),
            (Place(0, 1, 0),),
        ),
        ("array", b'[{"a":1},\n{"b":2}]\n', (), (Place(0, None, 0), Place(1, None, 8))),
        (
            "array",
            b'[{"a":1},{"b',
            (Hit("unfinished_frame", f"an element {LOST} (4 bytes)", Place(1, None, 8)),),
            (Place(0, None, 0),),
        ),
        (
            "array",
            b'[{"a":1},\n',
            (Hit("unfinished_frame", "the array is not closed", Place(1, None, 10)),),
            (Place(0, None, 0),),
        ),
        ("aws", FRAME * 2, (), (Place(0, None, 0), Place(1, None, len(FRAME)))),
        (
            "aws",
            BROKEN + FRAME + FRAME[:9],
            (
                Hit("unfinished_frame", f"a frame {LOST} ({len(FRAME)} bytes)", Place(0, None, 0)),
                Hit("unfinished_frame", f"a frame {LOST} (9 bytes)", Place(1, None, 2 * len(FRAME))),
            ),
            (Place(0, None, len(FRAME)),),
        ),
    ],
)
def test_other_bodies_are_cut_into_their_events(
    kind: str, body: bytes, found: tuple[Hit, ...], events: tuple[Place, ...]
) -> None:
    """Each event at its byte; what no reader gets is told."""
    looked = look(kind, body)  # type: ignore[arg-type]
    assert (looked.hits, looked.events, looked.whole) == (found, events, not found)
