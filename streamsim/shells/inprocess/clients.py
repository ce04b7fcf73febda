"""Clients of httpx and httpx2 whose server is an engine in memory: for an SDK's ``http_client=``.

Law: all but the network is the library's own, its pool and parser included, and only public names of it are used. The
two are the same in all that matters here; what is said of httpx holds for httpx2.
"""

from __future__ import annotations

import ssl
import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from streamsim.clock.drivers import blocking
from streamsim.errors import UsageError
from streamsim.shells.inprocess.network import AsyncNetwork, Network, put_running_on
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from types import ModuleType
    from typing import Self

    import httpcore
    import httpx

    from streamsim.clock.core import VirtualClock
    from streamsim.engine.core import Engine
    from streamsim.shells.inprocess.network import Errors

Name: TypeAlias = Literal["httpx", "httpx2"]

# What a pool raises, under the same names in httpcore and httpx.
EXCEPTIONS = (
    *("TimeoutException", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"),
    *("NetworkError", "ConnectError", "ReadError", "WriteError"),
    *("ProxyError", "UnsupportedProtocol", "ProtocolError", "LocalProtocolError", "RemoteProtocolError"),
)


def client(
    engine: Engine,
    clock: VirtualClock,
    *,
    family: Name | ModuleType | None = None,
    asynchronous: bool,
    **options: Any,
) -> Any:
    """Return an ``httpx.Client``, or ``AsyncClient``, that is answered by ``engine`` in the time of ``clock``.

    Args:
        engine: Answers requests to any host.
        clock: Is moved by a client that blocks; an asynchronous one puts its event loop on it.
        family: ``"httpx"``, ``"httpx2"`` or the module; None: httpx2 where it is loaded, as it is by the SDKs that need
            it, or the only one installed; else httpx.
        asynchronous: Whether it is for asyncio and trio.
        options: As the class takes them; ``limits`` hold for the pool, and TLS and proxies for nothing.

    Raises:
        UsageError: There is no such library.

    """
    library = _library(family)
    limits = options.pop("limits", None)
    carrier = transport(engine, clock, family=library.httpx, asynchronous=asynchronous, limits=limits)
    return (library.httpx.AsyncClient if asynchronous else library.httpx.Client)(transport=carrier, **options)


def transport(
    engine: Engine,
    clock: VirtualClock,
    *,
    family: Name | ModuleType | None = None,
    asynchronous: bool,
    limits: httpx.Limits | None = None,
) -> Any:
    """Return the transport of such a client alone, an ``httpx.BaseTransport`` or ``AsyncBaseTransport``.

    Without ``limits`` the pool has those that are the default of the library's own transport.

    Raises:
        UsageError: There is no such library.

    """
    library = _library(family)
    return (library.async_transport if asynchronous else library.transport)(library, engine, clock, limits)


class _Library:
    """httpx or httpx2, and the pool that is its own.

    Attributes:
        httpx, httpcore: The modules; the latter's exceptions also as ``errors``.
        transport, async_transport: Classes that the library's clients take for transports of its own.

    """

    def __init__(self, name: str) -> None:
        self.httpx = httpx = import_module(name)
        self.httpcore = import_module(name.replace("httpx", "httpcore"))
        self.errors = cast("Errors", self.httpcore)
        self.transport = type("MemoryTransport", (_Transport, httpx.BaseTransport), {})
        self.async_transport = type("AsyncMemoryTransport", (_AsyncTransport, httpx.AsyncBaseTransport), {})
        self.body = type("MemoryBody", (_Body, httpx.SyncByteStream), {})
        self.async_body = type("AsyncMemoryBody", (_AsyncBody, httpx.AsyncByteStream), {})
        self._limits = signature(httpx.HTTPTransport).parameters["limits"].default
        self._names = {getattr(self.httpcore, name): getattr(httpx, name) for name in EXCEPTIONS}

    def pool_options(self, limits: httpx.Limits | None) -> dict[str, Any]:
        """Return the pool's arguments."""
        chosen = self._limits if limits is None else limits
        return {
            "ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # never used; its own would load certificates
            "max_connections": chosen.max_connections,
            "max_keepalive_connections": chosen.max_keepalive_connections,
            "keepalive_expiry": chosen.keepalive_expiry,
        }

    def asked(self, request: httpx.Request) -> httpcore.Request:
        """Return ``request`` as the pool takes it."""
        url = request.url
        target = {"scheme": url.raw_scheme, "host": url.raw_host, "port": url.port, "target": url.raw_path}
        asked: httpcore.Request = self.httpcore.Request(
            method=request.method,
            url=self.httpcore.URL(**target),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        return asked

    def answered(self, response: httpcore.Response, body: object) -> httpx.Response:
        """Return the pool's ``response`` as httpx takes it."""
        answered: httpx.Response = self.httpx.Response(
            status_code=response.status, headers=response.headers, stream=body, extensions=response.extensions
        )
        return answered

    @contextmanager
    def named(self) -> Generator[None, None, None]:
        """Raise what the pool raises in the block by its name in httpx."""
        try:
            yield
        except Exception as error:
            name = next((self._names[kind] for kind in type(error).__mro__ if kind in self._names), None)
            if name is None:
                raise
            raise name(str(error)) from error


class _Transport:
    """A ``BaseTransport``. Its requests wait for a place in the pool in virtual time, which the pool itself cannot."""

    def __init__(
        self, library: _Library, engine: Engine, clock: VirtualClock, limits: httpx.Limits | None = None
    ) -> None:
        self._library = library
        self._clock = clock
        options = library.pool_options(limits)
        self._places: int | None = options["max_connections"]
        self._taken: set[object] = set()
        network = Network(engine, clock, library.errors)
        self._pool: httpcore.ConnectionPool = library.httpcore.ConnectionPool(network_backend=network, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and return the answer once its head is there."""
        library = self._library
        place = self._place(request)
        try:
            with library.named():
                response = self._pool.handle_request(library.asked(request))
        except BaseException:
            self._taken.discard(place)
            raise
        return library.answered(response, library.body(library, response.stream, lambda: self._taken.discard(place)))

    def _place(self, request: httpx.Request) -> object:
        seconds = request.extensions.get("timeout", {}).get("pool")
        until_ns = None if seconds is None else self._clock.now_ns() + round(seconds * SECOND)
        if not self._free() and not blocking.wait(self._clock, self._free, until_ns):
            raise self._library.httpx.PoolTimeout("timed out")
        place = object()
        self._taken.add(place)
        return place

    def _free(self) -> bool:
        return self._places is None or len(self._taken) < self._places

    def close(self) -> None:
        """Close all connections."""
        with self._library.named():
            self._pool.close()


class _AsyncTransport:
    """An ``AsyncBaseTransport``."""

    def __init__(
        self, library: _Library, engine: Engine, clock: VirtualClock, limits: httpx.Limits | None = None
    ) -> None:
        self._library = library
        self._clock = clock
        options = library.pool_options(limits)
        network = AsyncNetwork(engine, clock, library.errors)
        self._pool: httpcore.AsyncConnectionPool = library.httpcore.AsyncConnectionPool(
            network_backend=network, **options
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and return the answer once its head is there."""
        library = self._library
        put_running_on(self._clock)
        with library.named():
            response = await self._pool.handle_async_request(library.asked(request))
        return library.answered(response, library.async_body(library, response.stream))

    async def aclose(self) -> None:
        """Close all connections."""
        with self._library.named():
            await self._pool.aclose()


class _Body:
    """A ``SyncByteStream``."""

    def __init__(self, library: _Library, parts: Any, done: Callable[[], object]) -> None:
        self._library = library
        self._parts = parts
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        with self._library.named():
            yield from self._parts

    def close(self) -> None:
        """Give the connection back to the pool, or close it if more was to come."""
        try:
            self._parts.close()
        finally:
            self._done()


class _AsyncBody:
    """An ``AsyncByteStream``."""

    def __init__(self, library: _Library, parts: Any) -> None:
        self._library = library
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._library.named():
            async for part in self._parts:
                yield part

    async def aclose(self) -> None:
        """Give the connection back to the pool, or close it if more was to come."""
        await self._parts.aclose()


def _library(family: Name | ModuleType | None) -> _Library:
    if family is None:
        family = "httpx2" if "httpx2" in sys.modules or find_spec("httpx") is None else "httpx"
    name = family if isinstance(family, str) else family.__name__
    if name not in ("httpx", "httpx2"):
        raise UsageError("family", f"{name!r} is no HTTP client that can be answered in memory", "use httpx or httpx2")
    if find_spec(name) is None:
        raise UsageError("family", f"{name} is not installed", f"install it: pip install {name}")
    return _loaded(name)


@cache
def _loaded(name: str) -> _Library:
    return _Library(name)
