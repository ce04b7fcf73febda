"""The way to the upstream: through TLS, through proxies, or a clear word why there is none."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from streamsim.errors import UpstreamError, UsageError
from streamsim.shells.recorder import Upstream as Goal
from streamsim.shells.recorder import upstream as module
from tests.shells.recorders import Recorder
from tests.shells.upstreams import (
    ASK,
    CHUNKED,
    FIN,
    GONE,
    LAST,
    Tunnel,
    Upstream,
    chunk,
    read_message,
    read_until,
    sized,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shells.upstreams import Script

STREAM = CHUNKED + chunk(b"data: one\n\n") + LAST


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let certificates of the authority be trusted."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


@pytest.fixture(scope="module")
def secure(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context of a server at 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def problem_of(goal: Goal) -> str:
    """Return why there is no connection."""

    async def connect() -> None:
        transport = await goal.connect(asyncio.Protocol)
        transport.abort()

    with pytest.raises(UpstreamError) as caught:
        asyncio.run(connect())
    return str(caught.value)


@pytest.mark.usefixtures("trusted")
def test_tls_is_spoken_to_an_https_upstream(secure: ssl.SSLContext) -> None:
    """The client speaks plain HTTP to us, and gets the same bytes."""
    with Upstream([ASK, STREAM, ASK, sized(b"ok")], context=secure) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_until(client, LAST) == STREAM
        client.sendall(b"GET / HTTP/1.1\r\nHost: us\r\n\r\n")
        assert read_message(client) == sized(b"ok")
    assert upstream.connections == 1


def test_an_untrusted_certificate_is_said(secure: ssl.SSLContext) -> None:
    """With what would make it trusted."""
    with Upstream([ASK], context=secure) as upstream:
        told = problem_of(Goal(upstream.url))
    problem = "its certificate is not trusted: unable to get local issuer certificate"
    assert told == f"{upstream.url}: {problem}; name the authority's file in SSL_CERT_FILE"


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_host_is_said(authority: trustme.CA) -> None:
    """Trusted is not enough."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.test").configure_cert(context)
    with Upstream([ASK], context=context) as upstream:
        told = problem_of(Goal(upstream.url))
    assert "its certificate is not trusted: IP address mismatch, certificate is not valid for '127.0.0.1'" in told


def test_an_upstream_without_tls_is_said() -> None:
    """A plain server asked for https."""
    with Upstream([b"HTTP/1.1 400 Bad Request\r\n\r\n", FIN]) as upstream:
        told = problem_of(Goal(upstream.url.replace("http", "https")))
    assert told.startswith(f"https://127.0.0.1:{upstream.port}: no TLS: ")
    assert told.endswith("; is it https that it speaks?")


def test_a_refused_connection_is_said() -> None:
    """In the system's words."""
    with Upstream([]) as upstream:
        upstream.close()
    assert problem_of(Goal(upstream.url)) == f"{upstream.url}: no connection: Connection refused; is it up?"


def test_a_host_that_has_no_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the resolver's words."""

    async def none(*_: object, **__: object) -> None:
        import socket  # noqa: PLC0415

        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", none)
    assert problem_of(Goal("http://api.test")) == "http://api.test: no connection: Name or service not known; is it up?"


def test_a_connection_that_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a TLS server that says nothing."""
    monkeypatch.setattr(module, "CONNECT_S", 0.05)
    with Upstream([GONE]) as upstream:
        told = problem_of(Goal(upstream.url.replace("http", "https")))
    assert told == f"https://127.0.0.1:{upstream.port}: no connection within 0.05 s; is it up?"


def test_a_plain_proxy_gets_whole_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the credentials of its own URL; those of the upstream are for the upstream."""
    with Upstream([ASK, STREAM]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        with Recorder("http://api.test:8080/v1") as recorder:
            client = recorder.ask(b"GET /models HTTP/1.1\r\nHost: us\r\nProxy-Authorization: mine\r\n\r\n")
            assert read_until(client, LAST) == STREAM
    assert proxy.requests == [
        (
            b"GET http://api.test:8080/v1/models HTTP/1.1\r\nHost: api.test:8080\r\n"
            b"Proxy-Authorization: Basic bWU6cEBzcw==\r\nAccept-Encoding: identity\r\n\r\n"
        )
    ]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("user", "login"), [("", b""), ("me:p%40ss@", b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n")])
def test_https_goes_through_a_tunnel(
    secure: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, user: str, login: bytes
) -> None:
    """The proxy is asked once, and sees only TLS; the certificate is the upstream's own."""
    with Upstream([ASK, STREAM], context=secure) as upstream:
        opened = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
        with Upstream([ASK, opened[:9], opened[9:], Tunnel(upstream.port)]) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"{user}127.0.0.1:{proxy.port}")
            with Recorder(upstream.url) as recorder:
                assert read_until(recorder.ask(), LAST) == STREAM
    goal = f"127.0.0.1:{upstream.port}".encode()
    assert proxy.requests == [b"CONNECT " + goal + b" HTTP/1.1\r\nHost: " + goal + b"\r\n" + login + b"\r\n"]
    assert upstream.requests[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ([ASK, b"HTTP/1.1 407 Log In\r\nContent-Length: 0\r\n\r\n"], "the proxy says 'HTTP/1\\.1 407 Log In'"),
        ([ASK, FIN], "the proxy closed the connection"),
        ([ASK, b"HTTP/1.1 200 OK\r\n\r\n", FIN], "(the other side closed it|Connection reset by peer)"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_said(monkeypatch: pytest.MonkeyPatch, script: Script, problem: str) -> None:
    """In its own words where it has some."""
    with Upstream(script) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        told = problem_of(Goal("https://api.test"))
        proxy.played()
    assert re.fullmatch(rf"https://api\.test: no connection: {problem}; is it up\?", told)


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "127.0.0.1:{port}"])
def test_no_proxy_exempts_hosts(monkeypatch: pytest.MonkeyPatch, exempt: str) -> None:
    """By name, or all of them."""
    with Upstream([ASK, STREAM]) as upstream:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", exempt.format(port=upstream.port))
        with Recorder(upstream.url) as recorder:
            assert read_until(recorder.ask(), LAST) == STREAM


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "https://127.0.0.1", "http://", "http://h:x", "http://h:0"]
)
def test_a_proxy_that_cannot_be_used_is_an_error(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Going around it without a word would surprise whoever set it."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError) as caught:
        Goal("https://api.test")
    remedy = "name one like http://proxy.example:3128, or exempt the host in NO_PROXY"
    assert str(caught.value) == f"HTTPS_PROXY: only proxies at http:// can be used; {remedy}"


@pytest.mark.parametrize(
    "url",
    [
        "api.test",
        "localhost:8080/v1",
        "ftp://api.test",
        "http://",
        "http://h:x/",
        "http://h:99999",
        "http://[::1",
        "http://h:0",
        "",
        "http://" + "ü" * 99,
    ],
)
def test_what_is_no_url_is_an_error(url: str) -> None:
    """With one as it should be."""
    with pytest.raises(UsageError) as caught:
        Goal(url, where="--proxy")
    assert (
        str(caught.value) == f"--proxy: {url!r} is not a URL to record from; write it like https://api.example.com/v1"
    )


@pytest.mark.parametrize("url", ["http://h/v1?key=1", "http://h/v1#top"])
def test_a_query_has_no_place_in_a_base(url: str) -> None:
    """It would be lost without a word."""
    with pytest.raises(UsageError) as caught:
        Goal(url, where="--proxy")
    assert str(caught.value) == "--proxy: a query cannot go before the paths of requests; end the URL with its path"
    assert Goal(url, with_path=False).base == ""


@pytest.mark.parametrize(
    ("url", "origin", "base"),
    [
        ("https://api.test/", "https://api.test", ""),
        ("https://api.test:443/v1/", "https://api.test", "/v1"),
        ("http://api.test:443/a b/ü", "http://api.test:443", "/a%20b/%C3%BC"),
        ("http://[::1]:80", "http://[::1]", ""),
        ("http://[::1]:8080", "http://[::1]:8080", ""),
        ("http://me:secret@bücher.test", "http://xn--bcher-kva.test", ""),
    ],
)
def test_an_upstream_is_named_without_its_credentials(url: str, origin: str, base: str) -> None:
    """As a browser would name its origin."""
    goal = Goal(url)
    assert (goal.origin, goal.base, goal.host_header) == (origin, base, origin.partition("://")[2])
