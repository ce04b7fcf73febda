"""Random profiles: any pacing, and up to four faults at places that the recording has.

What a recording has is worked out here from its bytes, not asked of the faults: that a place exists is what each
plan has to agree with.
"""

from __future__ import annotations

import json
import typing
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from streamsim.dialects import read
from streamsim.plan.faults import CATALOGUE
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.plan.faults.closing import Truncation
from streamsim.plan.faults.fault import OnEvents, Placed
from streamsim.plan.planner import Given
from streamsim.sse import frames, parse
from streamsim.wire.statuses import REASONS
from tests.simulation.cases import Case, recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamsim.plan.faults import Fault
    from streamsim.recording.model import Exchange

BYTES_TRIED = 12


class Event(NamedTuple):
    """Where its frame begins and ends, and whether its data is a JSON object."""

    start: int
    stop: int
    is_object: bool


class Places(NamedTuple):
    """What one exchange has."""

    size: int
    chunks: list[int]
    events: list[Event]
    first_token: int | None
    terminal: int | None


@cache
def places(name: str, number: int) -> Places:
    """Return what an exchange has: the size of its body, where chunks and events stand, which are special."""
    one = recordings()[name].exchange(number)
    reading = read(one)
    content = [index for index, item in enumerate(reading.landed) if item.content]
    terminal = [index for index, item in enumerate(reading.landed) if item.terminal]
    stream = _is_stream(one)
    return Places(
        size=len(one.body),
        chunks=list(accumulate((len(chunk.data) for chunk in one.chunks), initial=0)),
        events=_events(one.body) if stream else [],
        first_token=content[0] if content else None,
        terminal=terminal[0] if terminal else None,
    )


def _is_stream(one: Exchange) -> bool:
    headers = one.response.headers if one.response is not None else ()
    return any(name.lower() == "content-type" and "event-stream" in value for name, value in headers)


def _events(body: bytes) -> list[Event]:
    found: list[Event] = []
    start = 0
    for frame in frames(body):
        events = parse(frame)
        found += [Event(start, start + len(frame), _is_object(event.data)) for event in events]
        start += len(frame)
    return found


def _is_object(data: str) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False


Where = tuple[str, object]


def offset(where: Where, has: Places) -> int:
    """Return the byte that a place means."""
    key, value = where
    if key == "at":
        event = {"headers": -1, "first_token": has.first_token, "terminal": (has.terminal or 0) - 1}[str(value)]
        assert event is not None
        if value == "terminal":
            return has.events[event + 1].start
        return has.events[event].stop if event >= 0 else 0
    assert isinstance(value, int)
    if key == "at_event":
        return has.events[value - 1].stop if value else 0
    return value if key == "at_byte" else has.chunks[value]


def event_at(where: Where, has: Places) -> int:
    """Return the index of the event that a place means."""
    if where[0] == "at_event":
        assert isinstance(where[1], int)
        return where[1]
    start = offset(where, has)
    return next((index for index, event in enumerate(has.events) if event.start >= start), len(has.events))


def somewhere(has: Places) -> list[Where]:
    """Return places of a recording: every event, chunk and phase, and bytes here and there."""
    found: list[Where] = [("at_event", nth) for nth in range(len(has.events) + 1)]
    found += [("at_chunk", nth) for nth in range(len(has.chunks))]
    found += [("at_byte", byte) for byte in range(0, has.size + 1, has.size // BYTES_TRIED + 1)]
    found += [("at_byte", has.size), ("at", "headers")]
    found += [("at", "first_token")] if has.first_token is not None else []
    return found + ([("at", "terminal")] if has.terminal is not None else [])


# What some faults need at their place besides that it exists.
_NEEDS: dict[str, Callable[[Where, Places], bool]] = {
    "truncate_mid_json": lambda where, has: (
        event_at(where, has) < len(has.events) and has.events[event_at(where, has)].is_object
    ),
    "reorder": lambda where, has: event_at(where, has) + 1 < len(has.events),
    "burst": lambda where, has: any(event.stop > offset(where, has) for event in has.events),
    "corrupt": lambda where, has: (
        offset(where, has) < has.size if where[0] == "at_byte" else event_at(where, has) < len(has.events)
    ),
}


def possible(kind: type[Fault], where: Where, has: Places) -> bool:
    """Tell whether a fault can strike there; one of meaning finds its own places."""
    if kind.name() in (*GROUPS["Meaning"], *GROUPS["Tool calls"], *GROUPS["Sequence"]):
        return False
    if kind.name() in _NEEDS:
        return _NEEDS[kind.name()](where, has)
    if issubclass(kind, Truncation):
        return offset(where, has) < has.size
    return not issubclass(kind, OnEvents) or event_at(where, has) < len(has.events)


# Values of parameters, by name or by fault and name; those that are one of a few words or true and false need none.
_VALUES: dict[str, st.SearchStrategy[object]] = {
    "after": st.sampled_from(["0", "3ms"]),
    "for": st.sampled_from(["10ms", "1.5s"]),
    "stall.for": st.sampled_from(["10ms", "ever"]),
    "stall_headers.for": st.sampled_from(["10ms", "ever"]),
    "hold_after_terminal.for": st.sampled_from(["10ms", "ever"]),
    "error_event.for": st.sampled_from(["10ms", "ever"]),
    "stall_masked_by_keepalive.for": st.sampled_from(["20s", "2m"]),
    "comments_only.for": st.sampled_from(["20s", "2m"]),
    "every": st.sampled_from(["1ms", "4ms"]),
    "stall_masked_by_keepalive.every": st.sampled_from(["4s", "19s"]),
    "comments_only.every": st.sampled_from(["4s", "19s"]),
    "text": st.just(": alive"),
    "rate": st.sampled_from(["10kB/s", "56kbit/s", "1MiB/s"]),
    "bytes": st.integers(20, 500),
    "size": st.integers(7, 300),
    "variation": st.integers(0, 6),
    "count": st.integers(2, 5),
    "burst.count": st.just(1),
    "times": st.integers(2, 4),
    "bits": st.integers(1, 9),
    "cut": st.integers(1, 40),
    "status": st.sampled_from([*REASONS]),
    "hex": st.sampled_from(["fffe", "80", "e298"]),
    "value": st.sampled_from(["7", "x-y"]),
    "type": st.sampled_from(["ping", "overloaded"]),
    "message": st.sampled_from(["no", "not now ☃"]),
    "retry_after": st.sampled_from(["1", "Wed, 21 Oct 2026 07:28:00 GMT"]),
    "retry_after_ms": st.just("1500"),
    "word": st.just("stop"),
    "block_index_gap.by": st.integers(1, 3),
}
COMMON = ("attempt", "probability", "at_event", "at_byte", "at_chunk", "at")


def values(kind: type[Fault], name: str, hint: object) -> st.SearchStrategy[object]:
    """Return what a parameter may be; a new one has to be entered above."""
    if get_origin(hint) is Literal:
        return st.sampled_from([word for word in get_args(hint) if word])
    if hint is bool:
        return st.sampled_from(["true", "false"])
    own = f"{kind.name()}.{name}"
    return _VALUES[own if own in _VALUES else name]


@cache
def parameters(kind: type[Fault]) -> dict[str, st.SearchStrategy[object]]:
    """Return the parameters of a fault but those that all have."""
    hints = typing.get_type_hints(kind)
    fields = [field for field in msgspec.structs.fields(kind) if field.encode_name not in COMMON]
    return {field.encode_name: values(kind, field.encode_name, hints[field.name]) for field in fields}


@st.composite
def faults(draw: st.DrawFn, key: tuple[str, int]) -> str:
    """Return a fault, at a place that the exchange has or at none, which it may have nothing for."""
    has = places(*key)
    kind = CATALOGUE[draw(st.sampled_from([*CATALOGUE]))]
    options: dict[str, object] = {}
    for name, choice in parameters(kind).items():
        if draw(st.integers(0, 2)) == 0:
            options[name] = draw(choice)
    if "variation" in options or kind.name() == "huge_event":  # a megabyte in trickles is refused
        options.setdefault("size", 7)
    if issubclass(kind, Placed) and draw(st.booleans()):
        inside = kind.name() == "split" and "inside" not in options
        found = [where for where in somewhere(has) if inside or possible(kind, where, has)]
        options |= dict([draw(st.sampled_from(found))] if found else [])
    options |= draw(st.sampled_from(_CHANCES))
    return _spelt(kind.name(), options)


_CHANCES: list[dict[str, object]] = [
    {},
    {},
    {},
    {"probability": "1/3"},
    {"probability": "1/2", "attempt": "1"},
    {"attempt": "1"},
    {"attempt": "2-3"},
]


def _spelt(name: str, options: dict[str, object]) -> str:
    told = ",".join(f"{key}={str(value).replace(',', chr(92) + ',')}" for key, value in options.items())
    return f"{name}:{told}" if told else name


# None of the first contents before any head: that would be refused.
_PACING: dict[str, tuple[str, ...]] = {
    "ttfb": ("0", "2ms", "uniform(1ms,5ms)"),
    "ttft": ("10ms", "uniform(10ms,1s)"),
    "itl": ("0", "30ms", "normal(30ms,5ms)", "lognormal(30ms,0.4)"),
    "jitter": ("3ms", "uniform(0,4ms)"),
}


@st.composite
def pacings(draw: st.DrawFn) -> dict[str, str]:
    """Return pacing options."""
    names = draw(st.sets(st.sampled_from([*_PACING]), max_size=3))
    return {name: draw(st.sampled_from(_PACING[name])) for name in _PACING if name in names}


BACK = Given(last_event_id="1")
GIVEN = (Given(), Given(), Given(), Given(head_only=True), Given(unchunked=True), BACK)


RESUMED = 8


@cache
def exchanges() -> list[tuple[str, int]]:
    """Return all exchanges, so often the one that can be resumed: else hardly any would be where that is asked for."""
    known = [(name, one) for name, found in recordings().items() for one in found.exchanges]
    return [
        (name, one.number) for name, one in known for _ in range(RESUMED if b"id: 1" in one.body.splitlines() else 1)
    ]


@st.composite
def cases(draw: st.DrawFn, most: int = 4) -> Case:
    """Return any profile for any recording."""
    key = draw(st.sampled_from(exchanges()))
    asked = tuple(draw(st.lists(faults(key), max_size=most)))
    comes_back = any(fault.startswith("replay_on_reconnect") for fault in asked)
    return Case(
        recording=key[0],
        exchange=key[1],
        faults=asked,
        mode=draw(st.sampled_from(["recorded", "recorded", "instant"])),
        pacing=draw(pacings()),
        speed=draw(st.sampled_from(["1", "1", "10", "1/3"])),
        seed=draw(st.integers(0, 99)),
        attempt=draw(st.integers(1, 3)),
        given=BACK if comes_back else draw(st.sampled_from(GIVEN)),
    )


def used(found: Iterable[Case]) -> set[str]:
    """Return the names of all faults in these cases."""
    return {fault.partition(":")[0] for case in found for fault in case.faults}
