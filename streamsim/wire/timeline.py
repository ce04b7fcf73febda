"""A timeline: what will be done on the wire, and when, before any of it is done.

Its laws, which :func:`check` asserts and every transform keeps:

1. Times are whole nanoseconds since the request's last byte, from 0 on, and never go back.
2. One step ends the connection's work (End, Fin, Reset, Hang, Refuse, Ignore), and it is the last.
3. Body bytes and End come after a final Head (status 200 or above), of which there is at most one.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from streamsim.wire import http1
from streamsim.wire.actions import Action, End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.wire.actions import Framing

# Steps that are hashed at once.
TOGETHER = 4096

_LAST = (End, Fin, Reset, Hang, Refuse, Ignore)


class Step(msgspec.Struct, frozen=True, gc=False):
    """One action, the nanosecond since the request at which it is due, and where it comes from.

    ``origin`` is the index of the recorded chunk that the action carries, or -1.
    """

    at_ns: int
    action: Action
    origin: int = -1


Timeline: TypeAlias = tuple[Step, ...]


def check(timeline: Timeline) -> Timeline:
    """Return ``timeline`` when it keeps the laws.

    Raises:
        ValueError: It does not; the message names the step.

    """
    if not timeline:
        raise ValueError("a timeline has at least one step")
    last_ns = 0
    headed = False
    final = len(timeline) - 1
    for number, step in enumerate(timeline):
        action = step.action
        if step.at_ns < last_ns:
            raise ValueError(f"step {number} goes back in time: {step.at_ns} ns after {last_ns} ns")
        if not (headed and type(action) is Send and number != final):  # nearly all steps, which can break no other law
            _check_order(number, action, last=number == final, headed=headed)
        headed = headed or (isinstance(action, Head) and action.status >= 200)
        last_ns = step.at_ns
    return timeline


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
        if isinstance(action, Send):
            yield http1.body(action.data, framing)
        elif isinstance(action, Head):
            framing = action.framing
            yield http1.head(action)
        elif isinstance(action, End):
            yield http1.end(action, framing)
        else:
            yield action.data if isinstance(action, Raw) else b""


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
    for step, wire in zip(timeline, rendered(timeline), strict=True):
        kind = b"send" if type(step.action) is Send else _kind(step.action)
        yield b"%d %b %d\n%b" % (step.at_ns, kind, len(wire), wire)


def _kind(action: Action) -> bytes:
    name = type(action).__name__.lower().encode()
    if isinstance(action, Hang) and action.for_ns is not None:
        return name + b"=%d" % action.for_ns
    return name
