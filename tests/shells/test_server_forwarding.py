"""Requests that no recording answers, given to somebody else: asked for once, whoever waits or leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.plan.planner import Planner
from tests.builders import HELLO, exchange, recording
from tests.shells.raw import Client, request
from tests.shells.serving import INSTANT, engine, serving, stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.requests import Request


class Upstream:
    """Answers forwarded requests when told to."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.left = 0
        self.done: list[Callable[[bool], None]] = []

    def __call__(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        self.asked.append(request)
        self.client = client
        self.done.append(done)
        return self.leave

    def leave(self) -> None:
        self.left += 1
        self.done.pop(0)(False)  # noqa: FBT003 - the connection does not live on

    def answer(self, data: bytes, *, lives: bool) -> None:
        self.client.write(data)
        self.done.pop(0)(lives)


class Lingering(Upstream):
    """Is done only when the loop has come round many times after the client left."""

    def leave(self) -> None:
        self.left += 1
        self._linger(100)

    def _linger(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._linger, turns - 1)
        else:
            self.done.pop(0)(False)  # noqa: FBT003 - as above


def forwarding() -> Engine:
    return engine(recording(stream()), settings=Settings(profile=INSTANT, forward=True, headers=False))


NEW = request("/new", method="GET")
GIVEN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfresh"


def test_missing_is_asked_for_once() -> None:
    """Of two clients that ask the same unknown thing one is forwarded; the other waits and gets what was recorded."""
    served, upstream = forwarding(), Upstream()
    headers = (("Content-Length", "5"),)
    new = exchange(method="GET", target="/new", body=b"", framing="content-length", headers=headers, chunks=[b"fresh"], gaps_us=0)  # fmt: skip  # noqa: E501
    with (
        serving(served, forward=upstream) as server,
        Client(server.port) as first,
        Client(server.port) as second,
        Client(server.port) as third,
    ):
        first.send(NEW + request())
        assert server.eventually(lambda: len(upstream.asked) == 1)
        second.send(NEW)
        assert server.eventually(lambda: any(one.waiting for one in server.server.sessions))
        server.call(lambda: served.add(Planner(recording(new))))
        server.call(lambda: upstream.answer(GIVEN, lives=True))
        assert first.answer().body == b"fresh"
        assert first.answer().chunks == list(HELLO)
        assert second.answer().body == b"fresh"
        assert third.ask(NEW).body == b"fresh"
        assert len(upstream.asked) == 1


def test_upstream_that_fails_is_asked_again() -> None:
    """When the upstream gave nothing, the next one who waits asks it."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as first, Client(server.port) as second:
        first.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        second.send(NEW)
        assert server.eventually(lambda: any(one.waiting for one in server.server.sessions))
        server.call(lambda: upstream.answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", lives=False))
        assert first.answer().status == 502
        assert (first.rest(), first.ended) == (b"", "eof")
        assert server.eventually(lambda: len(upstream.asked) == 2)
        server.call(lambda: upstream.answer(GIVEN, lives=True))
        assert second.answer().body == b"fresh"


@pytest.mark.parametrize("how", ["close", "stop"])
def test_client_that_leaves_during_a_forwarded_request(how: str) -> None:
    """Who leaves while the upstream answers is passed on, at once; so is a server that stops."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as client:
        client.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        if how == "close":
            client.sock.close()
            assert server.eventually(lambda: upstream.left == 1)
    assert upstream.left == 1


def test_a_server_that_stops_waits_for_the_end_of_what_is_forwarded() -> None:
    """Who answers in its place may look for the end of an answer though the client has left."""
    upstream = Lingering()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as client:
        client.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
    assert (upstream.left, upstream.done) == (1, [])


def test_forwarded_answer_to_a_client_that_closes() -> None:
    """A forwarded request to whom the connection may not live on is closed when all is delivered."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as client:
        client.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        server.call(lambda: upstream.answer(GIVEN[:-2], lives=False))
        answer = client.answer()
    assert (answer.cut, answer.ended) == (b"fre", "eof")
