"""Getting a connection to the real server: directly, through TLS, through a proxy.

Certificates are checked against the system's store (``SSL_CERT_FILE`` names another). ``HTTP_PROXY``, ``HTTPS_PROXY``
and ``NO_PROXY`` are honoured as Python's standard library reads them.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from streamsim.errors import UpstreamError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT_S = 30.0
_PORTS = {"http": 80, "https": 443}


class Upstream:
    """A server to record from.

    Attributes:
        origin: ``scheme://host:port`` without credentials, for people and for the recording's header.
        base: Path that goes before every target; no slash at its end.
        host_header: What to send as ``Host``.
        prefix: What goes before a target in the request line.
        credentials, proxy_credentials: What to send as ``Authorization`` and ``Proxy-Authorization``, or "".

    """

    def __init__(self, url: str, *, where: str = "upstream", with_path: bool = True) -> None:
        parts = _split(url, where)
        if with_path and (parts.query or parts.fragment):
            raise UsageError(where, "a query cannot go before the paths of requests", "end the URL with its path")
        self.host = _ascii(parts)
        self.port = parts.port or _PORTS[parts.scheme]
        self.tls = parts.scheme == "https"
        shown = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _PORTS[parts.scheme]
        self.host_header = shown if usual else f"{shown}:{self.port}"
        self.origin = f"{parts.scheme}://{self.host_header}"
        self.base = quote(parts.path.rstrip("/"), safe="%/:@!$&'()*+,;=~") if with_path else ""
        self.credentials = _basic(parts)
        self._proxy = _proxy(parts.scheme, f"{shown}:{self.port}")
        # What a plain proxy gets with every request (RFC 9112, 3.2.2); a tunnel asks once, with CONNECT.
        plain = self._proxy is not None and not self.tls
        self.prefix = f"http://{self.host_header}" if plain else ""
        self.proxy_credentials = _basic(self._proxy) if plain and self._proxy is not None else ""

    async def connect(self, make: Callable[[], asyncio.BaseProtocol]) -> asyncio.Transport:
        """Return a connection that reads into what ``make`` makes.

        Raises:
            UpstreamError: There is no way to it.

        """
        try:
            async with asyncio.timeout(CONNECT_S):
                return await self._connect(make)
        except ssl.SSLCertVerificationError as error:
            problem = f"its certificate is not trusted: {error.verify_message}"
            raise UpstreamError(self.origin, problem, "name the authority's file in SSL_CERT_FILE") from error
        except ssl.SSLError as error:
            problem = f"no TLS: {(error.reason or str(error)).replace('_', ' ').lower()}"
            raise UpstreamError(self.origin, problem, "is it https that it speaks?") from error
        except TimeoutError as error:
            raise UpstreamError(self.origin, f"no connection within {CONNECT_S:g} s", "is it up?") from error
        except OSError as error:
            raise UpstreamError(self.origin, f"no connection: {_reason(error)}", "is it up?") from error

    async def _connect(self, make: Callable[[], asyncio.BaseProtocol]) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        context = ssl.create_default_context() if self.tls else None
        proxy = self._proxy
        if proxy is None:
            transport, _ = await loop.create_connection(make, self.host, self.port, ssl=context)
            return transport
        near = (proxy.hostname or "", proxy.port or 80)
        if context is None:
            transport, _ = await loop.create_connection(make, *near)
            return transport
        goal = self.origin.partition("://")[2] if self.port != _PORTS["https"] else f"{self.host_header}:443"
        tunnel, greeter = await loop.create_connection(lambda: _Tunnel(goal, _basic(proxy)), *near)
        try:
            await greeter.opened
            return await self._secure(tunnel, make(), context)
        except BaseException:
            tunnel.abort()
            raise

    async def _secure(
        self, tunnel: asyncio.Transport, protocol: asyncio.BaseProtocol, context: ssl.SSLContext
    ) -> asyncio.Transport:
        """Speak TLS through the tunnel."""
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(tunnel, protocol, context, server_hostname=self.host)
        if secured is None:
            raise ConnectionResetError
        protocol.connection_made(secured)
        return secured


class _Tunnel(asyncio.Protocol):
    """Asks a proxy for a way through (CONNECT; RFC 9110, 9.3.6)."""

    def __init__(self, goal: str, credentials: str) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._goal = goal
        self._credentials = credentials
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP client gets
        login = f"Proxy-Authorization: {self._credentials}\r\n" if self._credentials else ""
        transport.write(f"CONNECT {self._goal} HTTP/1.1\r\nHost: {self._goal}\r\n{login}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if b"\r\n\r\n" not in self._answer or self.opened.done():
            return
        if re.match(rb"HTTP/1\.\d 2\d\d\b", self._answer):
            self.opened.set_result(None)
        else:
            line = self._answer.split(b"\r\n")[0].decode("latin-1")
            self.opened.set_exception(ConnectionRefusedError(None, f"the proxy says {line!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError(None, "the proxy closed the connection"))


def _split(url: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in _PORTS and _ascii(parts) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise UsageError(where, f"{url!r} is not a URL to record from", "write it like https://api.example.com/v1")
    return urlsplit(url)


def _ascii(parts: SplitResult) -> str:
    """Return the host as DNS knows it; ValueError where it cannot be one."""
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode()


def _proxy(scheme: str, host: str) -> SplitResult | None:
    named = getproxies().get(scheme)
    if not named or proxy_bypass(host):
        return None
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        known = parts.scheme == "http" and parts.hostname and parts.port != 0
    except ValueError:
        known = None
    if not known:
        remedy = "name one like http://proxy.example:3128, or exempt the host in NO_PROXY"
        raise UsageError(f"{scheme.upper()}_PROXY", "only proxies at http:// can be used", remedy)
    return urlsplit(named if "://" in named else f"http://{named}")


def _reason(error: OSError) -> str:
    """Return the system's words; asyncio's own name the address, which the message has already."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or "the other side closed it"


def _basic(parts: SplitResult) -> str:
    """Return the URL's user and password as an Authorization value; "" where it has none."""
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + b64encode(pair.encode()).decode()
