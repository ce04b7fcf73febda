"""Blocking clients over pumped sockets: whatever they ask, they get at its virtual nanosecond."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3
from urllib3.util.retry import Retry

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.engine.requests import Limits
from streamsim.errors import UsageError, VirtualDeadlock
from streamsim.plan.planner import Planner
from streamsim.shells.inprocess.sockets import Pump
from tests.builders import HELLO, exchange, recording, sse
from tests.shells.inprocess.asking import MS, STREAM, S, engine
from tests.shells.inprocess.pumping import (
    ADDRESS,
    BASE,
    BODY,
    CLIENTS,
    PATH,
    by_requests,
    by_urllib3,
    connected,
    pumped,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.shells.inprocess.pumping import Answers

CLIENT = pytest.mark.parametrize("client", CLIENTS)
EVENTS = 20


@CLIENT
def test_every_event_comes_at_its_nanosecond(client: Callable[[int], Answers]) -> None:
    """Twenty events of each of five requests, in twenty runs: all at the same virtual nanoseconds, the planned ones."""
    gaps = [1000 * step + 7 for step in range(EVENTS)]
    served = engine(of=exchange(chunks=sse(*map(str, range(EVENTS))), gaps_us=gaps, headers=STREAM))
    due = [100 * MS + 1000 * sum(gaps[: number + 1]) for number in range(EVENTS)]
    for _ in range(20):
        with pumped(served) as clock:
            seen = read(client(5), clock.now_ns)
        assert seen == [[number * due[-1] + at_ns for at_ns in due] for number in range(5)]


@CLIENT
def test_a_read_times_out_at_its_nanosecond(
    client: Callable[[int, float], Answers],
) -> None:
    """A stream that stalls after its second event ends with the client's own time-out, counted from there."""
    with pumped(engine("stall:at_event=2")) as clock, pytest.raises(Exception, match="timed out") as caught:
        read(client(1, 10.0))
    assert clock.now_ns() == 140 * MS + 10 * S
    assert type(caught.value).__name__ in {"ConnectionError", "ReadTimeoutError", "TimeoutError", "ReadTimeout"}


@CLIENT
def test_who_waits_for_ever_without_a_limit_is_told(
    client: Callable[[int, None], Answers],
) -> None:
    """Where the client has no time-out and the stream never goes on, that is an error, not a hang."""
    with pumped(engine("stall:at_event=2")), pytest.raises(VirtualDeadlock, match=r"waits for ever: at 0\.14 s"):
        read(client(1, None))


@CLIENT
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("reset_peer:at_event=2", "Connection reset by peer|Errno 104"),
        ("close_mid_chunked:at_event=2", "IncompleteRead|incomplete chunked read|Response ended prematurely"),
        ("bad_chunk_header:at_event=2", "IncompleteRead|InvalidChunkLength|illegal chunk header"),
        ("empty_reply", "Remote end closed connection|without sending a response|Server disconnected"),
    ],
)
def test_a_broken_stream_is_what_a_socket_gives(client: Callable[[int], Answers], fault: str, told: str) -> None:
    """The client raises what it raises for a real connection that ends like this."""
    with pumped(engine(fault)), pytest.raises(Exception, match=told):
        read(client(1))


def test_retries_wait_in_virtual_time() -> None:
    """urllib3 waits as long as ``retry-after`` says, twice, and then has its answer: seven virtual seconds each."""
    retry = Retry(total=5, status_forcelist=[429], allowed_methods=None)
    served = engine("http_error:status=429,retry_after=7,attempt=1-2")
    with pumped(served) as clock, urllib3.PoolManager(retries=retry) as pool:
        response = pool.request("POST", BASE + PATH, body=BODY)
        assert response.data == b"".join(HELLO)
        assert clock.now_ns() == 100 * MS + 7 * S + 100 * MS + 7 * S + 160 * MS
    starts = [trace.started_ns for trace in served.journal]
    assert starts == [0, 7 * S + 100 * MS, 14 * S + 200 * MS]


def test_requests_back_off_in_virtual_time() -> None:
    """The adapter of requests, with backoff, too: none, then two and four seconds."""
    adapter = requests.adapters.HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=1))
    served = engine("http_error:attempt=1-3", of=exchange(method="GET", body=b"", headers=STREAM))
    with pumped(served) as clock, requests.Session() as session:
        session.mount("http://", adapter)
        assert session.get(BASE + PATH).content == b"".join(HELLO)
        assert clock.now_ns() == 100 * MS + 100 * MS + 2 * S + 100 * MS + 4 * S + 160 * MS


def test_connections_are_kept_alive() -> None:
    """Five requests of one session take one connection, and raw sessions one each."""
    served = engine()
    with pumped(served):
        read(by_requests(5))
        read(by_urllib3(1))
    assert [trace.connection for trace in served.journal] == [1, 1, 1, 1, 1, 2]


def test_an_idle_connection_that_was_closed_is_not_used_again() -> None:
    """urllib3 sees that the server has closed it meanwhile, and makes another."""
    settings = Settings(limits=Limits(idle_ns=5 * S))
    served = Engine([Planner(recording(exchange(headers=STREAM)))], settings)
    with pumped(served) as clock, urllib3.PoolManager() as pool:
        for pause in (4, 6, 0):
            assert pool.request("POST", BASE + PATH, body=BODY, retries=False).status == 200
            clock.advance(pause)
    assert [trace.connection for trace in served.journal] == [1, 1, 2]


@pytest.mark.parametrize("fault", ["refuse", "ignore"])
def test_requests_report_a_connection_that_never_was(fault: str) -> None:
    """As a ``ConnectionError``, at the instant of the refusal or the connect time-out."""
    with pumped(engine(fault)) as clock, pytest.raises(requests.ConnectionError):
        requests.post(BASE + PATH, data=BODY, timeout=(3, 60))
    assert clock.now_ns() == (0 if fault == "refuse" else 3 * S)


def test_a_big_answer_does_not_wait_for_its_reader() -> None:
    """Megabytes come whole, whatever fits into the buffers of real sockets."""
    data = b"data: " + b"x" * (8 << 20) + b"\n\n"
    with pumped(engine(of=exchange(chunks=[data], headers=STREAM))) as clock:
        assert requests.post(BASE + PATH, data=b"y" * (1 << 20), timeout=9).content == data
        assert clock.now_ns() == 120 * MS


def test_pumps_are_told_apart_by_address_and_name() -> None:
    """Each has its own answers; a name resolves while its pump is active, and every clock is its own."""
    clock, other = VirtualClock(), VirtualClock()
    words = engine(of=exchange(chunks=[b"data: other\n\n"], headers=STREAM))
    with Pump(engine(), clock, ADDRESS), Pump(words, other, ("API.example.test", 8080)) as named:
        assert requests.post(BASE + PATH, data=BODY, timeout=9).content == b"".join(HELLO)
        assert requests.post("http://api.example.test:8080" + PATH, data=BODY, timeout=9).content == b"data: other\n\n"
        assert (clock.now_ns(), other.now_ns()) == (160 * MS, 120 * MS)
        (found,) = socket.getaddrinfo(b"api.example.test", "8080", 0, socket.SOCK_STREAM)
        assert found[4] == named.endpoint == ("203.0.113.1", 8080)
        with pytest.raises(UsageError, match=r"192\.0\.2\.7:80: there is a pump at this address already"):
            Pump(words, clock, ADDRESS).start()


def test_other_addresses_are_untouched() -> None:
    """A real connection made meanwhile is a real socket, and a name that is no pump's is really looked up."""
    with pumped(), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as sock:
            assert type(sock) is socket.socket
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", 1)) == errno.ECONNREFUSED
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("no.such.host.invalid", 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
        with pytest.raises(TypeError, match="AF_INET address must be tuple"), socket.socket() as sock:
            sock.connect("somewhere")


def test_everything_is_put_back() -> None:
    """After the last pump the class and the module are what they were, also when somebody else had changed them."""
    before = dict(vars(socket.socket)), dict(vars(socket))
    with pumped(), Pump(engine(), VirtualClock(), ("192.0.2.8", 80)):
        assert vars(socket.socket)["connect"]
    assert (dict(vars(socket.socket)), dict(vars(socket))) == before
    with pytest.MonkeyPatch.context() as patch:
        seen: list[object] = []
        patch.setattr(socket.socket, "connect", lambda _, address: seen.append(address))
        guard = vars(socket.socket)["connect"]
        with pumped() as clock, connected(clock), socket.socket() as sock:
            sock.connect(("192.0.2.99", 1))
        assert (seen, vars(socket.socket)["connect"]) == ([("192.0.2.99", 1)], guard)


def test_a_pump_that_stops_ends_its_connections() -> None:
    """What has come can still be read, and then the end; stopping again does nothing."""
    clock = VirtualClock()
    pump = Pump(engine(), clock, ADDRESS)
    pump.start()
    with connected(clock) as sock:
        clock.advance("100ms")
        pump.stop()
        pump.stop()
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
        assert sock.recv(1) == b""


def test_tls_is_an_error_that_says_so() -> None:
    """Whether a client wraps the socket or sends the first record itself."""
    told = "192.0.2.7:80: a pumped socket speaks no TLS; use http:// in the base URL, or a transport in process"
    with pumped() as clock:
        with pytest.raises(UsageError) as caught:
            requests.get("https://192.0.2.7:80", timeout=9)
        assert str(caught.value) == told
        with connected(clock, asked=False) as sock, pytest.raises(UsageError, match="speaks no TLS"):
            sock.sendall(b"\x16\x03\x01\x02\x00")
        context = ssl.create_default_context()
        wrapped = context.wrap_socket(socket.socket(), server_hostname="x")
        with wrapped, pytest.raises(UsageError, match="speaks no TLS"):
            wrapped.connect(ADDRESS)


def test_sockets_that_do_not_block_are_an_error() -> None:
    """An event loop that connects to a pump is told what to do instead."""
    told = "192.0.2.7:80: sockets that do not block cannot move the virtual clock; "
    with pumped():
        with pytest.raises(UsageError) as caught:
            asyncio.run(asyncio.wait_for(asyncio.open_connection(*ADDRESS), 5))
        assert str(caught.value) == told + "use a server on the attached event loop, or a blocking client"


def test_only_plain_stream_sockets_are_pumped() -> None:
    """A subclass and a datagram socket are refused by name."""

    class Own(socket.socket):
        pass

    with pumped(), Own() as own, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(UsageError, match="Own is no plain stream socket"):
            own.connect(ADDRESS)
        with pytest.raises(UsageError, match="socket is no plain stream socket"):
            datagrams.connect(ADDRESS)
