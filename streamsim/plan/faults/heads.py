"""Changing one header, with all others as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Fault
    from streamsim.wire import Head


def replaced(head: Head, name: str, value: str | None) -> Head:
    """Return ``head`` with the header set to ``value`` where it first stood, or at the end; with None, without it."""
    kept: list[tuple[str, str]] = []
    pending = value
    for key, old in head.headers:
        if key.lower() != name:
            kept.append((key, old))
        elif pending is not None:
            kept.append((key, pending))
            pending = None
    if pending is not None:
        kept.append((name, pending))
    return msgspec.structs.replace(head, headers=tuple(kept))


def header_value(fault: Fault, key: str, text: str) -> str:
    """Return ``text``, the value of a header.

    Raises:
        UsageError: A header cannot hold it.

    """
    if any(char in "\r\n\0" or char > "\xff" for char in text):
        problem = f"{text!r} cannot stand in a header"
        raise UsageError(f"{fault.name()}: {key}", problem, "write one line of ISO 8859-1")
    return text
