"""A plan turned into bytes and times, once, so that playing it is only looking up.

Nothing is decided here: each step of the timeline is one entry. The head may get header lines that the shell adds,
which are outside the plan and its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, overload

from streamsim.wire import End, Fin, Hang, Head, Headers, Ignore, Refuse, Reset, http1
from streamsim.wire.steps import Unfolding, packed, telling, with_heads
from streamsim.wire.timeline import rendered, spelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.plan.planner import Plan
    from streamsim.wire import Action, Framing, Timeline

CORS: Headers = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "*"))

# Bytes of all scripts that are kept ready, and what one step takes besides its own.
SHELF = 64 << 20
EACH = 160
# Steps from which on bytes are made as they are sent, and what one takes then.
LONG = 1 << 16
EACH_UNROLLED = 24

Close: TypeAlias = Literal["end", "fin", "reset", "hang", "refuse", "ignore"]


class Facts(NamedTuple):
    """What is counted of every answer that plays a script.

    Attributes:
        code: The first of the cells of its status.
        first: The step that brings the first content; None where none does.
        faults: The cells of the faults in it.

    """

    code: int
    first: int | None
    faults: tuple[int, ...]


class Script:
    """What to write when.

    Attributes:
        ats: Due times in ns, one a step.
        wires: Bytes, one entry a step.
        offsets: Bytes before step i; the last entry is the total.
        events: Events complete after step i.
        close: What the last step does.
        hang_ns: How long to hang before closing; None means until the client leaves.
        keeps_alive: Whether the connection may serve another request after ``end``.
        told: What names this answer in traces.
        facts: What is counted of whatever plays it, once somebody has found that out.

    """

    __slots__ = ("_whole", "ats", "close", "events", "facts", "hang_ns", "keeps_alive", "offsets", "told", "wires")

    def __init__(
        self,
        timeline: Timeline,
        *,
        extra: bytes = b"",
        events: Sequence[int] = (),
        told: dict[str, object] | None = None,
    ) -> None:
        self.events = events
        self.told = told or {}
        self.keeps_alive = True
        heads: dict[int, bytes] = {}
        for place, step in telling(timeline):
            if isinstance(step.action, Head) and step.action.status >= 200:
                heads[place] = http1.head(step.action, extra)
                self.keeps_alive = _keeps_alive(step.action)
        self.ats: Sequence[int]
        self.wires: Sequence[bytes]
        self.offsets: Sequence[int]
        if isinstance(timeline, Unfolding) and len(timeline) > LONG:
            self.ats, self.wires = timeline.times, Unrolled(timeline, heads)
            self.offsets = packed(lambda: accumulate(map(len, self.wires), initial=0))
        else:
            self.ats = [step.at_ns for step in timeline]
            self.wires = [heads.get(place, wire) for place, wire in enumerate(rendered(timeline))]
            self.offsets = [0, *accumulate(map(len, self.wires))]
        last = timeline[-1].action
        self.hang_ns = last.for_ns if isinstance(last, Hang) else None
        self.close: Close = _CLOSES[type(last)]
        self._whole: bytes | None = None
        self.facts: Facts | None = None

    @property
    def governed(self) -> bool:
        """Whether load moves it: it is an answer of a model, and not one of our own."""
        return "plan" in self.told

    def joined(self, start: int, stop: int) -> bytes:
        """Return the bytes of the steps from ``start`` up to ``stop``; those of all steps are joined once."""
        if stop - start < len(self.wires):
            return b"".join(self.wires[start:stop])
        if self._whole is None:
            self._whole = b"".join(self.wires)
        return self._whole

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        if isinstance(self.wires, Unrolled):
            return EACH_UNROLLED * len(self.ats)
        return 2 * self.offsets[-1] + EACH * len(self.ats)


class Unrolled(Sequence[bytes]):
    """The bytes of each step of a long answer, made when they are asked for."""

    __slots__ = ("_framing", "_heads", "_timeline")

    def __init__(self, timeline: Unfolding, heads: dict[int, bytes]) -> None:
        """Give the steps of ``timeline`` their bytes, but to ``heads`` what stands there."""
        self._timeline = timeline
        self._heads = heads
        self._framing: Framing = "none"
        for _, step in timeline.telling():
            if isinstance(step.action, Head):
                self._framing = step.action.framing

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self._timeline)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes of each step."""
        for place, wire in enumerate(rendered(self._timeline)):
            yield self._heads.get(place, wire)

    @overload
    def __getitem__(self, which: int) -> bytes: ...

    @overload
    def __getitem__(self, which: slice) -> list[bytes]: ...

    def __getitem__(self, which: int | slice) -> bytes | list[bytes]:
        """Return the bytes of one step, or of several."""
        places = range(len(self))[which]
        return self._wire(places) if isinstance(places, int) else [self._wire(place) for place in places]

    def _wire(self, place: int) -> bytes:
        return self._heads.get(place) or spelt(self._timeline[place].action, self._framing)


_CLOSES: dict[type, Close] = {
    End: "end",
    Fin: "fin",
    Reset: "reset",
    Hang: "hang",
    Refuse: "refuse",
    Ignore: "ignore",
}


class Shelf:
    """Scripts kept ready, each with whether its plan succeeds. The first comer has to go when room is short."""

    def __init__(self) -> None:
        self._ready: dict[object, tuple[Script, bool]] = {}
        self._size = 0

    def get(self, key: object) -> tuple[Script, bool] | None:
        """Return what was put there."""
        return self._ready.get(key)

    def put(self, key: object, script: Script, *, succeeds: bool) -> None:
        """Keep ``script``, which was not there, as long as there is room."""
        self._ready[key] = script, succeeds
        self._size += script.size
        while self._size > SHELF and len(self._ready) > 1:
            self._size -= self._ready.pop(next(iter(self._ready)))[0].size


def from_plan(plan: Plan, *, names: bool = True, cors: bool = False) -> Script:
    """Return the script of ``plan``. Without the header that says so no client could read chunks: it is added.

    Args:
        plan: What to play.
        names: Whether the head says which plan, seed and attempt this is.
        cors: Whether a browser asks from another origin: it is then allowed, whatever was recorded for other origins.

    """
    told: dict[str, object] = {
        "recording": plan.recording,
        "exchange": plan.exchange,
        "plan": plan.plan_id,
        "seed": plan.seed,
        "attempt": plan.attempt,
    }
    if plan.faults:
        told["faults"] = [each.told for each in plan.faults]
    extra: Headers = ()
    timeline = plan.timeline if len(plan.timeline) > LONG else tuple(plan.timeline)
    if names:
        extra = (
            ("x-streamsim-plan", plan.plan_id),
            ("x-streamsim-seed", str(plan.seed)),
            ("x-streamsim-attempt", str(plan.attempt)),
        )
    if cors:
        extra = (*extra, *CORS)
        timeline = with_heads(timeline, _opened)
    if any(isinstance(step.action, Head) and _untold(step.action) for _, step in telling(timeline)):
        extra = (("transfer-encoding", "chunked"), *extra)
    return Script(timeline, extra=http1.lines(extra), events=plan.events, told=told)


def _opened(head: Action) -> Action:
    """Return a head that any origin may read."""
    if not isinstance(head, Head):
        return head
    allowed = {name for name, _ in CORS}
    headers = tuple((name, value) for name, value in head.headers if name.lower() not in allowed)
    return Head(head.status, head.reason, headers, head.http, head.framing)


def _keeps_alive(head: Head) -> bool:
    """Tell whether head and framing let the connection live on once the body is complete (RFC 9112, 9.3)."""
    options = [value.lower() for name, value in head.headers if name.lower() == "connection"]
    if _unframed(head) or any("close" in value for value in options):
        return False
    return head.http != "1.0" or any("keep-alive" in value for value in options)


def _untold(head: Head) -> bool:
    """Tell whether no header says that the body comes in chunks, as in a recording made by hand."""
    return head.framing == "chunked" and not any(name.lower() == "transfer-encoding" for name, _ in head.headers)


def _unframed(head: Head) -> bool:
    """Tell whether only the connection's end shows where the body ends, as where HTTP/2 framed it when recorded."""
    sized = any(name.lower() == "content-length" for name, _ in head.headers)
    return head.framing == "close" or (head.framing == "h2" and not sized)
