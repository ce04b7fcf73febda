from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects import read
from streamsim.dialects.outline import outline, outline_of
from streamsim.strategies.providers import provider_streams
from tests.builders import chat, exchange, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange


def same(one: Exchange) -> None:
    """Assert that the outline says what the reading says, whichever it is made of."""
    reading, told = read(one), outline(one)
    counts = [sum(item.chunk == nth for item in reading.landed) for nth in range(len(one.chunks))]
    assert told.dialect == reading.dialect
    assert list(told.content) == list(reading.content_chunks)
    assert list(told.events) == list(accumulate(counts))
    assert (told.landed, told.terminal, told.spoken) == (len(reading.landed), reading.terminal, reading.spoken)
    assert outline_of(reading, len(one.chunks)) == told


@given(provider_streams(), st.integers(1, 40))
def test_an_outline_says_what_a_reading_says(chunks: tuple[bytes, ...], size: int) -> None:
    """However the bytes of any provider's stream are cut."""
    body = b"".join(chunks)
    same(exchange(chunks=chunks))
    same(exchange(chunks=[body[start : start + size] for start in range(0, len(body), size)]))


def test_events_before_the_dialect_shows_are_told_in_it() -> None:
    """An event that nobody owns is no content where the dialect of the next ones does not say so."""
    one = exchange(chunks=[*sse("nobody's", '{"choices":[]}'), *chat("Hi")])
    assert list(outline(one).content) == [3]
    same(one)


def test_a_stream_that_nobody_owns_is_generic() -> None:
    """Also after as many events as are asked."""
    same(exchange(chunks=sse(*map(str, range(100)))))


def test_where_nothing_can_be_read_nothing_is_there() -> None:
    """No response, no stream, no chunk, an encoding that nobody knows: no event."""
    for one in (
        exchange(status=0, chunks=(), end="fin"),
        exchange(chunks=()),
        exchange(headers=(("content-type", "text/plain"),)),
        exchange(headers=(("content-type", "text/event-stream"), ("content-encoding", "br"))),
    ):
        assert outline(one).landed == 0
        same(one)
