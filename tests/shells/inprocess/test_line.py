"""The connection behind a pumped socket: what Linux tells a client, at which nanosecond."""

from __future__ import annotations

import errno
import gc
import select
import socket

import pytest

from streamsim.errors import UsageError
from streamsim.shells.inprocess.sockets import HOME, PumpedSocket
from tests.shells.inprocess.asking import MS, S, engine
from tests.shells.inprocess.pumping import ADDRESS, connected, pumped
from tests.shells.raw import request


def test_a_refused_connection_is_known_when_the_request_is_sent() -> None:
    """``connect`` succeeds and ``send`` is refused, at the same instant; afterwards the pipe is broken."""
    with pumped(engine("refuse")) as clock, connected(clock, asked=False) as sock:
        with pytest.raises(ConnectionRefusedError) as caught:
            sock.sendall(request())
        assert (caught.value.errno, clock.now_ns()) == (errno.ECONNREFUSED, 0)
        with pytest.raises(BrokenPipeError):
            sock.send(b"more")


@pytest.mark.parametrize(("timeout", "until_ns", "code"), [(2.5, 2500 * MS, None), (None, 127 * S, errno.ETIMEDOUT)])
def test_an_ignored_connection_times_out_when_the_request_is_sent(
    timeout: float | None, until_ns: int, code: int | None
) -> None:
    """After the time-out that held while connecting; without one, when Linux would have given up."""
    with pumped(engine("ignore")) as clock, connected(clock, timeout, asked=False) as sock:
        sock.settimeout(99)
        with pytest.raises(TimeoutError) as caught:
            sock.sendall(request())
        assert (caught.value.errno, clock.now_ns()) == (code, until_ns)


def test_an_rst_comes_after_the_bytes_and_once() -> None:
    """What has come is read first; then ECONNRESET, then the end; and what is sent breaks the pipe."""
    with pumped(engine("reset_peer:at_event=2")) as clock, connected(clock) as sock:
        clock.advance(1)
        assert sock.recv(1 << 16).endswith(b"data: two\n\n\r\n")
        with pytest.raises(ConnectionResetError) as caught:
            sock.recv(1)
        assert caught.value.errno == errno.ECONNRESET
        assert sock.recv(1) == b""
        with pytest.raises(BrokenPipeError):
            sock.send(b"more")


def test_sending_finds_an_rst_too() -> None:
    """Who sends first is told first, and is not told twice."""
    with pumped(engine("reset_peer:at=headers")) as clock, connected(clock) as sock:
        clock.advance(1)
        with pytest.raises(ConnectionResetError):
            sock.send(b"more")
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
        assert sock.recv(1) == b""


def test_what_is_sent_after_the_end_is_accepted_once() -> None:
    """As a kernel does that has had a FIN and no RST yet."""
    with pumped(engine("empty_reply")) as clock, connected(clock) as sock:
        assert sock.recv(1) == b""
        assert sock.send(b"more") == 4
        with pytest.raises(BrokenPipeError):
            sock.send(b"more")
        assert sock.recv(1) == b""


def test_the_descriptor_is_readable_just_while_something_is_there() -> None:
    """``poll`` and ``select`` without a time-out say what ``recv`` would do."""

    def readable() -> list[bool]:
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return [bool(poll.poll(0)), bool(select.select([sock], [], [], 0)[0])]

    with pumped() as clock, connected(clock) as sock:
        seen = [readable()]
        clock.advance(0.1)
        seen.append(readable())
        assert sock.recv(4) == b"HTTP"
        seen.append(readable())
        sock.recv(1 << 16)
        seen.append(readable())
        clock.advance(200)  # the server closes what is idle
        sock.recv(1 << 16)
        seen.append(readable())
    assert seen == [[False] * 2, [True] * 2, [True] * 2, [False] * 2, [True] * 2]


def test_all_ways_of_reading() -> None:
    """Into a buffer, with an address, peeking, without waiting, and as a file: the bytes come once, in their order."""
    with pumped() as clock, connected(clock, 5) as sock:
        with pytest.raises(BlockingIOError):
            sock.recv(1, socket.MSG_DONTWAIT)
        assert sock.recv(4, socket.MSG_PEEK) == b"HTTP"
        assert sock.recv(2, socket.MSG_PEEK) == b"HT"
        assert sock.recvfrom(4) == (b"HTTP", None)
        buffer = bytearray(8)
        assert sock.recv_into(buffer, 4) == 4
        assert sock.recv_into(memoryview(buffer)[4:]) == 4
        assert buffer == b"/1.1 200"
        with sock.makefile("rb") as file:
            assert file.readline() == b" OK\r\n"
        assert clock.now_ns() == 100 * MS


def test_reading_to_no_purpose_reads_nothing() -> None:
    """``recv(0)`` takes nothing, and says nothing of an RST."""
    with pumped(engine("reset_peer:at=headers")) as clock, connected(clock) as sock:
        clock.advance(1)
        sock.recv(1 << 16)
        assert sock.recv(0) == b""
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_a_socket_tells_what_it_is() -> None:
    """Addresses, options and descriptor are those of a connection to the pump."""
    with pumped() as clock, connected(clock, asked=False) as sock:
        assert isinstance(sock, PumpedSocket)
        assert (sock.getpeername(), sock.getsockname(), sock.fileno() > 2) == (ADDRESS, (HOME, 40_000), True)
        assert (sock.family, sock.type) == (socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) == 0
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.connect_ex(ADDRESS) == errno.EISCONN
        with pytest.raises(OSError, match="already connected"):
            sock.connect(ADDRESS)
        with pytest.raises(UsageError, match="cannot be done with a pumped socket"):
            sock.dup()
    with pytest.raises(OSError, match="Bad file descriptor"):
        sock.recv(1)


def test_a_client_that_closes_has_left() -> None:
    """At the instant when the last file of its socket is closed, or it is forgotten, or it shuts its side down."""
    served = engine()
    with pumped(served) as clock:
        sock = socket.create_connection(ADDRESS)
        sock.sendall(request())
        file = sock.makefile("rb")
        sock.close()
        file.readline()
        file.close()
        with connected(clock) as sock:
            clock.advance(0.12)
            sock.shutdown(socket.SHUT_RDWR)
            assert sock.recv(1 << 16).endswith(b"data: one\n\n\r\n")
            assert sock.recv(1) == b""
            with pytest.raises(BrokenPipeError):
                sock.send(b"more")
        with pytest.warns(ResourceWarning):
            _forget()
    assert [(trace.outcome, trace.left_ns) for trace in served.journal] == [
        ("client left", 100 * MS),
        ("client left", 120 * MS),
        ("client left", 0),
    ]


def _forget() -> None:
    sock = socket.create_connection(ADDRESS)
    sock.sendall(request())
    del sock
    gc.collect()


def test_who_shuts_his_reading_side_reads_nothing_more() -> None:
    """At once, without moving the clock."""
    with pumped() as clock, connected(clock) as sock:
        sock.shutdown(socket.SHUT_RD)
        assert (sock.recv(1), clock.now_ns()) == (b"", 0)
