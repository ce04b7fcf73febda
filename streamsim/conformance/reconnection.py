"""Whether a connection knows of the one before it: for clients that ask again, and parsers that can be reset.

Law: no oracle is asked. What comes of two connections is what came of each alone; or of the first, where nobody asked
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.conformance.finding import Finding

if TYPE_CHECKING:
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Seen, Target

RULE: Final = "reconnect"

_SOON: Final = b"retry: 10\n"
"""Before a client asks again, so that it does so soon."""
# Where the first connection broke off, and what the second one gives.
_CASES: Final = (
    ("a character", b"data: \xe2\x82", b"data: a\n\ndata: b\n\n"),
    ("a line", b"data: x", b"data: a\n\ndata: b\n\n"),
    ("an event", b"data: x\n", b"data: a\n\ndata: b\n\n"),
    ("an event", b"data: x\n", b"\ndata: a\n\ndata: b\n\n"),
    ("a block that had a name", b"event: x\n", b"data: a\n\ndata: b\n\n"),
    ("a CRLF", b"data: x\r\n\r", b"\ndata: a\n\ndata: b\n\n"),
    ("a comment", b": x", b"data: a\n\ndata: b\n\n"),
    ("nothing, and the second began with a byte order mark", b"data: x\n\n", b"\xef\xbb\xbfdata: a\n\ndata: b\n\n"),
)


def reconnection(target: Target, policy: Policy) -> list[Finding]:
    """Return at most one finding: the first way in which a connection shows in the next."""
    if policy.payload or not target.reconnects:
        return []
    for inside, broken_off, second in _CASES:
        first, second = _SOON + policy.led(broken_off), policy.led(second)  # noqa: PLW2901 - the same, as it is sent
        alone, clean = target.read((first,)), target.read((second,))
        both = target.read_on((first,), (second,))
        right = (*_told(alone), *_told(clean))
        if both.error or alone.error or clean.error or _told(both) in (right, _told(alone)):
            continue
        what = f"another result after a reset or a new connection: the stream before ended inside {inside}"
        return [Finding(RULE, (RULE,), "bug", what, (second,), right, _told(both), (first,))]
    return []


def _told(reading: Reading) -> tuple[Seen, ...]:
    """Return its events without ids and times, of which the standard says that they last."""
    return tuple(type(each)(each.data, each.type) for each in reading.events)
