"""One replica of a provider: who runs, who waits, and how fast everybody's plan is played.

The model. A request is admitted when fewer than ``max_concurrency`` streams run, and else waits its turn, first come,
first served; where ``max_queue`` wait already, it is refused. An admitted one runs: first its prompt is read, then its
plan is played, and when the last step is done, or the client has left, its place is free. All plans are played on one
clock of the replica, which goes at full speed for one stream and slower for more; prompts are read on another such
clock. When the number of streams changes, both clocks change speed at that nanosecond, for what is left of every gap.

The laws: one stream alone has the times of its plan; nobody overtakes in the queue; the limits are never exceeded;
asking, or asking late, changes no time. A clock's reading is kept in 2**-20 ns and rounded down whenever its speed
changes; a deed is due at the first whole nanosecond at which its clock has come to it.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.model import Load
    from streamsim.traffic.speed import Speed

PRECISION: Final = 20

State: TypeAlias = Literal["new", "waiting", "prefill", "playing", "done", "gone"]


class Stream:
    """One request and its answer, as far as load has to do with it.

    Attributes:
        prompt_tokens: How long its prompt is.
        prefill_ns: How long that takes alone.
        ats: When each step of its plan is due, from the plan's beginning, in order; at least one.
        dues: When each step became due, as far as they have.
        state: What becomes of it.
        arrived_ns, admitted_ns, started_ns: When it came, got its place, and its plan began; None before that.

    """

    __slots__ = (
        "admitted_ns",
        "arrived_ns",
        "ats",
        "base",
        "dues",
        "prefill_ns",
        "prompt_tokens",
        "started_ns",
        "state",
    )

    def __init__(self, prompt_tokens: int, prefill_ns: int, ats: Sequence[int]) -> None:
        self.prompt_tokens = prompt_tokens
        self.prefill_ns = prefill_ns
        self.ats = ats
        self.dues: list[int] = []
        self.state: State = "new"
        self.base = 0
        self.arrived_ns: int | None = None
        self.admitted_ns: int | None = None
        self.started_ns: int | None = None


_Heap: TypeAlias = list[tuple[int, int, Stream]]


class Replica:
    """Who runs and who waits; tell it who comes and goes, and ask :meth:`advance` at ``next_ns``.

    Attributes:
        running: Streams that have a place.
        waiting: Requests that have none yet.
        next_ns: When the next deed is due; None while there is none.

    """

    __slots__ = (
        "_filled", "_filling", "_load", "_news", "_played", "_playing", "_prompts", "_queue", "_since_ns",
        "_slow_filling", "_slow_playing", "_speed", "_turn", "_unit_filling", "_unit_playing", "next_ns", "running",
        "waiting",
    )  # fmt: skip

    def __init__(self, load: Load, speed: Speed) -> None:
        self.running = 0
        self.waiting = 0
        self.next_ns: int | None = None
        self._load = load
        self._speed = speed
        self._unit_playing = speed.playing_unit << PRECISION
        self._unit_filling = speed.filling_unit << PRECISION
        self._slow_playing = self._slow_filling = 1
        # What the two clocks showed at ``_since_ns``, and who waits for them to show what.
        self._since_ns = 0
        self._played = self._filled = 0
        self._playing: _Heap = []
        self._filling: _Heap = []
        self._prompts = 0
        self._queue: deque[Stream] = deque()
        self._turn = 0
        self._news: list[Stream] = []

    @property
    def full(self) -> bool:
        """Whether a request that comes now is refused."""
        load = self._load
        return not self._room() and load.max_queue is not None and self.waiting >= load.max_queue

    def advance(self, now_ns: int) -> list[Stream]:
        """Do all that is due by ``now_ns``; return the streams of which a step became due, or that are done.

        One may be named more than once.
        """
        while self.next_ns is not None and self.next_ns <= now_ns:
            self._run(self.next_ns)
        news, self._news = self._news, []
        return news

    def arrive(self, stream: Stream, now_ns: int) -> bool:
        """Take a request that comes now; return False if it is refused. All that is due must have been done."""
        stream.arrived_ns = now_ns
        if self.full:
            return False
        if not self._room():
            stream.state = "waiting"
            self._queue.append(stream)
            self.waiting += 1
            return True
        self._set_clocks(now_ns)
        self._admit(stream, now_ns)
        self._change_speed()
        return True

    def leave(self, stream: Stream, now_ns: int) -> None:
        """Have ``stream`` go, wherever it is: its place is free at once. All that is due must have been done."""
        if stream.state == "done":
            return
        before, stream.state = stream.state, "gone"
        if before == "waiting":
            self.waiting -= 1
        elif before in ("prefill", "playing"):
            self._set_clocks(now_ns)
            self.running -= 1
            self._prompts -= before == "prefill"
            self._admit_waiting(now_ns)
            self._change_speed()

    def _room(self) -> bool:
        most = self._load.max_concurrency
        return most is None or self.running < most

    def _run(self, at_ns: int) -> None:
        """Do what is due at one instant."""
        elapsed_ns = at_ns - self._since_ns
        played = self._played + elapsed_ns * self._unit_playing // self._slow_playing
        places = self.running, self._prompts
        heap = self._playing
        while heap and heap[0][0] <= played:
            _, turn, stream = heap[0]
            if stream.state == "gone":
                heappop(heap)
            elif self._play(stream, played, at_ns):
                heapreplace(heap, (stream.base + (stream.ats[len(stream.dues)] << PRECISION), turn, stream))
            else:
                heappop(heap)
        self._fill(at_ns, elapsed_ns, played)
        if places != (self.running, self._prompts):
            self._set_clocks(at_ns)
            self._admit_waiting(at_ns)
            self._change_speed()
        else:
            self._look_ahead()

    def _fill(self, at_ns: int, elapsed_ns: int, played: int) -> None:
        """Begin the plans whose prompts have been read."""
        heap = self._filling
        if not heap:
            return
        filled = self._filled + elapsed_ns * self._unit_filling // self._slow_filling
        while heap and heap[0][0] <= filled:
            stream = heappop(heap)[2]
            if stream.state != "gone":
                self._prompts -= 1
                self._start(stream, played, at_ns)

    def _set_clocks(self, now_ns: int) -> None:
        """Read the clocks, because their speed is about to change."""
        elapsed_ns = now_ns - self._since_ns
        self._played += elapsed_ns * self._unit_playing // self._slow_playing
        self._filled += elapsed_ns * self._unit_filling // self._slow_filling
        self._since_ns = now_ns

    def _admit_waiting(self, now_ns: int) -> None:
        while self.waiting and self._room():
            stream = self._queue.popleft()
            if stream.state != "gone":
                self.waiting -= 1
                self._admit(stream, now_ns)

    def _admit(self, stream: Stream, now_ns: int) -> None:
        """Give ``stream`` a place; the clocks have been set."""
        self.running += 1
        stream.admitted_ns = now_ns
        work_ns = stream.prefill_ns + self._load.ttft_quadratic_ns * self.running * self.running
        if not work_ns:
            self._start(stream, self._played, now_ns)
            return
        stream.state = "prefill"
        self._prompts += 1
        self._turn += 1
        heappush(self._filling, (self._filled + (work_ns << PRECISION), self._turn, stream))

    def _start(self, stream: Stream, played: int, now_ns: int) -> None:
        """Begin to play the plan of ``stream``."""
        stream.state = "playing"
        stream.started_ns = now_ns
        stream.base = played
        first_ns = stream.ats[0]
        if not first_ns:
            if not self._play(stream, played, now_ns):
                return
            first_ns = stream.ats[len(stream.dues)]
        self._turn += 1
        heappush(self._playing, (played + (first_ns << PRECISION), self._turn, stream))

    def _play(self, stream: Stream, played: int, now_ns: int) -> bool:
        """Note the steps of ``stream`` that have become due; tell whether there are more."""
        reached_ns = played - stream.base >> PRECISION
        ats, dues = stream.ats, stream.dues
        nth, count = len(dues), len(ats)
        while nth < count and ats[nth] <= reached_ns:
            dues.append(now_ns)
            nth += 1
        self._news.append(stream)
        if nth < count:
            return True
        stream.state = "done"
        self.running -= 1
        return False

    def _change_speed(self) -> None:
        """Let the clocks, which have been set, go on as fast as those who run let them."""
        if self.running:
            self._slow_playing = self._speed.playing(self.running)
            self._slow_filling = self._speed.filling(self.running, self._prompts or 1)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Find when the next deed is due."""
        next_ns = None
        heap = self._playing
        while heap and heap[0][2].state == "gone":
            heappop(heap)
        if heap:
            next_ns = -((self._played - heap[0][0]) * self._slow_playing // self._unit_playing)
        heap = self._filling
        while heap and heap[0][2].state == "gone":
            heappop(heap)
        if heap:
            filled_ns = -((self._filled - heap[0][0]) * self._slow_filling // self._unit_filling)
            if next_ns is None or filled_ns < next_ns:
                next_ns = filled_ns
        self.next_ns = None if next_ns is None else self._since_ns + next_ns
