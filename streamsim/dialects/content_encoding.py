"""Compressed bodies, decoded as they come, for reading only: what is recorded and sent stays compressed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.wire import Headers

_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def header(headers: Headers, name: str) -> str:
    """Return the values of header ``name``, in lower case, joined by commas; "" where there is none."""
    return ", ".join(value.strip() for key, value in headers if key.lower() == name).lower()


def decoder(headers: Headers) -> Callable[[bytes], bytes]:
    """Return what decodes each piece of a body; an encoding we cannot decode gives no bytes."""
    encoding = header(headers, "content-encoding")
    if encoding in ("", "identity"):
        return lambda data: data
    if encoding not in _WINDOW:
        return lambda _: b""
    engine = zlib.decompressobj(_WINDOW[encoding])

    def decode(data: bytes) -> bytes:
        try:
            return engine.decompress(data)
        except zlib.error:
            return b""

    return decode
