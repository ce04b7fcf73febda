"""What a file of another tool tells: exchanges as they stand there, and what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from streamsim.wire import Headers

Lack: TypeAlias = Literal["boundaries", "times", "framing", "request", "head"]
"""``boundaries`` of chunks; ``times`` of their coming; ``framing`` of payloads as events; the ``request``; the
response's ``head``."""


class Part(msgspec.Struct, frozen=True):
    """Body bytes that came together, and how long after those before (or the head), in microseconds."""

    data: bytes
    dt_us: int = 0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange, as a file tells it.

    Attributes:
        method, url: Of the request; the URL absolute, or a path.
        asked: The request's headers, and ``body`` its body.
        status, reason, headers: Of the response; a status below 200 means that the file has none.
        parts: Its body: one part where the file does not know better.
        lacks: What the file does not tell of this exchange. Without ``boundaries``, one part is cut into frames.
        wait_us: From the request to the response's head.
        at_us: When the request was sent, since the first one of the file.
        cause: How it ended.

    """

    method: str = "GET"
    url: str = "/"
    asked: Headers = ()
    body: bytes = b""
    status: int = 200
    reason: str = ""
    headers: Headers = ()
    parts: Sequence[Part] = ()
    lacks: tuple[Lack, ...] = ("boundaries", "times")
    wait_us: int = 0
    at_us: int = 0
    cause: str = "complete"
