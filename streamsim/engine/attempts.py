"""Which exchange and which attempt the next equal request gets.

The law: while a plan did not complete with a 2xx, the next equal request is the next attempt at the same exchange;
after that it gets the next matching exchange. A failure that was itself recorded is answered once if another exchange
matches. The last one repeats. Who says which try it is counts for nothing, and gets the same whatever came before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.engine.match import Candidate

# Distinct requests remembered at most; beyond, the one that came first is forgotten.
MOST = 65_536


class Slot:
    """The state of one set of equal requests.

    Attributes:
        found: What answers them, in order.
        position: Whose turn it is.
        attempt: Which try at that is next.
        whole: Whether they want it whole though it is a stream; None where nobody has asked yet.

    """

    __slots__ = ("attempt", "found", "position", "whole")

    def __init__(self, found: list[Candidate]) -> None:
        self.found = found
        self.position = 0
        self.attempt = 1
        self.whole: bool | None = None

    @property
    def candidate(self) -> Candidate:
        """Whose turn it is."""
        return self.found[self.position]

    def named(self, attempt: int) -> Candidate:
        """Return whose turn it is at a try that the client counts, whatever was answered before.

        A failure that was recorded before others is answered to one try; what follows gets all later ones.
        """
        failures = next((number for number, one in enumerate(self.found) if one.succeeds), len(self.found) - 1)
        return self.found[min(attempt - 1, failures)]

    def move(self, *, succeeded: bool, recorded_failure: bool) -> None:
        """Take note of what was just answered."""
        if (succeeded or recorded_failure) and self.position + 1 < len(self.found):
            self.position += 1
            self.attempt = 1
            self.whole = None
        elif succeeded:
            self.attempt = 1
        else:
            self.attempt += 1


class Slots:
    """All slots, by the key of their requests."""

    def __init__(self) -> None:
        self._slots: dict[bytes, Slot] = {}

    def get(self, key: bytes) -> Slot | None:
        """Return the slot of ``key``, if there is one."""
        return self._slots.get(key)

    def put(self, key: bytes, slot: Slot) -> None:
        """Remember ``slot`` under ``key``."""
        if len(self._slots) >= MOST:
            del self._slots[next(iter(self._slots))]
        self._slots[key] = slot

    def clear(self) -> None:
        """Forget all."""
        self._slots.clear()
