from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects import Reading, StreamReader, is_event_stream, read
from streamsim.dialects import reading as reading_module
from streamsim.dialects.reading import read_chunks
from streamsim.dialects.units import units
from tests.builders import EVENT_STREAM, chat, exchange, sse

ANTHROPIC = [
    b'event: ping\ndata: {"type":"ping"}\n\n',
    b'event: message_start\ndata: {"type":"message_start","message":{"content":[]}}\n\n',
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Hi"}}\n\n',
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
]
FILTERED = sse('{"object":"","choices":[],"prompt":[{"prompt_index":0}]}')


def test_a_reading_says_which_chunk_completes_which_event() -> None:
    """Each event stands with the chunk that holds its last byte, its content, and whether it ends the answer."""
    told = read(exchange(chunks=chat("Hi", "you", usage=True)))
    assert told.dialect == "openai-chat"
    assert [(item.chunk, item.content) for item in told.landed] == [
        (0, ""),
        (1, "Hi"),
        (2, "you"),
        (3, ""),
        (4, ""),
        (5, ""),
    ]
    assert told.content_chunks == (1, 2)
    assert [item.terminal for item in told.landed] == [False] * 5 + [True]
    assert told.terminal


def test_a_stream_that_stops_early_has_no_terminal_event() -> None:
    """Without its last event an answer is not finished."""
    assert not read(exchange(chunks=chat("Hi")[:-1])).terminal


def test_comments_are_no_events() -> None:
    """A keep-alive is in no reading, but its chunk is counted."""
    told = read(exchange(chunks=[b": ping\n\n", *sse("x")]))
    assert [(item.chunk, item.event.data) for item in told.landed] == [(1, "x")]


def test_several_events_may_land_in_one_chunk() -> None:
    """A chunk with many contents is one content chunk."""
    told = read(exchange(chunks=[b"".join(chat("a", "b")), *sse("[DONE]")]))
    assert [item.chunk for item in told.landed] == [0, 0, 0, 0, 0, 1]
    assert told.content_chunks == (0,)


@given(st.data())
def test_how_a_stream_is_cut_changes_only_where_events_land(data: st.DataObject) -> None:
    """Any cutting gives the same dialect, events and contents."""
    whole = b"".join(chat("Hi", "☃", usage=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    chunks = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    told, plain = read_chunks(EVENT_STREAM, chunks), read_chunks(EVENT_STREAM, [whole])
    assert (told.dialect, told.terminal) == (plain.dialect, plain.terminal)
    assert [(item.event, item.content) for item in told.landed] == [(item.event, item.content) for item in plain.landed]


@pytest.mark.parametrize(
    ("chunks", "dialect"),
    [
        (chat("Hi"), "openai-chat"),
        (FILTERED + chat("Hi"), "openai-chat"),
        (ANTHROPIC, "anthropic"),
        (sse('{"type":"response.created"}'), "openai-responses"),
        (sse("{}", event="response.created"), "openai-responses"),
        (sse('{"object":"text_completion","choices":[{"text":"a"}]}', "[DONE]"), "openai-completions"),
        (sse("hello", "[DONE]"), "generic"),
        (sse('{"broken', "[DONE]"), "generic"),
        (sse('{"error":{"message":"no"}}'), "generic"),
        ([], "generic"),
    ],
)
def test_the_dialect_is_that_of_the_first_event_that_one_owns(chunks: list[bytes], dialect: str) -> None:
    """What only one provider says tells the dialect; all else is generic."""
    assert read_chunks(EVENT_STREAM, chunks).dialect == dialect


@pytest.mark.parametrize(("chunks", "first"), [(FILTERED + chat("Hi"), 2), (ANTHROPIC, 2)])
def test_what_came_before_the_dialect_showed_is_judged_by_it_too(chunks: list[bytes], first: int) -> None:
    """An event without content that comes first is no content, though nothing showed its dialect yet."""
    assert read_chunks(EVENT_STREAM, chunks).content_chunks[0] == first


def test_a_live_reader_knows_only_what_it_has_seen() -> None:
    """As a stream comes, its events are generic until one shows the dialect."""
    reader = StreamReader(EVENT_STREAM)
    assert (reader.dialect.name, reader.unclaimed, reader.chunks, reader.terminal) == ("generic", 0, 0, False)
    assert [item.content for item in reader.feed(FILTERED[0])] != [""]
    assert (reader.dialect.name, reader.unclaimed) == ("generic", 1)
    for frame in chat("Hi"):
        reader.feed(frame)
    assert (reader.dialect.name, reader.unclaimed, reader.chunks, reader.terminal) == ("openai-chat", 1, 5, True)


def test_a_compressed_stream_is_read_as_what_it_holds() -> None:
    """A gzipped body has the events of its text, landing where their bytes come out."""
    engine = zlib.compressobj(wbits=31)
    chunks = [engine.compress(frame) + engine.flush(zlib.Z_SYNC_FLUSH) for frame in chat("Hi")]
    told = read_chunks((*EVENT_STREAM, ("content-encoding", "gzip")), chunks)
    assert (told.dialect, told.content_chunks, told.terminal) == ("openai-chat", (1,), True)


def test_an_exchange_without_response_has_no_events() -> None:
    """Where nothing was answered nothing is read."""
    assert read(exchange(status=0, chunks=(), end="reset")) == Reading("generic", ())


def test_a_body_that_is_no_event_stream_has_no_events() -> None:
    """JSON is not read as SSE, whatever it looks like."""
    told = read(exchange(chunks=chat("Hi"), headers=(("content-type", "application/json"),)))
    assert told == Reading("generic", ())


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/event-stream ;x", True),
        ("text/event-streams", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_the_content_type_tells(value: str, is_one: bool) -> None:  # noqa: FBT001 - a table
    """Case and parameters do not matter."""
    assert is_event_stream((("Content-Type", value),)) is is_one


def test_an_event_too_large_to_hold_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before it was read; what comes after is not looked at."""
    monkeypatch.setattr(reading_module, "units", lambda kind: units(kind, 40))
    told = read_chunks(EVENT_STREAM, [*sse("a"), b"data: " + b"x" * 80, b"\n\n", *sse("b")])
    assert [item.event.data for item in told.landed] == ["a"]


@pytest.mark.parametrize(
    ("host", "upstream", "dialect"),
    [
        ("example.test", "", "openai-chat"),
        ("API.perplexity.ai:443", "", "perplexity"),
        ("127.0.0.1:8081", "https://API.perplexity.ai:443", "perplexity"),
        ("127.0.0.1:8081", "https://api.perplexity.ai/base", "perplexity"),
        ("api.perplexity.ai", "https://other.test", "openai-chat"),
    ],
)
def test_the_provider_is_whom_the_recorder_asked(host: str, upstream: str, dialect: str) -> None:
    """A variation that only its host tells is known by the recording's upstream, or else by the request's host."""
    told = exchange(chunks=chat("a"), request_headers=(("Host", host),))
    assert read(told, upstream).dialect == dialect


def test_counted_events_are_heard_when_it_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was only counted still tells the dialect, and whether the stream is over; so much of it is held at most."""
    role, word, finish, done = chat("a")
    reader = StreamReader(EVENT_STREAM)
    assert [reader.count(data) for data in (role[:9], role[9:] + word, done)] == [0, 2, 1]
    assert reader.dialect.name == "generic"
    assert reader.terminal
    assert (reader.dialect.name, reader.chunks) == ("openai-chat", 3)
    monkeypatch.setattr(reading_module, "_UNHEARD", 0)
    reader = StreamReader(EVENT_STREAM)
    reader.count(role)
    assert reader.dialect.name == "openai-chat"
    assert [item.content for item in reader.feed(word + finish)] == ["a", ""]
    reader.count(done)
    assert reader.terminal


def test_chunks_can_be_counted_and_then_read() -> None:
    """What was only counted has told its dialect and its end by the time that the next chunk is read."""
    reader = StreamReader(EVENT_STREAM)
    *first, last = chat("Hi")
    assert sum(map(reader.count, first)) == len(first)
    (item,) = reader.feed(last)
    assert (item.chunk, reader.dialect.name, item.terminal, reader.terminal) == (len(first), "openai-chat", True, True)
