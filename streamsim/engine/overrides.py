"""What a request may choose for itself, by ``x-streamsim-…`` headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.faults import CATALOGUE
from streamsim.plan.profile import read_fault, repaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.engine.requests import Request
    from streamsim.plan.profile import Profile

PREFIX = b"x-streamsim-"
_KNOWN = ("key", "exchange", "attempt", "seed", "ttfb", "ttft", "itl", "jitter", "fault", "prompt-tokens")
_PACING = ("ttfb", "ttft", "itl", "jitter")
_FAULT = PREFIX + b"fault"

# Where the next fault begins in a value that holds several. A name that stands here cannot be a parameter of the last.
_NEXT = re.compile(r"(?<!\\),[ \t]*(?=([a-z][a-z0-9_]*)[ \t]*(?:[:,]|\Z))")


class Overrides(msgspec.Struct, frozen=True):
    """The choices, None where there is none. ``exchange`` is ``N`` or ``NAME:N``."""

    key: str | None = None
    exchange: str | None = None
    attempt: int | None = None
    seed: int | None = None
    pacing: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()

    def profile(self, base: Profile) -> Profile:
        """Return ``base`` with the chosen pacing in place of its own, and the chosen faults after its own.

        Raises:
            UsageError: A value is no duration, distribution or fault.

        """
        if not self.pacing and not self.faults:
            return base
        return msgspec.structs.replace(
            base,
            pacing=repaced(base.pacing, dict(self.pacing), where="x-streamsim-"),
            faults=(*base.faults, *(read_fault(text, where="x-streamsim-fault") for text in self.faults)),
        )


NONE = Overrides()


def overrides(request: Request) -> Overrides:
    """Return what ``request`` chooses.

    Raises:
        UsageError: A header is not known, or its value is wrong.

    """
    chosen = {
        name[len(PREFIX) :].decode("latin-1"): value.decode("latin-1").strip()
        for name, value in request.fields.items()
        if name.startswith(PREFIX)
    }
    if not chosen:
        return NONE
    for name in chosen:
        if name not in _KNOWN:
            raise UsageError(f"x-streamsim-{name}", "there is no such header", f"known are {', '.join(_KNOWN)}")
    _integer(chosen, "prompt-tokens", 0)
    return Overrides(
        key=chosen.get("key"),
        exchange=chosen.get("exchange"),
        attempt=_integer(chosen, "attempt", 1),
        seed=_integer(chosen, "seed", 0),
        pacing=tuple((name, chosen[name]) for name in _PACING if name in chosen),
        faults=tuple(_faults(request)) if "fault" in chosen else (),
    )


def _faults(request: Request) -> Iterator[str]:
    """Yield the faults of all fault headers, in order.

    What repeats a header may as well join its values with commas (RFC 9110, 5.3), and ``fetch`` does.
    """
    for name, value in request.headers:
        if name.lower() == _FAULT:
            yield from _apart(_text(value))


def _apart(joined: str) -> Iterator[str]:
    """Yield the faults that stand in one value."""
    start = 0
    for match in _NEXT.finditer(joined):
        before = joined[start : match.start()]
        if match[1] in CATALOGUE and before.count("(") == before.count(")"):
            yield before
            start = match.end()
    yield joined[start:]


def _text(value: bytes) -> str:
    """Return what a client means: UTF-8, as ``curl`` sends what is typed, or else ISO 8859-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _integer(chosen: dict[str, str], name: str, least: int) -> int | None:
    text = chosen.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) < least:
        raise UsageError(f"x-streamsim-{name}", f"{text!r} is not a whole number from {least} on", "send one")
    return int(text)
