"""sseclient-py reads anything that yields chunks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "sseclient-py"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    client_class: Any = import_module("sseclient").SSEClient

    yield from client_class(chunks).events()
