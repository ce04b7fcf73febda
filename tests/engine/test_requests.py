from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine.repeats import Repeats
from streamsim.engine.requests import Limits, Refusal, Request, RequestReader

USUAL = Limits()
SMALL = Limits(head_bytes=200, request_bytes=100)
POST = b"POST /v1/x?q=1 HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2;note=1\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: t\r\n\r\n"
)
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"


def read(*pieces: bytes, limits: Limits = USUAL) -> list[Request | Refusal]:
    reader = RequestReader(limits)
    return [item for piece in pieces for item in reader.feed(piece)]


def one(*pieces: bytes, limits: Limits = USUAL) -> Request:
    (request,) = read(*pieces, limits=limits)
    assert isinstance(request, Request)
    return request


def refused(*pieces: bytes, limits: Limits = SMALL) -> Refusal:
    refusal = read(*pieces, limits=limits)[-1]
    assert isinstance(refusal, Refusal)
    return refusal


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def test_request_is_whole() -> None:
    """A request keeps its method, target, headers in order and case, and its body."""
    request = one(POST)
    assert (request.method, request.target, request.http, request.body) == ("POST", "/v1/x?q=1", "1.1", b"hello")
    assert request.headers[1:3] == [(b"X-Two", b"1"), (b"x-two", b"2")]
    assert request.fields[b"x-two"] == b"2"
    assert request.keep_alive


@pytest.mark.parametrize("data", [POST, CHUNKED, POST + CHUNKED, b"\r\n\r\n" + POST])
def test_cuts_do_not_matter(data: bytes) -> None:
    """However the bytes are cut, the requests are the same."""
    assert read(*bytewise(data)) == read(data)


def test_chunked_body() -> None:
    """A chunked body is its data; chunk extensions are ignored and trailers are no headers."""
    request = one(CHUNKED)
    assert request.body == b"hello"
    assert b"x-trailer" not in request.fields
    assert [name for name, _ in request.headers] == [b"Host", b"Transfer-Encoding"]


def test_pipelined_requests_come_in_order() -> None:
    """Requests that arrive at once are given in their order, each with its own body."""
    first, second, third = read(POST + CHUNKED + POST)
    assert isinstance(first, Request)
    assert isinstance(second, Request)
    assert first == third
    assert (first.target, second.target) == ("/v1/x?q=1", "/c")


@pytest.mark.parametrize(
    ("head", "lives"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", False),
        (b"GET / HTTP/1.0\r\nHost: a\r\n", False),
        (b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n", False),
    ],
)
def test_keep_alive(head: bytes, *, lives: bool) -> None:
    """HTTP/1.1 keeps the connection unless told to close it; HTTP/1.0 never does."""
    assert one(head + b"\r\n").keep_alive is lives


@pytest.mark.parametrize("body", [b"", b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_upgrade_is_not_taken(body: bytes) -> None:
    """A request that asks for an upgrade is an ordinary one, with its body, and so are those after it."""
    if body.startswith(b"T"):
        body += b"5\r\nhello\r\n0\r\n\r\n"
    head = b"POST /up HTTP/1.1\r\nHost: a\r\n" + UPGRADE
    data = head + (body or b"\r\n")
    for pieces in ([data + POST], bytewise(data + POST)):
        first, second = read(*pieces)
        assert isinstance(first, Request)
        assert first.body == (b"hello" if body else b"")
        assert first.fields[b"upgrade"] == b"h2c"
        assert first.keep_alive
        assert second == one(POST)


def test_connect_is_a_request_without_body() -> None:
    """CONNECT is given like any other request, and what follows is read as HTTP."""
    first, second = read(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n" + POST)
    assert isinstance(first, Request)
    assert (first.method, first.target) == ("CONNECT", "a:443")
    assert second == one(POST)


def test_flood_of_upgrades_is_read_to_its_end() -> None:
    """However many requests ask for an upgrade at once, each is read."""
    flood = (b"GET / HTTP/1.1\r\n" + UPGRADE + b"\r\n") * 2000
    assert len(read(flood)) == 2000


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\2\3",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_what_is_not_http_is_refused_once(data: bytes) -> None:
    """What is no strict HTTP/1.1 gets one refusal with status 400, and nothing more is read."""
    reader = RequestReader(Limits())
    (refusal,) = reader.feed(data)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 400
    assert reader.refused
    assert reader.feed(POST) == []


def test_requests_before_garbage_are_given() -> None:
    """A refusal comes after the requests before it."""
    request, refusal = read(POST + b"\0")
    assert request == one(POST)
    assert isinstance(refusal, Refusal)


@pytest.mark.parametrize("cut", [1, 64, 10_000])
def test_large_head_is_refused(cut: int) -> None:
    """A head over the limit is refused with 431, at once and in pieces, complete or without end."""
    head = b"GET / HTTP/1.1\r\nX: " + b"x" * 300
    for data in (head, head + b"\r\n\r\n"):
        assert refused(*[data[at : at + cut] for at in range(0, len(data), cut)]).status == 431


def test_small_requests_at_once_are_no_large_head() -> None:
    """The limit of a head is for one head, however many requests arrive together."""
    assert len(read(b"GET / HTTP/1.1\r\n\r\n" * 50, limits=SMALL)) == 50


def test_declared_length_is_refused_before_the_body() -> None:
    """A body that is said to be too large is refused with 413 before any of it has come."""
    assert refused(b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n").status == 413


@pytest.mark.parametrize("cut", [7, 10_000])
def test_large_body_is_refused(cut: int) -> None:
    """A body over the limit is refused with 413, at once and in pieces."""
    data = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"40\r\n" + b"x" * 64 + b"\r\n"
    data += b"40\r\n" + b"x" * 64 + b"\r\n0\r\n\r\n"
    assert refused(*[data[at : at + cut] for at in range(0, len(data), cut)]).status == 413


def test_nothing_is_read_behind_a_large_body() -> None:
    """What came in one read with a body over the limit is not read."""
    large = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 0x65 + b"\r\n0\r\n\r\n"
    (refusal,) = read(large + POST + CHUNKED, limits=SMALL)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 413


def test_framing_without_content_is_refused() -> None:
    """Trailers without end are refused, though they are no body."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    assert refused(head, *[b"X-Trailer: 0123456789\r\n"] * 50).status == 400


def test_one_byte_chunks_are_content() -> None:
    """A body in chunks of one byte each is accepted up to the limit."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert one(head, *[b"1\r\nx\r\n"] * 100, b"0\r\n\r\n", limits=SMALL).body == b"x" * 100


def test_continue_is_wanted_once() -> None:
    """A client that waits for 100 Continue is reported once, until its body comes."""
    reader = RequestReader(Limits())
    reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n")
    assert not reader.wants_continue()
    reader.feed(b"\r\n")
    assert reader.wants_continue()
    assert not reader.wants_continue()
    assert len(reader.feed(b"ok")) == 1
    assert not reader.wants_continue()


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\no",
        b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_continue_is_not_wanted(data: bytes) -> None:
    """Nobody waits who did not say so, who sends already, or who speaks HTTP/1.0."""
    reader = RequestReader(Limits())
    reader.feed(data)
    assert not reader.wants_continue()


def test_begun_counts_requests() -> None:
    """The reader counts the requests that have begun, one to upgrade included once."""
    reader = RequestReader(Limits())
    reader.feed(POST + b"GET / HTTP/1.1\r\n" + UPGRADE + b"\r\n" + b"GET")
    assert (reader.begun, reader.reading) == (3, True)


def test_nothing_is_kept_of_a_whole_request() -> None:
    """While its answer is played, which may take long, the reader holds nothing of a request, only its caller does."""
    reader = RequestReader(USUAL)
    (request,) = reader.feed(POST)
    assert isinstance(request, Request)
    assert not any(reader is holder for kept in (request.headers, request.fields) for holder in gc.get_referrers(kept))


PIECES = [POST, CHUNKED, POST + CHUNKED, POST[:40], POST[40:], b"\r\n", b"GET / HTTP/1.1\r\n" + UPGRADE + b"\r\n"]
PIECES += [b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"\0"]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=6), max_size=4))
def test_what_others_have_heard_does_not_matter(connections: list[list[bytes]]) -> None:
    """A reader gives the same, and stands where it would stand, whatever was heard before by those it shares with."""
    repeats: Repeats[Request] = Repeats()
    for pieces in connections:
        alone, sharing = RequestReader(USUAL), RequestReader(USUAL, repeats)
        for piece in pieces:
            assert sharing.feed(piece) == alone.feed(piece)
            assert (sharing.begun, sharing.reading, sharing.refused) == (alone.begun, alone.reading, alone.refused)


def test_a_repeat_is_not_read_again() -> None:
    """A request that came whole in one read is the same object for whoever repeats it; others are read."""
    repeats: Repeats[Request] = Repeats()
    (first,), (again,) = (RequestReader(USUAL, repeats).feed(POST) for _ in range(2))
    assert first is again
    (other,) = RequestReader(USUAL, repeats).feed(b"\r\n" + POST)
    assert other == first
    assert other is not first
