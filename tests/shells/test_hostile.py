"""A thousand malformed or hostile clients leave the server serving, and its memory flat."""

from __future__ import annotations

import gc
import socket
import struct
import tracemalloc
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.repeats import ROOM
from streamsim.rng import Rng
from streamsim.shells.server import session
from tests.builders import exchange, recording
from tests.shells.raw import Client, ask, request
from tests.shells.serving import engine, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.shells.serving import Running

CHUNKED = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
CHUNKS = [b"data: %d\n\n" % number for number in range(50)]
POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
SENT_CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HELLO_TLS = bytes.fromhex("16030100a5010000a10303") + bytes(range(160))
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


class Dice:
    """Draws one after the other, the same in every run."""

    def __init__(self, purpose: str) -> None:
        self._rng = Rng(0, purpose)
        self._nth = 0

    def below(self, bound: int) -> int:
        self._nth += 1
        return self._rng.below(self._nth, bound)


def noise(rng: Dice, most: int) -> bytes:
    return bytes(rng.below(256) for _ in range(1 + rng.below(most)))


def mangled(rng: Dice) -> bytes:
    """Return a good request with a few bytes changed, gone, or doubled."""
    data = bytearray(request())
    for _ in range(1 + rng.below(4)):
        at = rng.below(len(data))
        data[at : at + rng.below(2)] = noise(rng, 3)
    return bytes(data)


def lengths(rng: Dice) -> bytes:
    told = [b"-1", b"+5", b"5, 5", b"0x10", b"5 5", b"9" * 30, b"18446744073709551616", b"", b"5;", b"\xb2", b"1e3"]
    return POST + b"Content-Length: " + told[rng.below(len(told))] + b"\r\n\r\nhello"


def sizes(rng: Dice) -> bytes:
    told = [
        b"-5",
        b"g",
        b"",
        b"5 5",
        b"0x5",
        b"f" * 20,
        b"5\n",
        b"5;" + b"e" * 70_000,
        b"00000000000000000000005",
        b" 5",
    ]
    return SENT_CHUNKED + told[rng.below(len(told))] + b"\r\nhello\r\n0\r\n\r\n"


def nested(rng: Dice) -> bytes:
    """Return a request whose JSON is nested deeper than anybody reads, or whose names are long and many."""
    depth = 1000 + rng.below(30_000)
    return request(
        "/nowhere", body=[b"[" * depth + b"]" * depth, b'{"%b":[%b1]}' % (b"k" * depth, b"1," * depth)][rng.below(2)]
    )


RUDE: list[Callable[[Dice], bytes]] = [
    lambda rng: noise(rng, 2000),
    lambda rng: b"\0" * (1 + rng.below(5000)),
    mangled,
    mangled,
    mangled,
    lengths,
    sizes,
    nested,
    lambda rng: b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * (60_000 + rng.below(20_000)) + b"\r\n\r\n",
    lambda rng: POST + b"".join(b"X-%d: y\r\n" % number for number in range(5000 + rng.below(5000))),
    lambda _: POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    lambda _: POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    lambda _: POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    lambda _: POST.replace(b"\r\n", b"\n") + b"\n",
    lambda _: POST + b" folded: yes\r\n\r\n",
    lambda _: POST + b"Bad Name: x\r\n\r\n",
    lambda rng: noise(rng, 20).hex().encode() + b" / HTTP/1.1\r\n\r\n",
    lambda _: b"GET http://user:pw@[::1/ HTTP/1.1\r\n\r\n",
    lambda _: b"GET //evil/%00/../../etc/passwd?\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    lambda _: b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nTRACE / HTTP/1.1\r\n\r\nCONNECT a:1 HTTP/1.1\r\n\r\n",
    lambda _: b"GET / HTTP/9.9\r\n\r\n",
    lambda _: b"GET /\r\n\r\n",
    lambda _: HELLO_TLS,
    lambda _: PREFACE,
    lambda rng: (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n") * (1 + rng.below(900)),
    lambda rng: request(method="GET", body=b"") * (1 + rng.below(500)),
    lambda rng: request() * (1 + rng.below(100)),
    lambda rng: SENT_CHUNKED + b"1\r\nx\r\n" * rng.below(5000),
    lambda rng: SENT_CHUNKED + b"0\r\n" + b"T: t\r\n" * rng.below(40_000),
    lambda rng: request("/v1/chat/completions", f"x-streamsim-{noise(rng, 8).hex()}: 1", "x-streamsim-attempt: \xff"),
    lambda _: request("/v1/chat/completions", "Expect: 200-maybe", "Connection: close, keep-alive"),
    lambda rng: request(f"/{'a' * rng.below(60_000)}?" + "&".join(f"{n}=1" for n in range(rng.below(500)))),
    lambda rng: b"\r\n" * rng.below(50_000),
]


def drip(client: Client, data: bytes) -> None:
    for at in range(min(len(data), 200)):
        client.send(data[at : at + 1])


def half_close(client: Client, data: bytes) -> None:
    client.send(data)
    client.sock.shutdown(socket.SHUT_WR)
    client.rest()


def read_on(client: Client, data: bytes) -> None:
    client.send(data)
    client.more()


def vanish(client: Client, data: bytes) -> None:
    client.send(data)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


MANNERS: list[Callable[[Client, bytes], None]] = [
    lambda client, data: client.send(data),
    half_close,
    vanish,
    drip,
    read_on,
    lambda client, data: client.send(data[: len(data) // 2]),
    lambda _client, _data: None,
]


def attack(port: int, rng: Dice) -> None:
    """Be rude once; whatever the server does to the connection is its right."""
    data = RUDE[rng.below(len(RUDE))](rng)
    with Client(port, patience_s=0.02) as client:
        try:
            MANNERS[rng.below(len(MANNERS))](client, data)
        except (ConnectionError, TimeoutError):
            return


def serves(server: Running) -> None:
    answer = ask(server.port, request())
    assert (answer.status, answer.chunks, answer.ended) == (200, CHUNKS, "open")


@contextmanager
def traced() -> Iterator[None]:
    """Have memory counted, and stop even where the test fails: it would make every other test slow, and some fail."""
    tracemalloc.start(1)
    try:
        yield
    finally:
        tracemalloc.stop()


def held(server: Running) -> int:
    """Return how many bytes Python holds when all clients have gone."""
    assert server.eventually(lambda: not server.server.sessions)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.parametrize("clients", [300, pytest.param(1100, marks=pytest.mark.full)])
def test_thousand_hostile_requests(clients: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each fifty hostile clients a good one gets its exact bytes; after all, but for repeats, nothing is left."""
    monkeypatch.setattr(session, "LINGER_S", 0.1)
    with serving(engine(recording(exchange(headers=CHUNKED, chunks=CHUNKS)))) as server, traced():
        server.server.engine.on_trace = lambda _: None
        rng = Dice("hostile")
        before = 0
        for number in range(clients):
            attack(server.port, rng)
            if number % 50 == 49:
                serves(server)
            if number == 99:
                before = held(server)
        after = held(server)
        assert after - before < 1_500_000 + ROOM
        assert server.call(lambda: len(server.server.agenda)) < 1000


def test_ten_megabyte_header() -> None:
    """A header line of ten megabytes is refused long before its end, and the server serves on."""
    with serving(engine(recording(exchange(headers=CHUNKED, chunks=CHUNKS)))) as server:
        with Client(server.port) as client:
            client.send(b"GET / HTTP/1.1\r\nX: ")
            with traced():
                with suppress(ConnectionError):
                    for _ in range(160):
                        client.send(b"x" * 65536)
                assert client.answer().status in (0, 431)
                assert tracemalloc.get_traced_memory()[1] < 3_000_000
        serves(server)
