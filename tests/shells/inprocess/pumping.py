"""Pumps, raw connections to them, and four clients that block, each asking several times for the same stream."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeAlias

import httpx
import requests
import urllib3

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.time_functions import patched
from streamsim.shells.inprocess.sockets import Pump
from tests.shells.inprocess.asking import engine
from tests.shells.raw import request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from streamsim.engine.core import Engine

    # What came of each answer, in an iterator for each.
    Answers: TypeAlias = Generator[Iterator[bytes], None, None]

ADDRESS = ("192.0.2.7", 80)
BASE = "http://192.0.2.7"
PATH = "/v1/chat/completions"
BODY = b'{"stream":true}'


@contextmanager
def pumped(served: Engine | None = None) -> Iterator[VirtualClock]:
    """Serve at ADDRESS, in patched time."""
    clock = VirtualClock()
    with patched(clock), Pump(served or engine(), clock, ADDRESS):
        yield clock


@contextmanager
def connected(clock: VirtualClock, timeout: float | None = None, *, asked: bool = True) -> Iterator[socket.socket]:
    """Yield a raw connection, by default with a request sent."""
    assert clock is not None
    with socket.create_connection(ADDRESS, timeout=timeout) as sock:
        if asked:
            sock.sendall(request())
        yield sock


def by_requests(times: int, timeout: float | None = 60) -> Answers:
    with requests.Session() as session:
        for _ in range(times):
            with session.post(BASE + PATH, data=BODY, stream=True, timeout=timeout) as response:
                yield response.iter_lines(chunk_size=1)


def by_urllib3(times: int, timeout: float | None = 60) -> Answers:
    with urllib3.PoolManager() as pool:
        for _ in range(times):
            limit = urllib3.Timeout(timeout)
            response = pool.request("POST", BASE + PATH, body=BODY, preload_content=False, timeout=limit, retries=False)
            yield (part.rstrip(b"\n") for part in response.stream())
            response.release_conn()


def by_http_client(times: int, timeout: float | None = 60) -> Answers:
    with closing(http.client.HTTPConnection("192.0.2.7", timeout=timeout)) as connection:
        for _ in range(times):
            connection.request("POST", PATH, BODY)
            yield iter(connection.getresponse().read1, b"")


def by_httpx(times: int, timeout: float | None = 60) -> Answers:
    with httpx.Client() as client:
        for _ in range(times):
            with client.stream("POST", BASE + PATH, content=BODY, timeout=timeout) as response:
                yield (line.encode() for line in response.iter_lines())


def read(answers: Answers, note: Callable[[], int] = int) -> list[list[int]]:
    """Return what ``note`` said at each event of each answer."""
    with closing(answers):
        return [[note() for line in answer if line] for answer in answers]


CLIENTS = (by_requests, by_urllib3, by_http_client, by_httpx)
