"""The closed set of deeds a server can do on a connection.

Names and header values are text in ISO 8859-1, one character a byte, so any byte that can stand in a header survives.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Headers: TypeAlias = tuple[tuple[str, str], ...]
Framing: TypeAlias = Literal["chunked", "content-length", "close", "none", "h2"]


class Head(msgspec.Struct, frozen=True, tag="head", tag_field="do"):
    """Send a status line and headers; a status from 100 to 199 is an interim answer and another Head follows."""

    status: int
    reason: str = ""
    headers: Headers = ()
    http: str = "1.1"
    framing: Framing = "chunked"


class Send(msgspec.Struct, frozen=True, tag="send", tag_field="do", gc=False):
    """Send body bytes; under chunked framing one Send is one HTTP chunk."""

    data: bytes


class Raw(msgspec.Struct, frozen=True, tag="raw", tag_field="do", gc=False):
    """Send bytes outside all framing: a broken chunk size, half a head."""

    data: bytes


class End(msgspec.Struct, frozen=True, tag="end", tag_field="do", omit_defaults=True):
    """Complete the body as its framing asks; the connection lives on if its headers allow."""

    trailers: Headers = ()


class Fin(msgspec.Struct, frozen=True, tag="fin", tag_field="do"):
    """Wait until all is delivered, then close both ways without completing the body."""


class Reset(msgspec.Struct, frozen=True, tag="reset", tag_field="do"):
    """Wait until all is delivered, then reset the connection (TCP RST)."""


class Hang(msgspec.Struct, frozen=True, tag="hang", tag_field="do", omit_defaults=True):
    """Send nothing more: for ``for_ns``, then close; with None, until the client leaves."""

    for_ns: int | None = None


class Refuse(msgspec.Struct, frozen=True, tag="refuse", tag_field="do"):
    """Refuse the connection; only in-process shells can."""


class Ignore(msgspec.Struct, frozen=True, tag="ignore", tag_field="do"):
    """Never answer the connection attempt; only in-process shells can."""


Action: TypeAlias = Head | Send | Raw | End | Fin | Reset | Hang | Refuse | Ignore
