"""A body as it becomes chunks: out of its compression, where it is known, and cut into frames.

Tools often decode a body and keep the header that told of its encoding; so what the bytes look like counts more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.dialects.content_encoding import decoder, header
from streamsim.dialects.units import frames, kind_of
from streamsim.recording.importers.found import Part
from streamsim.recording.model import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.wire import Headers

# So that no line of a recording grows beyond what its readers take.
LARGEST = 16 << 20

_GZIP = b"\x1f\x8b"


def decoded(parts: Sequence[Part], headers: Headers) -> tuple[list[Part], Headers]:
    """Return the parts out of their gzip or deflate, and the headers that hold of them.

    An encoding that we cannot decode stays, and with it its header.
    """
    encoding = header(headers, "content-encoding")
    if encoding in ("", "identity"):
        return list(parts), headers
    plain = tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
    data = b"".join(part.data for part in parts)
    if _is_compressed(data, encoding):
        decode = decoder(headers)
        clear = [Part(decode(part.data), part.dt_us) for part in parts]
        return (clear, plain) if any(part.data for part in clear) else (list(parts), headers)
    return list(parts), (plain if as_text(data) is not None or "gzip" in encoding else headers)


def _is_compressed(data: bytes, encoding: str) -> bool:
    if encoding == "deflate":  # zlib's header: RFC 1950, 2.2
        return data[:1] == b"\x78" and int.from_bytes(data[:2], "big") % 31 == 0
    return data[:2] == _GZIP


def cut(parts: Sequence[Part], headers: Headers) -> list[Part]:
    """Return each frame of a body of unknown boundaries as a part; an answer that is no stream is one."""
    data = b"".join(part.data for part in parts)
    kind = kind_of(headers)
    if kind is None or (kind == "array" and not data.lstrip().startswith(b"[")):
        return [Part(data)]
    return [Part(frame) for frame, _ in frames(kind, data)]


def fitting(parts: Sequence[Part]) -> list[Part]:
    """Return the parts that have bytes, none of them too large; the time of an empty one counts to the next."""
    fit: list[Part] = []
    waited_us = 0
    for part in parts:
        waited_us += part.dt_us
        for start in range(0, len(part.data), LARGEST):
            fit.append(Part(part.data[start : start + LARGEST], waited_us))
            waited_us = 0
    return fit
