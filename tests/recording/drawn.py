"""Recordings as hypothesis draws them: every line lawful, no two files alike."""

from __future__ import annotations

from typing import TypedDict

from hypothesis import strategies as st

from streamsim.recording import codec
from streamsim.recording.model import Chunk, Ending, Header, Info, Line, Request, Response, as_text

latin_1 = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\0\r\n"), max_size=12)
tokens = st.text(st.sampled_from("!#$%&'*+-.^_`|~09azAZ"), min_size=1, max_size=8)
header_lists = st.lists(st.tuples(tokens, latin_1), max_size=4).map(tuple)
bodies = st.one_of(
    st.binary(max_size=40), st.text(max_size=20).map(str.encode), st.sampled_from([b"\xc2", b"\x85\xe2\x80\xa8", b"#"])
)
times = st.integers(0, 2**53 - 1)


class Stored(TypedDict):
    """Bytes as a line holds them."""

    text: str | None
    b64: bytes | None


def as_stored(data: bytes) -> Stored:
    text = as_text(data)
    return {"text": text, "b64": data if text is None else None}


stored = bodies.map(as_stored)


@st.composite
def requests(draw: st.DrawFn, number: int) -> Request:
    """Draw a request."""
    return Request(
        exchange=number,
        connection=draw(times),
        at_us=draw(times),
        method=draw(tokens),
        target=draw(latin_1),
        headers=draw(header_lists),
        **draw(stored),
    )


@st.composite
def responses(draw: st.DrawFn, number: int) -> list[Line]:
    """Draw a response and its chunks."""
    head = Response(
        exchange=number,
        dt_us=draw(times),
        status=draw(st.integers(200, 999)),
        reason=draw(latin_1),
        http=draw(st.sampled_from(["1.0", "1.1", "2"])),
        framing=draw(st.sampled_from(["chunked", "content-length", "close", "none", "h2"])),
        headers=draw(header_lists),
    )
    lines: list[Line] = [head]
    for _ in range(draw(st.integers(0, 4))):
        cut, of = draw(st.sampled_from([(False, None), (True, None), (True, 99)]))
        lines.append(Chunk(exchange=number, dt_us=draw(times), **draw(stored), cut=cut, of=of))
    return lines


@st.composite
def exchanges(draw: st.DrawFn, number: int) -> list[Line]:
    """Draw the lines of one lawful exchange."""
    lines: list[Line] = [draw(requests(number))]
    lines += [
        Info(exchange=number, dt_us=draw(times), status=draw(st.integers(100, 199)), headers=draw(header_lists))
        for _ in range(draw(st.integers(0, 2)))
    ]
    if draw(st.booleans()):
        lines += draw(responses(number))
    if draw(st.booleans()):
        cause = draw(st.sampled_from(["complete", "fin", "cancelled", "protocol_error", "h2_reset:8"]))
        trailers = draw(header_lists)
        lines.append(Ending(exchange=number, dt_us=draw(times), cause=cause, trailers=trailers, **draw(stored)))
    return lines


@st.composite
def files(draw: st.DrawFn) -> list[bytes]:
    """Draw the lines of a whole file: two exchanges interleaved, with comments, blanks and unknown lines between."""
    rows = [list(map(codec.write, draw(exchanges(number)))) for number in (1, 2)]
    strange = st.sampled_from(
        [b"# note\n", b"#\xff\n", b"\n", b" \t\n", b'{"kind":"marker", "x":[1, 2]}\n', b'{ "kind" : "\\u0078" }\n']
    )
    lines = [codec.write(Header(version=1))]
    while any(rows):
        row = rows[draw(st.integers(0, 1))] or rows[0] or rows[1]
        lines += [*draw(st.lists(strange, max_size=1)), row.pop(0)]
    return [*lines, *draw(st.lists(strange, max_size=2))]
