"""Faults of blocks: which are events, and what is in them."""

from __future__ import annotations

from tests.conformance.mutants.plain import Event, Plain


class WhiteIsBlank(Plain):
    """A line of nothing but spaces ends a block."""

    def lines(self, text: str) -> list[str]:
        return ["" if line.isspace() else line for line in super().lines(text)]


class EveryBlankLine(Plain):
    def dispatched(self) -> Event | None:
        event = self.made()
        self.clear()
        return event


class AnyField(Plain):
    """A block with any field is an event."""

    def dispatched(self) -> Event | None:
        event = self.made() if self.data or self.event or self.retry is not None else None
        self.clear()
        return event


class AfterId(Plain):
    """Once there is an id, every blank line is an event."""

    def dispatched(self) -> Event | None:
        event = self.made() if self.data or self.id else None
        self.clear()
        return event


class KeepsName(Plain):
    """A block without data leaves its event name behind."""

    def dispatched(self) -> Event | None:
        event = self.made() if self.data else None
        if event:
            self.clear()
        return event


class NameLasts(Plain):
    def clear(self) -> None:
        event = getattr(self, "event", "")
        super().clear()
        self.event = event


class LastLine(Plain):
    """Of several data lines the last one is kept."""

    def made(self) -> Event:
        return Event(self.data[-1], self.event or "message", self.id, self.retry)


class Joined(Plain):
    """Data lines are put together without an LF."""

    def made(self) -> Event:
        return Event("".join(self.data), self.event or "message", self.id, self.retry)


class ExtraLf(Plain):
    """The LF after the last data line stays."""

    def made(self) -> Event:
        return Event("\n".join(self.data) + "\n", self.event or "message", self.id, self.retry)


class IfData(Plain):
    r"""``if data: data += "\\n"``."""

    def made(self) -> Event:
        data = ""
        for line in self.data:
            data = f"{data}\n{line}" if data else line
        return Event(data, self.event or "message", self.id, self.retry)


class StripsLf(Plain):
    def made(self) -> Event:
        return Event("\n".join(self.data).rstrip("\n"), self.event or "message", self.id, self.retry)


class SkipsEmptyLines(Plain):
    """What is empty is no data line, unless there is nothing else."""

    def made(self) -> Event:
        return Event("\n".join(filter(None, self.data)), self.event or "message", self.id, self.retry)


class NoEmptyEvents(Plain):
    def dispatched(self) -> Event | None:
        event = self.made() if any(self.data) else None
        self.clear()
        return event
