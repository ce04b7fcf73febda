"""How large one event may grow before we give up on the stream.

Law: every buffer of this package has a limit, and whether it is passed does not depend on how the bytes were cut.
"""

from __future__ import annotations

from streamsim.errors import StreamsimError

MAX_EVENT_BYTES = 64 * 1024 * 1024


class EventTooLarge(StreamsimError):  # noqa: N818 - it names what happened, as EventSource errors do
    """One event (or frame) is larger than its reader was told to hold."""


def too_large(limit: int) -> EventTooLarge:
    """Return the error for an event of more than ``limit`` bytes."""
    return EventTooLarge(
        "event stream",
        f"an event is larger than {limit} bytes",
        "make the sender end its events with a blank line, or raise max_event_bytes",
    )


def checked_limit(limit: int) -> int:
    """Return ``limit``.

    Raises:
        ValueError: It leaves room for nothing.

    """
    if limit < 1:
        raise ValueError(f"max_event_bytes must be at least 1, not {limit}")
    return limit
