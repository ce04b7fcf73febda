"""What a request may choose for itself, by ``x-streamsim-…`` headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.plan.profile import Profile

PREFIX = b"x-streamsim-"
_KNOWN = ("key", "exchange", "attempt", "seed", "ttfb", "ttft", "itl", "jitter")
_PACING = ("ttfb", "ttft", "itl", "jitter")


class Overrides(msgspec.Struct, frozen=True):
    """The choices, None where there is none. ``exchange`` is ``N`` or ``NAME:N``."""

    key: str | None = None
    exchange: str | None = None
    attempt: int | None = None
    seed: int | None = None
    pacing: tuple[tuple[str, str], ...] = ()

    def profile(self, base: Profile) -> Profile:
        """Return ``base`` with the chosen pacing.

        Raises:
            UsageError: A value is no duration or distribution.

        """
        if not self.pacing:
            return base
        chosen = {name: parse_distribution(text, where=f"x-streamsim-{name}") for name, text in self.pacing}
        return msgspec.structs.replace(base, pacing=msgspec.structs.replace(base.pacing, **chosen))


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
    return Overrides(
        key=chosen.get("key"),
        exchange=chosen.get("exchange"),
        attempt=_integer(chosen, "attempt", 1),
        seed=_integer(chosen, "seed", 0),
        pacing=tuple((name, chosen[name]) for name in _PACING if name in chosen),
    )


def _integer(chosen: dict[str, str], name: str, least: int) -> int | None:
    text = chosen.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) < least:
        raise UsageError(f"x-streamsim-{name}", f"{text!r} is not a whole number from {least} on", "send one")
    return int(text)
