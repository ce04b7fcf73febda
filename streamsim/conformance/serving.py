"""What only a connection shows: whether events come while it stays open, and what a stream may be called.

Law: for whoever asks a URL. That an event came late is seen by the time between it and the next, which was served after
a pause, and is believed when it is seen twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.conformance.finding import Finding
from streamsim.conformance.reading import Seen
from streamsim.conformance.recorded import TYPE

if TYPE_CHECKING:
    from streamsim.conformance.finding import Label
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Target

PROMPTNESS: Final = "promptness"
TYPES: Final = "content-type"
PAUSE_S: Final = 0.5
_WITH_CHARSET: Final = "text/event-stream; charset=utf-8"
# What else a stream may be called: by many servers; by some.
_NAMES: Final[tuple[tuple[str, Label], ...]] = (
    (_WITH_CHARSET, "bug"),
    ("text/event-stream;charset=UTF-8", "bug"),
    ("Text/Event-Stream", "edge"),
    ("text/event-stream; charset=iso-8859-1", "edge"),
)


def promptness(target: Target, policy: Policy) -> list[Finding]:
    """Return at most one finding: the first event came with the second one only, or at the end."""
    chunks = (policy.simplest, policy.simplest)
    if not _late(target, chunks, TYPE) or len((reading := target.read(chunks)).events) != len(chunks):
        return []
    because = "" if _late(target, chunks, _WITH_CHARSET) else ", for its content type has no charset"
    what = f"event 0 was complete, and came only when more came, or at the end{because}"
    return [Finding(PROMPTNESS, ("late",), "bug", what, chunks, reading.events, reading.events)]


def _late(target: Target, chunks: tuple[bytes, ...], content_type: str) -> bool:
    """Tell whether it was late, twice."""
    times = (target.apart_s(chunks, PAUSE_S, content_type) for _ in range(2))
    return all(apart_s is not None and apart_s < PAUSE_S / 2 for apart_s in times)


def content_types(target: Target, policy: Policy) -> list[Finding]:
    """Return at most one finding: the first name of a stream by which it is not read as it should be, nor as usual."""
    before, after = policy.around
    text = "é"
    chunks = (before + (f'"{text}"' if policy.payload else text).encode() + after,)
    known = [[text], [each.data for each in target.read(chunks).events]]
    for name, label in _NAMES:
        reading = target.read_as(chunks, name)
        if reading is None:
            return []
        got = [each.data for each in reading.events]
        if got not in known:
            what = f"as {name}: {f'raised {reading.error}' if reading.error else f'gave {got}'}"
            return [Finding(TYPES, (TYPES,), label, what, chunks, (Seen(text),), reading.events)]
    return []
