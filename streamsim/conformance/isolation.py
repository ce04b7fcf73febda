"""Whether streams know of each other: instances at the same time, and one after the other.

Law: no oracle is asked. What an instance makes of a stream is compared with what the first one made of it, before
anything else was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.conformance.finding import Finding
from streamsim.conformance.judge import Judge

if TYPE_CHECKING:
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Target

CAUSE: Final = "shared-state"
MEANWHILE: Final = " while another instance "
"""What is told of an instance that read while another one was in the middle."""
END: Final = b"\n\n"
"""What that one has left to read."""


class _Case(NamedTuple):
    """How the other stream breaks off, and what makes a parser that held on to it let go."""

    inside: str
    broken_off: bytes
    remedy: bytes


_CASES: Final = (
    _Case("a character", b"data: \xe2\x82", b"\xac\n\n"),
    _Case("a line", b"data: x", b"\n\n"),
    _Case("an event", b"data: x\n", b"\n"),
    _Case("a named event", b"event: x\n", b"data: x\n\n"),
    _Case("nothing, but it had an id", b"id: 7\ndata: x\n\n", b"id:\ndata: x\n\n"),
    _Case("a CRLF", b"data: x\r\n\r", b"\ndata: x\n\n"),
    _Case("a byte order mark", b"\xef\xbb", b"\xbfdata: x\n\n"),
)
_SECOND: Final = (b"data: a\n\n", b"\ndata: a\n\n")


def isolation(target: Target, policy: Policy) -> list[Finding]:
    """Return at most one finding: the first way in which a stream shows in another."""
    judge = Judge(target, policy)
    if policy.payload or not judge.well():
        return []
    for inside, broken_off, remedy in _CASES:
        case = _Case(inside, policy.led(broken_off), policy.led(remedy))
        for second in map(policy.led, _SECOND):
            clean = target.read((second,))
            found = _after(target, case, second, clean) or _meanwhile(target, case, second, clean)
            target.read((case.remedy,))
            if not judge.well():
                judge.heal()
            if found is not None:
                return [found]
    return []


def _after(target: Target, case: _Case, second: bytes, clean: Reading) -> Finding | None:
    target.read((case.broken_off,))
    return _finding("after", case, second, clean, target.read((second,)))


def _meanwhile(target: Target, case: _Case, second: bytes, clean: Reading) -> Finding | None:
    if not (target.within and target.cuts):
        return None
    _, inner = target.read_within((case.broken_off, END), (second,), 1)
    return _finding("while", case, second, clean, inner)


def _finding(when: str, case: _Case, second: bytes, clean: Reading, got: Reading) -> Finding | None:
    if (got.events, got.error) == (clean.events, clean.error):
        return None
    other = "ended" if when == "after" else "stood"
    what = f"another result {when} another instance {other} inside {case.inside}"
    return Finding(
        rule="isolation",
        features=(CAUSE,),
        label="bug",
        what=f"{what}: raised {got.error}" if got.error else what,
        chunks=(second,),
        expected=clean.events,
        got=got.events,
        before=(case.broken_off,),
    )
