"""What is said to a parser in another process, and what it says: JSON, a line each.

Law: bytes are spelt in hexadecimal, for every language can read that; what an answer leaves out the parser has no
place for. docs/reference/fuzz-protocol.md tells those who write the other side.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from streamsim.conformance.reading import Reading, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION: Final = 1


class Hello(msgspec.Struct, frozen=True):
    """The first line said: which protocol this is."""

    streamsim: int = VERSION


class Introduction(msgspec.Struct, frozen=True):
    """The first line answered.

    Attributes:
        name: What reports call the parser, with its version.
        cuts: It reads chunks; false for what takes only a whole stream.
        prompt: Its events have ``after``.
        within: It understands ``within``.
        reconnects: It understands ``then``.
        repeats: It understands ``times``.
        problem: Why there is no parser; "" if there is one.

    """

    name: str = ""
    cuts: bool = True
    prompt: bool = False
    within: bool = False
    reconnects: bool = False
    repeats: bool = False
    problem: str = ""


class Within(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stream that another instance reads whole once ``after`` chunks of the outer one were read."""

    after: int
    chunks: list[str]


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stream to read, by a fresh instance; and ``then`` one to be read by the same, reset as for a new connection.

    Given ``times``, the chunks come so often, and the answer has no events, but how many bytes of memory were ``held``.
    """

    case: int
    chunks: list[str]
    within: Within | None = None
    then: list[str] | None = None
    times: int = 0


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event; ``after`` is how many chunks the parser had been given by then."""

    data: str
    type: str | None = None
    id: str | None = None
    retry: int | float | str | None = None
    after: int | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a case."""

    case: int = -1
    events: list[Said] = []
    error: str = ""
    hung: bool = False
    inner: Answer | None = None
    held: int | None = None


def spelt(chunks: Iterable[bytes]) -> list[str]:
    """Return chunks as they stand in a case."""
    return [chunk.hex() for chunk in chunks]


def read(chunks: Iterable[str]) -> list[bytes]:
    """Return the chunks of a case."""
    return [bytes.fromhex(chunk) for chunk in chunks]


def decode(line: bytes, kind: type[Any]) -> Any:
    """Return what a line holds.

    Raises:
        ValueError: It is not JSON, or not of that kind.

    """
    try:
        return msgspec.json.decode(line, type=kind)
    except (UnicodeDecodeError, msgspec.DecodeError):
        # Halves of a surrogate pair, which JavaScript's strings can hold and msgspec refuses.
        return msgspec.convert(_visible(json.loads(line.decode("utf-8", "surrogateescape"))), kind)


def encode(message: msgspec.Struct) -> bytes:
    """Return a message as a line."""
    try:
        return msgspec.json.encode(message) + b"\n"
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(message)).encode() + b"\n"


def _visible(value: Any) -> Any:
    """Return ``value`` with what is no character spelt as an escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_visible(each) for each in cast("Any", value)]
    if isinstance(value, dict):
        return {key: _visible(each) for key, each in cast("Any", value).items()}
    return value


def reading(answer: Answer) -> Reading:
    """Return an answer as the search reads it."""
    after = tuple(each.after for each in answer.events if each.after is not None)
    return Reading(
        events=tuple(Seen(each.data, each.type, each.id, _number(each.retry)) for each in answer.events),
        after=after if len(after) == len(answer.events) else (),
        error=" ".join(answer.error.split()),
        hung=answer.hung,
    )


def _number(retry: float | str | None) -> int | str | None:
    """Return what cannot be compared exactly as it was spelt."""
    return str(retry) if isinstance(retry, float) else retry


def answer(case: int, one: Reading, inner: Reading | None = None) -> Answer:
    """Return what was read as an answer."""
    after: Sequence[int | None] = one.after or [None] * len(one.events)
    return Answer(
        case=case,
        events=[
            Said(seen.data, seen.type, seen.id, seen.retry, count)
            for seen, count in zip(one.events, after, strict=True)
        ],
        error=one.error,
        hung=one.hung,
        inner=None if inner is None else answer(case, inner),
    )
