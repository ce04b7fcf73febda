"""Responses of HTTP libraries, for who reads a stream from one.

Law: they are the libraries' own, so that what these do with lines and characters is seen as it is; only the network is
missing. Each chunk is given as it comes: nothing is read ahead, joined or cut.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from streamsim.conformance.forms.sources import AsyncSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.conformance.forms.sources import Source

_URL: Final = "http://127.0.0.1/stream"
_HEADERS: Final = {"content-type": "text/event-stream"}


def there(library: str) -> bool:
    """Tell whether ``library`` is installed; "" is none, and always there."""
    return not library or find_spec(library) is not None


def of_httpx(source: Source) -> Any:
    """Return a response of httpx."""
    return _of_httpx(iter(source))


def of_async_httpx(source: Source) -> Any:
    """Return one for asynchronous readers."""
    return _of_httpx(AsyncSource(source))


def _of_httpx(content: Any) -> Any:
    httpx: Any = import_module("httpx")
    return httpx.Response(200, headers=_HEADERS, content=content, request=httpx.Request("GET", _URL))


def of_requests(source: Source) -> Any:
    """Return a response of requests."""
    response: Any = import_module("requests").Response()
    response.status_code, response.reason, response.url = 200, "OK", _URL
    response.headers.update(_HEADERS)
    response.encoding = "utf-8"
    response.raw = _Raw(source)
    return response


class _Raw:
    """As much of a connection as a response of requests asks for."""

    def __init__(self, source: Source) -> None:
        self._chunks = iter(source)

    def stream(self, _size: int, *, decode_content: bool = False) -> Iterator[bytes]:
        """Yield each chunk, as those of HTTP/1.1 come."""
        del decode_content
        return self._chunks

    def read(self, _size: int = -1, *, decode_content: bool = False) -> bytes:
        """Return the next chunk; an empty one would mean the end."""
        del decode_content
        return next((chunk for chunk in self._chunks if chunk), b"")

    def close(self) -> None:
        """Do nothing."""

    release_conn = close
