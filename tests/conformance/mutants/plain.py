"""A small parser that is right, in steps that can be done wrong."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BOM: Final = "\ufeff"


class Event(NamedTuple):
    """What all of them give."""

    data: str
    event: str
    id: str
    retry: int | None


class Plain:
    """Right, in steps that can be done wrong."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.begun = False
        self.after_cr = False
        self.rest = ""
        self.id = ""
        self.clear()

    def clear(self) -> None:
        self.data: list[str] = []
        self.event = ""
        self.retry: int | None = None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        for line in self.lines(self.unmarked(self.decoded(chunk))):
            if line:
                self.line(line)
            elif (event := self.dispatched()) is not None:
                yield event

    def decoded(self, chunk: bytes) -> str:
        return self.decoder.decode(chunk)

    def unmarked(self, text: str) -> str:
        if text and not self.begun:
            self.begun = True
            return text.removeprefix(BOM)
        return text

    def lines(self, text: str) -> list[str]:
        if self.after_cr and text:
            text = text.removeprefix("\n")
            self.after_cr = False
        *lines, self.rest = re.split("\r\n|\n|\r", self.rest + text)
        self.after_cr = self.after_cr or text.endswith("\r")
        return lines

    def line(self, line: str) -> None:
        name, _, value = line.partition(":")
        self.field(name, value.removeprefix(" "))

    def field(self, name: str, value: str) -> None:
        if name == "data":
            self.data.append(value)
        elif name == "event":
            self.event = value
        elif name == "id" and "\0" not in value:
            self.id = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            self.retry = self.number(value)

    def number(self, digits: str) -> int:
        return int(digits[-4000:])

    def dispatched(self) -> Event | None:
        event = self.made() if self.data else None
        self.clear()
        return event

    def made(self) -> Event:
        return Event("\n".join(self.data), self.event or "message", self.id, self.retry)
