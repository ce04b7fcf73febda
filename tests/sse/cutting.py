"""Every way to hand a stream over, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from streamsim.sse import FrameSplitter, Parser
from tests.sse.oracle import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def read(chunks: Iterable[bytes]) -> Outcome:
    """Feed a new parser and return all that it shows."""
    parser = Parser()
    events = [(event.data, event.type, event.id) for chunk in chunks for event in parser.feed(chunk)]
    parser.close()
    return Outcome(events, parser.last_event_id, parser.retry_ms)


def frames_of(chunks: Iterable[bytes]) -> list[bytes]:
    """Feed a new splitter and return its frames and its rest."""
    splitter = FrameSplitter()
    found = [frame for chunk in chunks for frame in splitter.feed(chunk)]
    rest = splitter.close()
    return [*found, rest] if rest else found


def bytewise(stream: bytes) -> list[bytes]:
    """One byte a chunk."""
    return [stream[i : i + 1] for i in range(len(stream))]


def every_cut(stream: bytes) -> Iterator[list[bytes]]:
    """The whole, every cut in two, byte by byte, and with empty chunks between."""
    yield [stream]
    for i in range(1, len(stream)):
        yield [stream[:i], stream[i:]]
    yield bytewise(stream)
    yield [piece for byte in bytewise(stream) for piece in (b"", byte)]


_PIECES = [
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n"),
    *(b"data", b"event", b"id", b"retry", b"Data", b"x"),
    *(b":", b": ", b" ", b":: ", b": ping\n\n"),
    *(
        b"data: a\n\n",
        b"data: b\n\n",
        b"event: t\ndata: c\n\n",
        b"event: \ndata: d\n\n",
        b"id: 7\ndata: e\n\n",
        b"id\n",
    ),
    *(b"data:f\r\n\r\n", b"data: g\r\r", b"retry: 12\n", b"retry: -1\n", b"id: \0\n"),
    *(b"\0", b"\t", b"0", b"9" * 20),
    *("\ufeff".encode(), "\u2028".encode(), "\u2029".encode(), "\u0085".encode(), b"\x0b\x0c\x1c"),
    *("é".encode(), "€".encode(), "🙂".encode(), "٣".encode()),
    *(b"\xff", b"\x80", b"\xe2", b"\xe2\x82", b"\xf0\x9f", b"\xed\xa0\x80", b"\xc0\xaf", b"\xef", b"\xef\xbb"),
]

streams = st.lists(st.sampled_from(_PIECES) | st.binary(max_size=3), max_size=30).map(b"".join)
"""Streams with much of what is hard in them."""


@st.composite
def cut_streams(draw: st.DrawFn) -> list[bytes]:
    """A stream cut anywhere, empty chunks included."""
    stream = draw(streams)
    places = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    return [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
