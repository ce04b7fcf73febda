"""What a test may claim about an answer, and what it is told when that is not so.

Law: functions of plain data; each returns what is wrong and what to do about it, or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamsim.analysis import verdict
from streamsim.analysis.verdict import INSTANT_NS, NATURAL_NS, SLUGGISH_NS
from streamsim.errors import UsageError
from streamsim.units import format_duration

if TYPE_CHECKING:
    from streamsim.engine.contents import Contents

_LOW, _HIGH = map(format_duration, NATURAL_NS)
_INSTANT, _SLUGGISH = format_duration(INSTANT_NS), format_duration(SLUGGISH_NS)

STARTS = {
    "instant": f"below {_INSTANT}",
    "noticeable": f"from {_INSTANT} to {_SLUGGISH}",
    "sluggish": f"above {_SLUGGISH}",
}
PACES = {"fast": f"below {_LOW}", "natural": f"from {_LOW} to {_HIGH}", "slow": f"above {_HIGH}"}

_WENT_WRONG = {
    "playing": ("is not over yet", "read to the end first"),
    "fin": ("was cut off by a FIN, as planned", "leave out the fault, or expect the client's error"),
    "reset": ("was cut off by a RST, as planned", "leave out the fault, or expect the client's error"),
    "hang": ("fell silent, as planned", "leave out the fault, or expect the client's timeout"),
    "refuse": ("was a refused connection, as planned", "leave out the fault, or expect the client's error"),
    "ignore": ("was a connection never answered, as planned", "leave out the fault, or expect the client's timeout"),
    "client left": ("was left by the client", "read to the end, or assert on client_left_at"),
    "client stuck": ("was not read by the client", "read to the end"),
    "server stopped": ("was given up, as the server stopped", "read to the end before the server stops"),
}


class Wrong(NamedTuple):
    """What is wrong, and what to do about it."""

    problem: str
    remedy: str


def incomplete(outcome: str, contents: Contents, steps: int) -> Wrong | None:
    """Tell what an answer lacks that ended with ``outcome`` after ``steps`` steps.

    It lacks nothing when its dialect's last event was among them and told no failure, however the connection ended; or,
    where no dialect has a last event, when its body is complete.
    """
    last = contents.last(steps)
    if last is not None:
        if last.told.failure is None:
            return None
        return Wrong("ended with an error event", "leave out the fault, or expect the client's error")
    if outcome != "complete":
        return Wrong(*_WENT_WRONG[outcome])
    if contents.landed and contents.dialect != "generic":
        return Wrong(
            f"has no last event of {contents.dialect}",
            "play a whole recording without the fault, or expect a cut answer",
        )
    return None


def unlike(feeling: str, ttft_ns: int | None, itl_ns: int | None) -> Wrong | None:
    """Tell why an answer with this TTFT and this median ITL does not feel so.

    Raises:
        UsageError: There is no such feeling.

    """
    if feeling in STARTS:
        return _unlike(feeling, STARTS, "its TTFT", ttft_ns, verdict.start(ttft_ns))
    if feeling in PACES:
        return _unlike(feeling, PACES, "its median ITL", itl_ns, verdict.pace(itl_ns))
    raise UsageError("assert_feels", f"there is no feeling {feeling!r}", f"known are {', '.join((*STARTS, *PACES))}")


def _unlike(feeling: str, table: dict[str, str], what: str, ns: int | None, felt: str | None) -> Wrong | None:
    if felt == feeling:
        return None
    if ns is None or felt is None:
        wanted = "no content" if table is STARTS else "fewer than two chunks with content"
        return Wrong(f"does not feel {feeling}: {wanted} came", "read on, or leave out the fault")
    problem = f"does not feel {feeling}, but {felt}: {what} is {format_duration(ns)}, and {feeling} is {table[feeling]}"
    option = "ttft" if table is STARTS else "itl"
    return Wrong(problem, f"pace it by {option}=, or assert that it feels {felt}")
