"""Faults of fields and their values."""

from __future__ import annotations

import re

from tests.conformance.mutants.plain import Plain


class NeedsSpace(Plain):
    def line(self, line: str) -> None:
        name, _, value = line.partition(": ")
        self.field(name, value)


class KeepsSpace(Plain):
    """The space after the colon is a part of the value."""

    def line(self, line: str) -> None:
        name, _, value = line.partition(":")
        self.field(name, value)


class Strips(Plain):
    def line(self, line: str) -> None:
        name, _, value = line.partition(":")
        self.field(name, value.strip())


class StripsLeft(Plain):
    def line(self, line: str) -> None:
        name, _, value = line.partition(":")
        self.field(name, value.lstrip(" "))


class StripsRight(Plain):
    def line(self, line: str) -> None:
        super().line(line.rstrip())


class StripsLine(Plain):
    def line(self, line: str) -> None:
        super().line(line.strip())


class SplitsColons(Plain):
    def line(self, line: str) -> None:
        parts = line.split(":")
        self.field(parts[0], parts[1].removeprefix(" ") if len(parts) > 1 else "")


class NeedsColon(Plain):
    def line(self, line: str) -> None:
        name, value = line.split(":", 1)
        self.field(name, value.removeprefix(" "))


class NoBareFields(Plain):
    """A line without a colon is passed over."""

    def line(self, line: str) -> None:
        if ":" in line:
            super().line(line)


class AnyCase(Plain):
    def field(self, name: str, value: str) -> None:
        super().field(name.lower(), value)


class TrimsNames(Plain):
    def field(self, name: str, value: str) -> None:
        super().field(name.strip(" "), value)


class Prefixes(Plain):
    """Whatever begins with ``data`` is data."""

    def field(self, name: str, value: str) -> None:
        super().field("data" if name.startswith("data") else name, value)


class NoComments(Plain):
    """A comment is data that lost its name."""

    def field(self, name: str, value: str) -> None:
        super().field(name or "data", value)


class RaisesAtUnknown(Plain):
    def field(self, name: str, value: str) -> None:
        if name not in ("data", "event", "id", "retry", ""):
            raise ValueError(f"unknown field {name}")
        super().field(name, value)


class OwnIds(Plain):
    def clear(self) -> None:
        super().clear()
        self.id = ""


class NoEmptyIds(Plain):
    def field(self, name: str, value: str) -> None:
        if name != "id" or value:
            super().field(name, value)


class IdsWithNul(Plain):
    def field(self, name: str, value: str) -> None:
        if name == "id":
            self.id = value
        else:
            super().field(name, value)


class Int(Plain):
    """A reconnection time is whatever int() takes; the rest is ignored."""

    def field(self, name: str, value: str) -> None:
        if name != "retry":
            super().field(name, value)
            return
        try:
            self.retry = int(value)
        except ValueError:
            return


class IntRaises(Plain):
    def field(self, name: str, value: str) -> None:
        if name == "retry":
            self.retry = int(value)
        else:
            super().field(name, value)


class IsDigit(Plain):
    def field(self, name: str, value: str) -> None:
        if name == "retry" and value.isdigit():
            self.retry = self.number(value)
        else:
            super().field(name, value)


class ParseInt(Plain):
    """As JavaScript's parseInt has it."""

    def field(self, name: str, value: str) -> None:
        digits = re.match("[0-9]+", value)
        if name == "retry" and digits:
            self.retry = self.number(digits[0])
        else:
            super().field(name, value)


class IntAsItIs(Plain):
    """Python refuses to read more than 4300 digits."""

    def number(self, digits: str) -> int:
        return int(digits)


class FirstName(Plain):
    def field(self, name: str, value: str) -> None:
        if name != "event" or not self.event:
            super().field(name, value)


class NameFirst(Plain):
    """An event name after the data comes too late."""

    def field(self, name: str, value: str) -> None:
        if name != "event" or not self.data:
            super().field(name, value)
