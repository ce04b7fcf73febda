"""Memory: does a parser hold on to what it read or gave out?

Law: what a stream takes is compared with what four times as much of the same takes. Nothing of it has to be kept, so
hardly anything may be added; what is, has to be there again with four times as much of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.conformance.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Held, Target

RULE: Final = "bounded-memory"
LEAST: Final = 64 << 10
"""Bytes of the smallest stream."""
_FACTOR: Final = 4
_TWICE: Final = 2
_KEPT: Final = 0.5
"""Bytes that may be held for each byte of the stream."""
_CHUNK: Final = 1024


class Matter(NamedTuple):
    """What streams are made of.

    Attributes:
        name: In words.
        chunk: One chunk of it.
        needs: Features without which it says nothing.

    """

    name: str
    chunk: bytes
    needs: frozenset[str]


def matters(policy: Policy, noise: int) -> list[Matter]:
    """Return what is tried: many small events or comments, but few large ones where small things are not seen."""
    before, after = policy.around
    text = b"x" * (_CHUNK - len(before + after) if noise else 3)
    event = before + (b'"%s"' % text if policy.payload else text) + after
    events = Matter("many events in chunks of 1 KiB", _filled(event), frozenset({"events"}))
    if policy.ndjson:
        return [events]
    comments = _filled(b": " + text + b"\n\n")
    return [events, Matter("many comments in chunks of 1 KiB", comments, frozenset({"comment-block"}))]


def _filled(unit: bytes) -> bytes:
    return unit * max(1, _CHUNK // len(unit))


def memory(target: Target, policy: Policy, broken: Callable[[frozenset[str]], bool] = lambda _: False) -> list[Finding]:
    """Return at most one finding: what the target holds on to."""
    told = target.held([policy.simplest], 1) if target.cuts else None
    if told is None:
        return []
    for matter in matters(policy, told.noise):
        if not broken(matter.needs):
            finding = _growing(target, matter, told.noise)
            if finding is not None:
                return [finding]
    return []


def at_the_end(target: Target, policy: Policy) -> bool:
    """Tell whether nothing is given before the end, so that all of a stream is held, whatever the parser keeps."""
    chunks = [policy.simplest] * _FACTOR
    return min(target.read(chunks).after, default=0) >= len(chunks)


def _growing(target: Target, matter: Matter, noise: int) -> Finding | None:
    """Return what is wrong with how much is held of ``matter``."""
    size = _least(noise)
    _held(target, matter, size)  # what it takes to begin with, once and for all, is no part of it
    held = _held(target, matter, size)
    told = ""
    for _ in range(_TWICE):
        more = _held(target, matter, size * _FACTOR)
        if held is None or more is None:
            return None
        added, grown = size * (_FACTOR - 1), more.size - held.size
        if grown < max(noise, _KEPT * added):
            return None
        told = f"{added} more bytes of {matter.name} take {grown} more bytes of memory"
        size, held = size * _FACTOR, more
    return Finding(RULE, ("kept",), "bug", told, shape=matter.name, size=size)


def _held(target: Target, matter: Matter, size: int) -> Held | None:
    return target.held([matter.chunk], size // len(matter.chunk))


def _least(noise: int) -> int:
    """Return the smallest size at which what may not be held is more than noise."""
    size = LEAST
    while _KEPT * size * (_FACTOR - 1) < noise:
        size *= _FACTOR
    return size
