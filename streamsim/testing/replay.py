"""A recording that a test replays, or makes.

Law: it is one server with one memory, however clients get to it; all that they asked and got can be looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from streamsim.engine.core import Settings
from streamsim.errors import PlanError, StreamMismatch, UsageError
from streamsim.testing.finish import judge, unfinished
from streamsim.testing.options import AnyProfile, ignored, profile_of
from streamsim.testing.seams import Real, Seam, Virtual
from streamsim.testing.watched import Watched

if TYPE_CHECKING:
    from types import ModuleType

    from streamsim.engine.requests import Request
    from streamsim.engine.trace import Trace
    from streamsim.plan.planner import Plan, Planner
    from streamsim.testing.act import Act
    from streamsim.testing.options import Options
    from streamsim.testing.records import Take

# What clients append to the base URL that they are given; the rest of a recorded target is part of that.
_ENDPOINTS = (
    "/chat/completions", "/completions", "/responses", "/embeddings", "/v1/messages", "/v1/messages/count_tokens",
)  # fmt: skip

# How long a real server may take to see that a client has left; and a recorder, which waits for the end of a stream
# whose client has left after the last event, to have it all.
LEAVING_S = 0.3
ENDING_S = 2.0


class Surroundings(Protocol):
    """The test around a replay.

    Attributes:
        seed, profile: What holds where a replay does not say otherwise.
        act: What goes on now.

    """

    seed: int
    profile: AnyProfile
    act: Act

    def impossible(self, problem: str) -> None:
        """Take note that the faults find nothing to strike."""
        ...


class Replay:
    """What ``streamsim.replay(…)`` gives.

    Attributes:
        name: Of the recording, for people.
        seed: Of everything drawn.
        optional, leave_open: Whether it may go unrequested, and its streams unfinished.

    """

    def __init__(
        self, stage: Surroundings, name: str, planners: list[Planner], options: Options, take: Take | None
    ) -> None:
        self.name = name
        self.stage = stage
        self.optional = options.get("optional", False)
        self.leave_open = options.get("leave_open", False)
        chosen = options.get("seed")
        self.seed = stage.seed if chosen is None else chosen
        self._planners = planners
        self._take = take
        self._upstream = options.get("upstream")
        self._real = take is not None or options.get("real", False)
        self._settings = Settings(
            profile=profile_of(options, stage.profile, "replay"),
            seed=self.seed,
            mode=options.get("match", "auto"),
            ignore=ignored(options, "replay"),
            forward=take is not None,
        )
        self.renew(stage.act)
        if self._settings.profile.faults:
            self._look_for_places()

    def renew(self, act: Act) -> None:
        """Begin anew in ``act``, with nothing asked yet."""
        self._cut: list[Trace] = []
        self.engine = Watched(self._planners, self._settings)
        forward = None if self._take is None else self._take.missing.forward
        self._seam: Seam = Real(self.engine, act, forward) if self._real else Virtual(self.engine, act)
        act.replays.append(self)

    def _look_for_places(self) -> None:
        """Find out now whether the faults find their places.

        Raises:
            PlanError: They do not.

        """
        try:
            self.engine.check()
            problems = [told.problem for plan in self._plans() for told in plan.faults]
        except PlanError as error:
            problems = [f"{error.where}: {error.problem}"]
            self.stage.impossible(problems[0])
            raise
        if problems and all(problems):
            self.stage.impossible(problems[0])

    def _plans(self) -> list[Plan]:
        return [
            planner.plan(exchange.number, self._settings.profile, seed=self.seed)
            for planner in self._planners
            for exchange in planner.recording.exchanges
        ]

    @property
    def recording_now(self) -> bool:
        """Whether this run makes the recording, from the upstream, in real time."""
        return self._take is not None

    @property
    def url(self) -> str:
        """Scheme, host and port of where clients of the calling code find it.

        In a test for asyncio a real socket on loopback; in one without an event loop an address that exists for this
        process's sockets alone; under trio a name that leads nowhere but through :meth:`http_client`.
        """
        return self._seam.origin

    @property
    def base_url(self) -> str:
        """What an SDK takes as its base URL: :attr:`url` with the path that goes before the SDK's own."""
        return self._seam.origin + self._base()

    def _base(self) -> str:
        if self._upstream is not None:
            return urlsplit(self._upstream).path.rstrip("/")
        for planner in self._planners:
            for exchange in planner.recording.exchanges:
                path = exchange.request.target.partition("?")[0]
                for endpoint in _ENDPOINTS:
                    if path.endswith(endpoint):
                        return path.removesuffix(endpoint)
        return ""

    def http_client(
        self, *, family: str | ModuleType | None = None, asynchronous: bool | None = None, **options: Any
    ) -> Any:
        """Return an ``httpx.Client`` whose every request is answered by this replay, whatever its URL.

        For the SDK's ``http_client=``. In an asynchronous test it is an ``AsyncClient``.

        Args:
            family: ``"httpx"``, ``"httpx2"`` or the module; None: the one that the SDK at hand needs.
            asynchronous: Which of the two it is; None: what the calling code needs.
            options: As the class takes them.

        Raises:
            UsageError: There is no such library.

        """
        if asynchronous is None:
            asynchronous = self.stage.act.kind != "sync"
        return self._seam.client(family, asynchronous=asynchronous, options=options)

    @property
    def requests(self) -> list[Request]:
        """All requests that came, in their order."""
        return self.engine.requests

    @property
    def unanswered(self) -> list[Request]:
        """Those that no recorded exchange answered."""
        return self.engine.unknown

    @property
    def traces(self) -> list[Trace]:
        """All answers, as they went."""
        self._seam.settle(self.engine.traces)
        return self.engine.traces

    @property
    def trace(self) -> Trace:
        """The last answer, as it went.

        Raises:
            StreamMismatch: There is none.

        """
        traces = self.traces
        if not traces:
            problem = "no request was answered, so there is no trace"
            raise StreamMismatch(f"replay {self.name!r}", problem, "look at its requests and unanswered ones")
        return traces[-1]

    @property
    def plan(self) -> Plan:
        """What the last answer was to be; before the first one, what the first exchange's first attempt will be.

        Raises:
            UsageError: There is nothing recorded yet.

        """
        if self.engine.traces:
            return self.plan_of(self.engine.traces[-1])
        for planner in self._planners:
            for exchange in planner.recording.exchanges:
                return planner.plan(exchange.number, self._settings.profile, seed=self.seed)
        raise UsageError(f"replay {self.name!r}", "nothing is recorded yet, so nothing is planned", "run it again")

    def plan_of(self, trace: Trace) -> Plan:
        """Return what the answer that ``trace`` tells of was to be, but for what its request itself chose.

        Raises:
            UsageError: It was refused under load.

        """
        told: Any = trace.script.told
        if not trace.script.governed:
            raise UsageError(trace.name, "it was refused under load, so nothing was planned", "look at another trace")
        planner = next(planner for planner in self._planners if planner.name == told["recording"])
        profile = self._settings.profile
        return planner.plan(told["exchange"], profile, seed=told["seed"], attempt=told["attempt"])

    def go_on(self) -> None:
        """Serve on the event loop that runs, if somebody was promised that."""
        if isinstance(self._seam, Virtual):
            self._seam.serve()

    async def leave(self) -> None:
        """Close what is on the event loop that runs, because it is about to stop."""
        self._cut += await self._seam.leave(self.engine.traces)

    def check(self) -> None:
        """Look whether it was used, and to the end.

        Raises:
            StreamMismatch: It was not.

        """
        self._seam.until(lambda: not unfinished(self.engine.traces), LEAVING_S)
        left = self._cut or unfinished(self.engine.traces)
        judge(self.name, asked=self.optional or bool(self.requests), left=[] if self.leave_open else left)

    def stop(self) -> None:
        """Close all ways to it."""
        take = self._take
        if take is not None:
            self._seam.until(lambda: take.idle, ENDING_S)
        self._seam.stop()

    def finish(self) -> int:
        """Complete what was recorded, and return how many exchanges that is."""
        return 0 if self._take is None else self._take.close()
