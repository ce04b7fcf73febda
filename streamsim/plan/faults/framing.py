"""How a head says where its body ends, changed with nothing else changed.

A new header stands where the one that it replaces stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamsim.wire import Head, Headers

_FRAMING = ("content-length", "transfer-encoding")


def swapped(headers: Headers, names: tuple[str, ...], new: Headers = ()) -> Headers:
    """Return ``headers`` with ``new`` instead of all those of ``names``."""
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    found = [place for place, (name, _) in enumerate(headers) if name.lower() in names]
    place = found[0] if found else len(kept)
    return (*kept[:place], *new, *kept[place:])


def chunked(head: Head) -> Head:
    """Return ``head`` with chunked framing; a head that has no body keeps none."""
    if head.framing in ("chunked", "none"):
        return head
    headers = swapped(head.headers, _FRAMING, (("transfer-encoding", "chunked"),))
    return msgspec.structs.replace(head, headers=headers, http="1.1", framing="chunked")


def sized(head: Head, size: int) -> Head:
    """Return ``head`` with a body of ``size`` bytes."""
    headers = swapped(head.headers, _FRAMING, (("content-length", str(size)),))
    return msgspec.structs.replace(head, headers=headers, framing="content-length")


def until_close(head: Head) -> Head:
    """Return ``head`` with a body that ends where the connection does."""
    return msgspec.structs.replace(head, headers=swapped(head.headers, _FRAMING), framing="close")


def endless(head: Head) -> Head:
    """Return ``head`` with a body that is not complete when its last byte is sent."""
    return chunked(head) if head.framing == "content-length" else head
