"""Faults of bytes, characters and lines."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from tests.conformance.mutants.plain import BOM, Event, Plain

if TYPE_CHECKING:
    from collections.abc import Iterator


class OnlyLf(Plain):
    def lines(self, text: str) -> list[str]:
        *lines, self.rest = (self.rest + text).split("\n")
        return lines


class NoCr(Plain):
    def lines(self, text: str) -> list[str]:
        *lines, self.rest = re.split("\r?\n", self.rest + text)
        return lines


class CrlfTwice(Plain):
    """A CR at the end of a chunk and the LF of the next are two line ends."""

    def lines(self, text: str) -> list[str]:
        *lines, self.rest = re.split("\r\n|\n|\r", self.rest + text)
        return lines


class Splitlines(Plain):
    def lines(self, text: str) -> list[str]:
        return [part for line in super().lines(text) for part in (line.splitlines() or [""])]


class WaitsAfterCr(Plain):
    """A CR ends a line only once it is known what follows it."""

    def lines(self, text: str) -> list[str]:
        text = self.rest + text
        held = "\r" if text.endswith("\r") else ""
        *lines, rest = re.split("\r\n|\n|\r", text.removesuffix("\r"))
        self.rest = rest + held
        return lines

    def close(self) -> Iterator[Event]:
        if self.rest.endswith("\r"):
            yield from self.feed(b"\n")


class BlockRegex(Plain):
    """Blocks end at two line ends of the same kind."""

    def lines(self, text: str) -> list[str]:
        *blocks, self.rest = re.split("\n\n|\r\r|\r\n\r\n", self.rest + text)
        return [line for block in blocks for line in [*re.split("\r\n|\n|\r", block), ""]]


class KeepsMark(Plain):
    def unmarked(self, text: str) -> str:
        return text


class DropsMarks(Plain):
    def unmarked(self, text: str) -> str:
        return text.replace(BOM, "")


class MarkOfChunks(Plain):
    def unmarked(self, text: str) -> str:
        return text.removeprefix(BOM)


class DecodesChunks(Plain):
    def decoded(self, chunk: bytes) -> str:
        return chunk.decode("utf-8", "replace")


class Strict(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.decoder = codecs.getincrementaldecoder("utf-8")("strict")


class Ignores(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.decoder = codecs.getincrementaldecoder("utf-8")("ignore")


class Latin(Plain):
    def decoded(self, chunk: bytes) -> str:
        return chunk.decode("latin-1")
