"""What parameters say: how long, how fast, which text. Each refusal names the fault and the parameter."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from streamsim.errors import UsageError
from streamsim.units import parse_duration

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Fault

# More than anybody reads, and few enough to fit in memory: a request may ask for any fault.
MOST = 100_000

_SECOND_NS = 1_000_000_000
_RATE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*(k|M|Ki|Mi)?(B|bit)/s", re.ASCII)
_TIMES = {None: 1, "k": 1000, "M": 1000_000, "Ki": 1024, "Mi": 1024 * 1024}


def positive(fault: Fault, key: str, text: str) -> int:
    """Return a duration above zero, in ns.

    Raises:
        UsageError: It is none.

    """
    where = f"{fault.name()}: {key}"
    duration_ns = parse_duration(text, where=where)
    if duration_ns <= 0:
        raise UsageError(where, f"{text!r} is no time at all", f"write {key}=30s")
    return duration_ns


def ticks(fault: Fault, every: str, during: str) -> range:
    """Return when to repeat, in ns from the beginning: every so often, as long as it lasts.

    Raises:
        UsageError: It would be never, or far too often.

    """
    every_ns, during_ns = positive(fault, "every", every), positive(fault, "for", during)
    found = range(every_ns, during_ns, every_ns)
    if not found:
        raise UsageError(fault.name(), f"every={every} is not shorter than for={during}", "write a shorter every")
    if len(found) > MOST:
        raise UsageError(fault.name(), f"every={every} for={during} is more than {MOST} times", "write a longer every")
    return found


def rate(fault: Fault, key: str, text: str) -> Fraction:
    """Return how many ns a byte takes at a rate such as ``10kB/s``, ``1MiB/s``, ``56kbit/s``.

    Raises:
        UsageError: It is no rate above zero.

    """
    match = _RATE.fullmatch(text.strip())
    per_second = Fraction(match[1]) * _TIMES[match[2]] / (8 if match[3] == "bit" else 1) if match else Fraction(0)
    if not per_second:
        raise UsageError(f"{fault.name()}: {key}", f"{text!r} is not a rate", "write 10kB/s, 1MB/s or 56kbit/s")
    return _SECOND_NS / per_second


def comment(fault: Fault, key: str, text: str) -> bytes:
    """Return a frame of comment lines.

    Raises:
        UsageError: A line is no comment.

    """
    if not all(line.startswith(":") for line in re.split("\r\n|\r|\n", text)):
        raise UsageError(f"{fault.name()}: {key}", f"{text!r} is no comment", "begin each line with a colon")
    return text.encode(errors="surrogateescape") + b"\n\n"
