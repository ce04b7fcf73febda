"""Parsers that do what parsers must not: read by name, as `streamsim fuzz` reads them."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

from streamsim.sse import Parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.sse import Event

GREED = 64 << 20


def right(chunks: Iterable[bytes]) -> Iterator[Event]:
    parser = Parser()
    for chunk in chunks:
        yield from parser.feed(chunk)


def texts(chunks: Iterable[bytes]) -> Iterator[str]:
    for event in right(chunks):
        yield json.loads(event.data)["text"]


def only_lf(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = ""
    for chunk in chunks:
        *blocks, rest = (rest + chunk.decode("utf-8", "replace")).split("\n\n")
        for block in blocks:
            yield "\n".join(line[6:] for line in block.split("\n") if line.startswith("data: "))


def dying(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        if "die" in event.data or event.id:
            os.kill(os.getpid(), signal.SIGSEGV)
        yield event


def looping(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        while "loop" in event.data:
            pass
        yield event


def eating(chunks: Iterable[bytes]) -> Iterator[Event]:
    eaten: list[bytes] = []
    for event in right(chunks):
        while "eat" in event.data:
            eaten.append(b"." * GREED)
        yield event


def talking(chunks: Iterable[bytes]) -> Iterator[Event]:
    for event in right(chunks):
        print("a parser that prints")  # noqa: T201 - that is the point
        yield event
