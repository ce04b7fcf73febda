"""A timeline: what will be done on the wire, and when, before any of it is done.

Its laws, which :func:`check` asserts and every transform keeps:

1. Times are whole nanoseconds since the request's last byte, from 0 on, and never go back.
2. One step ends the connection's work (End, Fin, Reset, Hang, Refuse, Ignore), and it is the last.
3. Body bytes and End come after a final Head (status 200 or above), of which there is at most one.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from streamsim.wire import http1
from streamsim.wire.actions import End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send
from streamsim.wire.steps import Unfolding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.wire.actions import Action, Framing
    from streamsim.wire.steps import Step, Timeline

# Steps that are hashed at once.
TOGETHER = 512

AnyTimeline = TypeVar("AnyTimeline", bound="Timeline")

_LAST = (End, Fin, Reset, Hang, Refuse, Ignore)


def check(timeline: AnyTimeline) -> AnyTimeline:
    """Return ``timeline`` when it keeps the laws.

    Raises:
        ValueError: It does not; the message names the step.

    """
    if not timeline:
        raise ValueError("a timeline has at least one step")
    if isinstance(timeline, Unfolding) and timeline.ordered:
        _check(timeline.telling(), len(timeline) - 1)
    else:
        _check(enumerate(timeline), len(timeline) - 1)
    return timeline


def _check(numbered: Iterable[tuple[int, Step]], final: int) -> None:
    last_ns = 0
    headed = False
    for number, step in numbered:
        action = step.action
        if step.at_ns < last_ns:
            raise ValueError(f"step {number} goes back in time: {step.at_ns} ns after {last_ns} ns")
        if not (headed and type(action) is Send and number != final):  # nearly all steps, which can break no other law
            _check_order(number, action, last=number == final, headed=headed)
        headed = headed or (isinstance(action, Head) and action.status >= 200)
        last_ns = step.at_ns


def _check_order(number: int, action: Action, *, last: bool, headed: bool) -> None:
    name = type(action).__name__
    if last and not isinstance(action, _LAST):
        raise ValueError(f"step {number}, the last, is a {name} and so the timeline does not end")
    if isinstance(action, _LAST) and not last:
        raise ValueError(f"step {number} is a {name} and more steps follow")
    if isinstance(action, Send | End) and not headed:
        raise ValueError(f"step {number} is a {name} before any final head")
    if isinstance(action, Head) and headed:
        raise ValueError(f"step {number} is a head after the final head")


def rendered(timeline: Timeline) -> Iterator[bytes]:
    """Yield each step's exact bytes on an HTTP/1.1 wire; those that write nothing yield ``b""``."""
    framing: Framing = "none"
    for step in timeline:
        action = step.action
        if isinstance(action, Head):
            framing = action.framing
        yield spelt(action, framing)


def spelt(action: Action, framing: Framing) -> bytes:
    """Return the bytes of one action, where the head said ``framing``; or b"" where it writes nothing."""
    if isinstance(action, Send):
        return http1.body(action.data, framing)
    if isinstance(action, Head):
        return http1.head(action)
    if isinstance(action, End):
        return http1.end(action, framing)
    return action.data if isinstance(action, Raw) else b""


def digest(timeline: Timeline) -> str:
    """Return the SHA-256, in hex, of the bytes and times of ``timeline``.

    Each step adds its time in ns, its kind, and its bytes on the wire with their length, so that no two different
    schedules share a digest by running into each other.
    """
    told = sha256()
    written = _written(timeline)
    while some := b"".join(islice(written, TOGETHER)):
        told.update(some)
    return told.hexdigest()


def _written(timeline: Timeline) -> Iterator[bytes]:
    """Yield what the digest holds of each step."""
    framing: Framing = "none"
    for step in timeline:
        action = step.action
        if type(action) is Send and framing == "chunked" and action.data:  # nearly all: spelt at once
            data = action.data
            size = b"%x" % len(data)
            yield b"%d send %d\n%b\r\n%b\r\n" % (step.at_ns, len(data) + len(size) + 4, size, data)
            continue
        if isinstance(action, Head):
            framing = action.framing
        wire = spelt(action, framing)
        yield b"%d %b %d\n%b" % (step.at_ns, _kind(action), len(wire), wire)


def _kind(action: Action) -> bytes:
    name = type(action).__name__.lower().encode()
    if isinstance(action, Hang) and action.for_ns is not None:
        return name + b"=%d" % action.for_ns
    return name
