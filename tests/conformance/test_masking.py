"""Parsers with two faults of which one hides the other: both are found, and neither twice."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from streamsim.conformance import RULES, Policy, Seen, check_parser, find, merge
from streamsim.conformance.judge import Breach
from streamsim.conformance.symptoms import covered, symptoms
from tests.conformance.mutants.blocks import EveryBlankLine
from tests.conformance.mutants.fields import OwnIds
from tests.conformance.mutants.lines import DecodesChunks
from tests.conformance.mutants.plain import Event, Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SOME: Final = 200
FEW: Final = 500
RULES_OF_SMALL: Final = [each.name for each in RULES if each.name not in ("linear-time", "bounded-memory")]


class NoSmallChunks(DecodesChunks):
    """A chunk of nothing but a space is lost, and a character that is cut, too."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        yield from super().feed(b"" if chunk == b" " else chunk)


class NoChunks(Plain):
    """Each chunk is a stream of its own, and decoded as such: a character that is cut raises an error."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.rest = ""
        yield from super().feed(chunk)

    def decoded(self, chunk: bytes) -> str:
        return chunk.decode()


class Marked(EveryBlankLine):
    """Every blank line is an event, and a byte order mark hides the first line."""

    def unmarked(self, text: str) -> str:
        return text


class IsDigit(Plain):
    """A wrong time undoes the one before it, and what Python calls a digit is read, or not."""

    def field(self, name: str, value: str) -> None:
        if name == "retry":
            self.retry = int(value[-4000:]) if value.isdigit() else None
            return
        super().field(name, value)


class Doubled:
    """Blocks end at two equal line ends, and at the end of the stream."""

    def __init__(self) -> None:
        self.buffer = b""
        self.parser = Plain()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        self.buffer += chunk
        while found := re.search(rb"\n\n|\r\r|\r\n\r\n", self.buffer):
            block, self.buffer = self.buffer[: found.end()], self.buffer[found.end() :]
            yield from self.parser.feed(block)

    def close(self) -> Iterator[Event]:
        yield from self.parser.feed(self.buffer + b"\n\n")


def told(make: Callable[[], Any], **how: Any) -> list[tuple[str, str]]:
    found = find(make, how="push", rules=RULES_OF_SMALL, **how)
    assert all(len(each.data) < 40 for each in found), [(each.chunks, each.what) for each in found]
    return [(each.rule, each.features[-1]) for each in found]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (NoSmallChunks, [("chunks", "cut"), ("utf-8", "cut-character")]),
        (NoChunks, [("chunks", "cut"), ("utf-8", "cut-character"), ("utf-8", "invalid")]),
        (Marked, [("bom", "bom"), ("noise", "blank-first")]),
        (IsDigit, [("retry", "retry-bad"), ("retry", "retry-bad")]),
        (Doubled, [("end", "unfinished"), ("promptness", "late")]),
    ],
)
def test_both_faults_are_found(make: Callable[[], Any], expected: list[tuple[str, str]]) -> None:
    """Each fault is one finding, whatever the other one does to streams."""
    assert told(make) == expected


class Empty(Plain):
    """Whatever a block holds, an event comes of it; and of a blank line after an id."""

    def dispatched(self) -> Event | None:
        event = self.made() if self.data or self.event or self.retry is not None or self.id else None
        self.clear()
        return event


def decoding(chunks: Iterator[bytes]) -> Iterator[str]:
    """Read as vendors' SDKs do: what is no JSON raises an error."""
    parser = Empty()
    for chunk in chunks:
        for event in parser.feed(chunk):
            yield json.loads(event.data)["text"]


def line_by_line(chunks: Iterator[bytes]) -> Iterator[str]:
    """Decode every line that is not blank, and a byte order mark with the first one."""
    for line in b"".join(chunks).decode().splitlines():
        if line:
            yield json.loads(line.removeprefix("data: "))["text"]


@pytest.mark.parametrize(
    ("parse", "rules", "expected"),
    [
        (decoding, ("no-data", "ids"), [b"event: t\n\n", b"id: 1\n\n"]),
        (
            line_by_line,
            ("fields", "noise"),
            [b'event: t\ndata: {"text":"a"}\n\n', b'data: {"text":\ndata: "d"}\n\n', b':\ndata: {"text":"a"}\n\n'],
        ),
    ],
)
def test_errors_of_decoding_are_told_apart(
    parse: Callable[[Iterator[bytes]], Iterator[str]], rules: Sequence[str], expected: list[bytes]
) -> None:
    """The same error has one cause in blocks and one after ids; one in lines of data and one in other lines."""
    found = find(parse, how="chunks", policy=Policy(payload='{"text":TEXT}'), rules=rules)
    assert [each.data for each in found] == expected


def test_a_finding_says_where_else_its_cause_shows() -> None:
    """Consequences are no findings, but the one that is kept names them, however often findings are merged."""
    (found,) = find(EveryBlankLine, how="push", examples=500, rules=["noise", "no-data"])
    assert (found.data, found.also) == (b"\n", ("blanks", "comment-block", "no-data", "no-data-id"))
    assert merge([found]) == [found]
    with pytest.raises(AssertionError, match="so it is with: more than one blank line between events; a block of"):
        check_parser(EveryBlankLine, how="push", examples=500, rules=["noise"])


class Heap(Plain):
    """What all instances gathered stays: nothing washes that out."""

    everything: Final[list[str]] = []

    def made(self) -> Event:
        self.everything.extend(self.data)
        return super().made()._replace(data="\n".join(self.everything))


def test_where_nothing_can_be_washed_out_nothing_else_is_told() -> None:
    """Each stream shows in each later one: that is the only fault there is to see."""
    assert told(Heap) == [("isolation", "shared-state")]


class Once(Plain):
    """Fails now and then, and not twice in a row."""

    streams = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).streams += 1

    def made(self) -> Event:
        event = super().made()
        return event._replace(data="?") if self.streams == SOME else event


def test_what_is_seen_once_is_not_told() -> None:
    """A failure that does not come again, however often one tries, is one of the machine."""
    Once.streams = 0
    assert told(Once) == []


class Parting:
    """Says good-bye with an event of its own, and forgets ids."""

    streams = 0

    def __init__(self) -> None:
        type(self).streams += 1
        self.parser = OwnIds()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        return self.parser.feed(chunk)

    def close(self) -> Iterator[Event]:
        yield Event("", "message", "", None)


def test_who_always_gives_an_event_too_many_is_not_healed_of_it() -> None:
    """What a fresh parser does with the simplest stream is no trace of an earlier one, and costs no time."""
    Parting.streams = 0
    found = find(Parting, how="push", examples=FEW, rules=["fields", "ids"])
    assert [(each.rule, each.features[-1:]) for each in found] == [("fields", ()), ("ids", ("id-lasts",))]
    assert Parting.streams < 4 * FEW


def test_what_does_not_end_has_a_symptom_as_errors_have() -> None:
    """Two streams in which it hangs at one rule hang in one line of code."""
    breach = Breach("hang", "did not end in 2 s", (), ())
    first, second = symptoms(breach, frozenset({"bom"})), symptoms(breach, frozenset({"bom", "bom-inside"}))
    assert first == second == ("did not end in 2 s at bom",)


def test_an_empty_name_is_not_the_usual_one() -> None:
    """No symptom explains that an event whose name is empty is no message."""
    breach = Breach("events", "", (Seen("a", "message"),), (Seen("a", ""),))
    assert symptoms(breach, frozenset({"event", "event-empty"})) == ()
    assert not covered(breach, frozenset({"event", "event-empty"}), ())


class NoBlanks(Plain):
    """A blank line that ends no block is an error."""

    def dispatched(self) -> Event | None:
        if not self.data:
            raise IndexError("no line")
        return super().dispatched()


def test_an_error_at_blank_lines_is_none_of_ids() -> None:
    """That a blank line comes after an id makes no other fault of it."""
    assert told(NoBlanks) == [("no-data", "no-data"), ("noise", "blank-first")]


def test_what_is_wrong_in_small_streams_is_not_about_size() -> None:
    """A reader that takes comments for events does so in streams of any size: that is told of small ones."""
    found = find(EveryBlankLine, how="push", examples=FEW, rules=["fields", "linear-time"])
    assert [each.features for each in found if each.features == ("size",)] == []
