"""Heads of messages, as tools print them: a first line, and a header a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.wire import Headers


def head_of(data: bytes) -> tuple[str, Headers]:
    """Return the first line and the headers; lines may end in CRLF or LF."""
    first, *lines = data.decode("latin-1").split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return first.strip(), tuple((name.strip(), value.strip()) for name, _, value in pairs)
