"""What an answer must keep to be good: ``ttft=500ms,itl=50ms,e2e=10s``, each of them at most."""

from __future__ import annotations

from typing import Final

import msgspec

from streamsim.errors import UsageError
from streamsim.units import parse_duration

KEYS: Final = ("ttft", "itl", "e2e")


class Slo(msgspec.Struct, frozen=True):
    """Limits in ns; None: none. ``itl`` is that of the answer's mean gap."""

    ttft_ns: int | None = None
    itl_ns: int | None = None
    e2e_ns: int | None = None

    def keeps(self, ttft_ns: int, itl_ns: int | None, e2e_ns: int) -> bool:
        """Tell whether an answer is good; one of a single token has no ITL."""
        return (
            (self.ttft_ns is None or ttft_ns <= self.ttft_ns)
            and (self.itl_ns is None or itl_ns is None or itl_ns <= self.itl_ns)
            and (self.e2e_ns is None or e2e_ns <= self.e2e_ns)
        )


def parse_slo(text: str, *, where: str) -> Slo:
    """Return the limits that ``text`` spells.

    Raises:
        UsageError: It spells none.

    """
    limits: dict[str, int] = {}
    for item in text.split(","):
        key, sign, value = (part.strip() for part in item.partition("="))
        if not sign or key not in KEYS:
            raise UsageError(where, f"{item!r} is no limit", "write ttft=500ms,itl=50ms,e2e=10s, or some of these")
        if f"{key}_ns" in limits:
            raise UsageError(where, f"it says {key} twice", "give each limit once")
        limits[f"{key}_ns"] = parse_duration(value, where=where)
    return Slo(**limits)
