"""What a server counts of its answers, for those who watch it.

Laws: an answer is counted once, when it is over, by a few additions; all that needs a look at its bytes is found once
for each script. A count is a cell of a row of whole numbers, so rows of several processes add up, and a row may lie in
memory that they share. No cell is about a client, a URL or a recording: how many there are is fixed.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from streamsim.dialects.reading import StreamReader
from streamsim.engine.script import Facts
from streamsim.plan.faults import CATALOGUE
from streamsim.units import MILLISECOND
from streamsim.wire.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.engine.progress import Progress
    from streamsim.engine.script import Script

OUTCOMES: Final = (
    "complete", "fin", "reset", "hang", "refuse", "ignore", "client left", "client stuck", "server stopped",
)  # fmt: skip
FAULTS: Final = tuple(CATALOGUE)
CODES: Final = 600  # 0 stands for what is no status code

# Upper bounds in ns. Those of times are what OpenTelemetry advises for generative AI, in seconds.
_FIRST: Final = tuple(
    each * MILLISECOND for each in (1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000)
)
_WHOLE: Final = tuple(10 * MILLISECOND << power for power in range(14))
_LATE: Final = tuple(
    each * MILLISECOND // 10 for each in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
)


class Histogram(NamedTuple):
    """Cells from ``total`` on: the sum in ns, how many were within each bound and no lower one, how many beyond all."""

    total: int
    bounds_ns: tuple[int, ...]

    @property
    def counts(self) -> slice:
        """The cells that count."""
        return slice(self.total + 1, self.total + len(self.bounds_ns) + 2)


# How many cells each of the following takes.
_BOUNDS: Final = (_FIRST, _WHOLE, _LATE, _LATE)
_SIZES: Final = (*[1] * 11, CODES, CODES * len(OUTCOMES), len(FAULTS), *(len(bounds) + 2 for bounds in _BOUNDS))
(
    OPENED, CLOSED, STARTED, ABANDONED, WAITING, PLANNED, REFUSED, MISSED, BYTES, EVENTS, UNSENT,
    REJECTED, ANSWERED, INJECTED, _TTFT, _DURATION, _TTFT_LATE, _END_LATE, CELLS,
) = accumulate(_SIZES, initial=0)  # fmt: skip

TTFT: Final = Histogram(_TTFT, _FIRST)
DURATION: Final = Histogram(_DURATION, _WHOLE)
TTFT_LATE: Final = Histogram(_TTFT_LATE, _LATE)
END_LATE: Final = Histogram(_END_LATE, _LATE)
_ENDS: Final = (_DURATION, _END_LATE)
_TIMES: Final = (*_ENDS, _TTFT, _TTFT_LATE)

_OUTCOME: Final = {outcome: number for number, outcome in enumerate(OUTCOMES)}
_FAULT: Final = {fault: INJECTED + number for number, fault in enumerate(FAULTS)}


class Cells(Protocol):
    """A list of whole numbers, or the like in memory that processes share."""

    def __getitem__(self, place: int, /) -> int: ...

    def __setitem__(self, place: int, value: int, /) -> None: ...

    def __iter__(self) -> Iterator[int]: ...


class Tally:
    """Counts into one row of :data:`CELLS` cells."""

    def __init__(self, cells: Cells | None = None) -> None:
        self.cells: Cells = [0] * CELLS if cells is None else cells

    def restart(self) -> None:
        """Go on where another process has left off: what it had open is closed."""
        self.cells[CLOSED] = self.cells[OPENED]
        self.cells[WAITING] = 0
        self.cells[ABANDONED] += running(list(self.cells))

    def add(self, cell: int) -> None:
        """Count one."""
        self.cells[cell] += 1

    def waits(self, requests: int) -> None:
        """Note how many requests wait for a place now."""
        self.cells[WAITING] = requests

    def rejected(self, script: Script) -> None:
        """Count an answer of our own, if it says that something was wrong."""
        code = _code(script.wires[0])
        if code >= 400:
            self.cells[REJECTED + code] += 1

    def ended(self, answer: Progress) -> None:
        """Count an answer that is over; this is done for every one, so it does no more than it must."""
        cells, script, steps = self.cells, answer.script, answer.steps
        facts = script.facts
        if facts is None:
            facts = script.facts = _facts(script)
        code, first, faults = facts
        cells[code + _OUTCOME[answer.outcome]] += 1
        for cell in faults:
            cells[cell] += 1
        if not steps:
            return
        cells[BYTES] += script.offsets[steps]
        if script.events:
            sent, planned = script.events[steps - 1], script.events[-1]
            cells[EVENTS] += sent
            if sent < planned:
                cells[UNSENT] += planned - sent
        began = first is not None and first < steps
        if answer.last_ns or answer.left_ns is not None:
            self._observe(answer, first if began else None)
            return
        for total in _TIMES if began else _ENDS:  # all in one write when it was asked for: each time is nought
            cells[total + 1] += 1

    def _observe(self, answer: Progress, first: int | None) -> None:
        """Count the times of ``answer``, of whose steps ``first`` brought the first content."""
        cells, last_ns, left_ns = self.cells, answer.last_ns, answer.left_ns
        _add(cells, DURATION, last_ns if left_ns is None else left_ns)
        _add(cells, END_LATE, last_ns - answer.due_ns(answer.steps - 1))
        if first is not None:
            at_ns = answer.at_ns(first)
            _add(cells, TTFT, at_ns)
            _add(cells, TTFT_LATE, at_ns - answer.due_ns(first))


def _add(cells: Cells, histogram: Histogram, value_ns: int) -> None:
    total, bounds_ns = histogram
    cells[total] += value_ns
    cells[total + 1 + bisect_left(bounds_ns, value_ns)] += 1


def running(cells: Sequence[int]) -> int:
    """Return how many answers have begun, wait for no place and are not over."""
    return cells[STARTED] - cells[ABANDONED] - cells[WAITING] - sum(cells[ANSWERED:INJECTED])


def summed(rows: Sequence[Cells]) -> list[int]:
    """Return the sum of rows, cell by cell."""
    return [*map(sum, zip(*rows, strict=True))]


def _facts(script: Script) -> Facts:
    told = cast("list[dict[str, str]]", script.told.get("faults", []))
    faults = [each["fault"].partition(":")[0] for each in told if each["outcome"] == "applied"]
    answer, stream, first = Reader(), None, None
    for number, wire in enumerate(script.wires):
        body = answer.feed(wire)
        if body:
            stream = stream or StreamReader(answer.headers)
            if any(landed.content for landed in stream.feed(body)):
                first = number
                break
    code = answer.status if answer.status < CODES else 0
    return Facts(ANSWERED + code * len(OUTCOMES), first, tuple(_FAULT[fault] for fault in faults))


def _code(wire: bytes) -> int:
    """Return the status of a head of our own."""
    return int(wire[9:12])
