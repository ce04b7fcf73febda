"""However an exchange ends, and whoever ends it: client and upstream see it, and the recording says it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from streamsim.shells.recorder.relay import BACKLOG
from tests.shells.recorders import Recorder
from tests.shells.upstreams import (
    ASK,
    CHUNKED,
    DONE,
    FIN,
    GONE,
    LAST,
    RST,
    Upstream,
    Word,
    chunk,
    read_exactly,
    read_rest,
    read_until,
)

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange
    from tests.shells.upstreams import Script

FIRST = chunk(b"data: one\n\n")
ASKED = b"POST /v1/chat?a=1 HTTP/1.1\r\nHost: us\r\nX-a: 1\r\nx-A: 2\r\nContent-Length: 2\r\n\r\n{}"


def cause(exchange: Exchange) -> str:
    assert exchange.end is not None
    return exchange.end.cause


@pytest.mark.parametrize(("close", "seen", "told"), [(FIN, "fin", "fin"), (RST, "rst", "reset")])
def test_an_answer_that_is_cut_off_is_cut_off_for_the_client(close: Word, seen: str, told: str) -> None:
    """By a FIN without the final chunk, or an RST; the half chunk is in the client's hands and in the recording."""
    read = threading.Event()
    half = CHUNKED + FIRST + b"b\r\ndata"
    with Upstream([ASK, half, read, close]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_exactly(client, len(half)) == half
        read.set()
        assert read_rest(client) == (b"", seen)
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == told
    last = exchange.chunks[-1]
    assert (last.data, last.cut, last.of) == (b"data", True, 11)


def test_a_body_that_lasts_until_the_connection_closes_is_complete_by_it() -> None:
    """There is no other sign of its end, for the client neither."""
    raw = b"HTTP/1.0 200 OK\r\n\r\ndata: a\n\n"
    with Upstream([ASK, raw, FIN]) as upstream, Recorder(upstream.url) as recorder:
        assert read_rest(recorder.ask()) == (raw, "fin")
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == "complete"


def test_what_is_no_http_passes_and_is_kept() -> None:
    """The client may make of it what it can."""
    with Upstream([ASK, b"SSH-2.0-x\r\n", FIN]) as upstream, Recorder(upstream.url) as recorder:
        assert read_rest(recorder.ask()) == (b"SSH-2.0-x\r\n", "fin")
        (exchange,) = recorder.memory.ended()
    assert exchange.end is not None
    assert (exchange.end.cause, exchange.end.data) == ("protocol_error", b"SSH-2.0-x\r\n")


def test_a_client_that_leaves_is_passed_on() -> None:
    """The upstream's connection closes too, and the recording says who left."""
    with Upstream([ASK, CHUNKED + FIRST, GONE]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_until(client, FIRST)
        client.close()
        (exchange,) = recorder.memory.ended()
        upstream.played()
    assert (cause(exchange), exchange.body) == ("cancelled", b"data: one\n\n")


def test_a_client_that_leaves_after_the_last_event_is_waited_for() -> None:
    """The OpenAI SDK leaves at ``[DONE]``; what the upstream still sends shows that nothing was cut short."""
    left = threading.Event()
    with Upstream([ASK, CHUNKED + DONE, left, LAST]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_until(client, DONE)
        client.close()
        (gone,) = recorder.proxy.clients
        recorder.until(lambda: gone._transport is None)
        assert recorder.session.open == 1
        left.set()
        (exchange,) = recorder.memory.ended()
        upstream.played()
    assert (cause(exchange), exchange.body) == ("complete", b"data: [DONE]\n\n")


@pytest.mark.parametrize("leaves", [True, False], ids=["left", "connected"])
def test_stopping_waits_for_the_end_of_what_had_its_last_event(*, leaves: bool) -> None:
    """Who stops the recorder as soon as the client has it all finds an exchange that is complete."""
    stopping = threading.Event()
    with Upstream([ASK, CHUNKED + DONE, stopping, LAST]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_until(client, DONE)
        if leaves:
            client.close()
            (gone,) = recorder.proxy.clients
            recorder.until(lambda: gone._transport is None)
        stop = threading.Thread(target=recorder.stop)
        stop.start()
        recorder.until(lambda: recorder.proxy._server is not None and not recorder.proxy._server.is_serving())
        stopping.set()
        stop.join()
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == "complete"


def test_stopping_waits_for_no_end_for_ever() -> None:
    """An upstream that does not end after its last event is hung up on, and the exchange has an end."""
    with Upstream([ASK, CHUNKED + DONE, GONE]) as upstream, Recorder(upstream.url, terminal_s=0) as recorder:
        read_until(recorder.ask(), DONE)
        recorder.stop()
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == "cancelled"


def test_a_client_that_left_is_not_waited_for_for_ever() -> None:
    """An upstream that does not end after its last event is hung up on."""
    with Upstream([ASK, CHUNKED + DONE, GONE]) as upstream, Recorder(upstream.url, terminal_s=0) as recorder:
        client = recorder.ask()
        read_until(client, DONE)
        client.close()
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == "cancelled"


def test_silence_ends_an_exchange() -> None:
    """The client is told if it has nothing yet, and cut off if it has; the recording says timeout."""
    with Upstream([ASK, GONE]) as upstream, Recorder(upstream.url, silence_s=0.05) as recorder:
        answer, how = read_rest(recorder.ask())
        assert answer.startswith(b"HTTP/1.1 504 Gateway Timeout\r\n")
        assert b"the upstream was silent for 0.05 s" in answer
        assert how == "fin"
        (exchange,) = recorder.memory.ended()
    assert (cause(exchange), exchange.response) == ("timeout", None)
    with Upstream([ASK, CHUNKED + FIRST, GONE]) as upstream, Recorder(upstream.url, silence_s=0.05) as recorder:
        assert read_rest(recorder.ask()) == (CHUNKED + FIRST, "fin")
        (exchange,) = recorder.memory.ended()
    assert (cause(exchange), exchange.body) == ("timeout", b"data: one\n\n")


def test_an_upstream_that_cannot_be_reached_is_answered_for() -> None:
    """The client has a 502 that says so, and the recording has the request."""
    with Upstream([]) as upstream:
        url = upstream.url
    with Recorder(url) as recorder:
        answer, how = read_rest(recorder.ask(ASKED))
        (exchange,) = recorder.memory.ended()
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert f'"message": "{url}: no connection: Connection refused; is it up?"'.encode() in answer
    assert how == "fin"
    assert (cause(exchange), exchange.response, exchange.request.data) == ("unreachable", None, b"{}")


def test_a_slow_client_slows_the_upstream_down() -> None:
    """Little waits in memory, the wait counts as nobody's silence, and all bytes arrive."""
    pieces = [chunk(bytes([number]) * 65536) for number in range(256)]
    script: Script = [ASK, CHUNKED, *pieces, LAST]
    with Upstream(script) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        recorder.until(lambda: bool(recorder.proxy.clients))
        (one,) = recorder.proxy.clients
        recorder.until(lambda: one._passage is not None and one._passage._paused)
        assert one._passage is not None
        one._passage._heard_us = -(10**12)
        recorder._loop.call_soon_threadsafe(one._passage._silent)
        assert one._transport is not None
        assert BACKLOG < one._transport.get_write_buffer_size() < 2 * BACKLOG
        assert read_exactly(client, len(CHUNKED)) == CHUNKED
        for piece in pieces:
            assert read_exactly(client, len(piece)) == piece
        assert read_exactly(client, len(LAST)) == LAST
        (exchange,) = recorder.memory.ended()
    assert cause(exchange) == "complete"
    assert len(exchange.body) == 256 * 65536


def test_a_client_that_leaves_while_it_is_waited_for_sets_the_upstream_free() -> None:
    """Nothing stays open for somebody who is not there."""
    script: Script = [ASK, CHUNKED, *[chunk(b"x" * 65536)] * 256, LAST]
    with Upstream(script) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        recorder.until(lambda: bool(recorder.proxy.clients))
        (one,) = recorder.proxy.clients
        recorder.until(lambda: one._passage is not None and one._passage._paused)
        client.close()
        (exchange,) = recorder.memory.ended()
        upstream.played()
    assert cause(exchange) == "cancelled"


def test_stopping_records_what_is_open_as_cancelled() -> None:
    """Nothing that was begun is left without its end."""
    with Upstream([ASK, CHUNKED + FIRST, GONE]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_until(client, FIRST)
        recorder.client()
        recorder.until(lambda: len(recorder.proxy.clients) == 2)
        recorder.stop()
        (exchange,) = recorder.memory.ended()
        assert read_rest(client)[0] == b""
    assert cause(exchange) == "cancelled"
