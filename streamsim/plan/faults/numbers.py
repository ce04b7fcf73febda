"""How many: parameters that are whole numbers, within what makes sense and fits in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Fault


def within(fault: Fault, key: str, value: int, low: int, high: int) -> None:
    """Do nothing where ``value`` is from ``low`` to ``high``.

    Raises:
        UsageError: It is not.

    """
    if not low <= value <= high:
        raise UsageError(f"{fault.name()}: {key}", f"{value} is not from {low} to {high}", f"write {key}={low} or more")
