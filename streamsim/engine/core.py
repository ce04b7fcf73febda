"""The server's mind, without a socket: a request in, a script to play out.

Law: what is answered depends on the recordings, the profile, the seed and the requests seen so far, in their order;
never on time, on sockets, or on who asks.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

import msgspec

from streamsim.engine import control
from streamsim.engine.answers import error_answer, preflight
from streamsim.engine.attempts import Slot, Slots
from streamsim.engine.endpoints import overloaded, own_answer, unauthorized
from streamsim.engine.finding import found
from streamsim.engine.governor import Governor
from streamsim.engine.ignoring import ignoring
from streamsim.engine.match import Asked, Candidate, Mode, asked_by, candidates
from streamsim.engine.misses import Missed, missed
from streamsim.engine.overrides import NONE, Overrides
from streamsim.engine.repeats import Repeats
from streamsim.engine.requests import Limits, Refusal, Request
from streamsim.engine.script import Script, Shelf, from_plan
from streamsim.engine.sought import key_of, sought_by
from streamsim.engine.tally import MISSED, PLANNED, REFUSED, STARTED
from streamsim.errors import PlanError, StreamsimError, UsageError
from streamsim.plan.planner import DEFAULT_SEED, Given, Plan
from streamsim.plan.profile import Profile
from streamsim.traffic.model import NO_LOAD
from streamsim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.sought import Sought
    from streamsim.engine.tally import Cells, Tally
    from streamsim.engine.trace import Trace
    from streamsim.plan.faults import Applied
    from streamsim.plan.planner import Planner

PREFLIGHT = b"access-control-request-method"  # what makes an OPTIONS request one of CORS (Fetch standard, 3.2.2)

# Answers remembered for the control page; and the size in bytes from which a script is not remembered with its answer.
JOURNAL = 1000
MISSES = 100  # requests that nothing answered, remembered for the same page
LARGE = 64 << 10


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server behaves.

    Attributes:
        profile: Pacing and faults of every answer.
        seed: Of everything drawn.
        mode: How requests find their exchange.
        ignore: What does not count when they are compared, as `streamsim.engine.ignoring` spells it.
        require_key: The API key that requests must carry; ``any``: some key; None: they need not.
        headers: Whether answers carry ``x-streamsim-plan``, ``-seed`` and ``-attempt``.
        coalesce: Whether steps of an answer that are due together go out in one write; else each in its own.
        forward: Whether the shell asks an upstream for what is not recorded.
        limits: What clients may do.

    """

    profile: Profile = Profile()
    seed: int = DEFAULT_SEED
    mode: Mode = "auto"
    ignore: tuple[str, ...] = ()
    require_key: str | None = None
    headers: bool = True
    coalesce: bool = True
    forward: bool = False
    limits: Limits = Limits()


class Engine:
    """Everything that connections share.

    Attributes:
        journal, misses: What was answered last, and what was not.
        on_trace, on_miss: Who is told of each.
        metrics: What the tallies of all who serve together say, given a request's ``Accept``: content type and body;
            None: there is nobody to write it.
        tally: Where to count; None: nowhere.
        resets: How often all who serve together were told to forget; one cell, which they share.
        draining: Whether the server takes no more clients.
        worker: Which of them this is; 0: it is the only one.
        repeats: What all connections have heard.

    """

    def __init__(self, planners: list[Planner], settings: Settings = Settings()) -> None:  # noqa: B008 - frozen
        self.settings = settings
        self.planners = list(planners)
        self.journal: deque[Trace] = deque(maxlen=JOURNAL)
        self.misses: deque[Missed] = deque(maxlen=MISSES)
        self.on_trace: Callable[[Trace], None] = ignore
        self.on_miss: Callable[[Missed], None] = ignore
        self.metrics: Callable[[str], tuple[str, bytes]] | None = None
        self.tally: Tally | None = None
        self.resets: Cells = [0]
        self.draining = False
        self.worker = 0
        self._resets = 0
        self.load = None if settings.profile.load == NO_LOAD else Governor(settings.profile, settings.seed)
        self._ignoring = ignoring(settings.ignore)
        self.repeats: Repeats[Request] = Repeats()
        self._known: list[Candidate] = []
        self._slots = Slots()
        self._spellings = Slots()
        self._asking: set[bytes] = set()
        self._shelf = Shelf()
        self._preflights = False
        self._take(planners)

    def add(self, planner: Planner) -> None:
        """Serve one more recording."""
        self.planners.append(planner)
        self._take([planner])

    def count(self, tally: Tally) -> None:
        """Count into ``tally`` from now on."""
        self.tally = tally
        if self.load is not None:
            self.load.on_wait = tally.waits

    def _take(self, planners: list[Planner]) -> None:
        self._known = [*self._known, *candidates(planners, self._ignoring)]
        self._preflights = any(candidate.exchange.request.method == "OPTIONS" for candidate in self._known)

    def check(self) -> None:
        """Plan every exchange once, so that what cannot be planned is an error before serving.

        Raises:
            StreamsimError: What the first such plan says, or that a fault finds nothing to strike in any exchange.

        """
        planned = [(candidate, self._plan(candidate, NONE, 1, Given()).faults) for candidate in self._known]
        if not self.settings.forward:
            _check_reach(planned)

    def answer(self, request: Request, *, in_process: bool = False) -> Script | Literal["forward", "wait"]:
        """Return what to play for ``request``; or that the shell is to ask upstream, or wait for one who is asking.

        Only a shell that is ``in_process`` is told to refuse or ignore a connection: one that listens has it already.
        """
        try:
            answer = self._answer(request)
        except StreamsimError as error:
            return error_answer(400, "Bad Request", str(error), head_only=request.method == "HEAD")
        if isinstance(answer, Script) and answer.close in ("refuse", "ignore") and not in_process:
            return _impossible(answer, head_only=request.method == "HEAD")
        return answer

    def refuse(self, refusal: Refusal) -> Script:
        """Return the answer to what is no acceptable request; the connection closes after it."""
        return error_answer(refusal.status, refusal.reason, refusal.problem, close=True)

    def started(self, trace: Trace) -> None:
        """Remember an answer that begins."""
        if trace.script.told:
            self.journal.append(trace)
            if self.tally is not None:
                self.tally.add(STARTED)

    def ended(self, trace: Trace) -> None:
        """Report an answer that is over."""
        if trace.script.told:
            self.on_trace(trace)
            if self.tally is not None:
                self.tally.ended(trace)
            if trace.script.size > LARGE:
                trace.shrink()
        elif self.tally is not None:
            self.tally.rejected(trace.script)

    def asked(self, request: Request) -> None:
        """Take note that the upstream has answered ``request``, or never will."""
        self._asking.discard(self._key(NONE, asked_by(request, self._ignoring).key()))

    def _answer(self, request: Request) -> Script | Literal["forward", "wait"]:
        if self.resets[0] != self._resets:
            self._forget()
        if request.target.startswith(control.CONTROL):
            return self._control(request)
        if request.method == "OPTIONS" and not self._preflights and PREFLIGHT in request.fields:
            return _allowed(request)
        wanted = self.settings.require_key
        if wanted is not None and request.method != "OPTIONS":
            refused = unauthorized(self._known, request, wanted)
            if refused is not None:
                return refused
        sought = sought_by(request)
        slot = self._slot(request, sought)
        if slot is None:
            own = None if self.settings.forward else own_answer(self._known, request)
            return own or self._unknown(request)
        return self._turn(slot, sought, request)

    def _turn(self, slot: Slot, sought: Sought, request: Request) -> Script:
        """Return the answer whose turn it is, or the refusal of what is too much, which uses up no turn."""
        if self.load is not None and self.load.full:
            return self._overloaded(self.load, slot, request)
        script, succeeds = self._script(slot, sought, request)
        if sought.chosen.attempt is None:
            slot.move(succeeded=succeeds, recorded_failure=not slot.candidate.succeeds)
        return script

    def _slot(self, request: Request, sought: Sought) -> Slot | None:
        """Return the slot of all requests equal to this one, found or made."""
        chosen, ordered = sought.chosen, self.settings.mode == "order"
        spelling = self._key(chosen, b"") if ordered else sought.spelling
        slot = self._spellings.get(spelling)
        if slot is not None:
            return slot
        asked = asked_by(request, self._ignoring)
        key = self._key(chosen, asked.key())
        slot = self._slots.get(key)
        if slot is None:
            found_ = self._found(asked, chosen)
            if not found_:
                return None
            slot = Slot(found_)
            self._slots.put(key, slot)
        self._spellings.put(spelling, slot)
        return slot

    def _key(self, chosen: Overrides, said: bytes) -> bytes:
        """Return what equal requests share, where ``said`` is what counts of what they say."""
        return key_of(chosen, b"order" if self.settings.mode == "order" else said)

    def _found(self, asked: Asked, chosen: Overrides) -> list[Candidate]:
        """Return what answers ``request``. Where missing ones are recorded, only an equal request is a known one."""
        mode: Mode = "strict" if self.settings.forward and self.settings.mode == "auto" else self.settings.mode
        return [self._named(chosen.exchange)] if chosen.exchange else found(self._known, asked, mode)

    def _named(self, name: str) -> Candidate:
        """Return the exchange that ``x-streamsim-exchange`` names.

        Raises:
            UsageError: It names none.

        """
        for candidate in self._known:
            if name in (str(candidate.exchange.number), candidate.label):
                return candidate
        known = ", ".join(candidate.label for candidate in self._known[:20]) or "none"
        raise UsageError("x-streamsim-exchange", f"there is no exchange {name!r}", f"served are {known}")

    def _plan(self, candidate: Candidate, chosen: Overrides, attempt: int, given: Given) -> Plan:
        seed = self.settings.seed if chosen.seed is None else chosen.seed
        profile = chosen.profile(self.settings.profile)
        return candidate.planner.plan(candidate.exchange.number, profile, seed=seed, attempt=attempt, given=given)

    def _script(self, slot: Slot, sought: Sought, request: Request) -> tuple[Script, bool]:
        """Return what to play, and whether that completes with a 2xx."""
        chosen, candidate, attempt = sought.chosen, slot.candidate, slot.attempt
        if chosen.attempt is not None:
            attempt = chosen.attempt
            candidate = candidate if self.settings.mode == "order" else slot.named(attempt)
        whole = self._whole(slot, candidate, chosen, request)
        key = candidate, attempt, whole, sought.manner
        ready = self._shelf.get(key)
        if ready is not None:
            return ready
        plan = self._plan(candidate, chosen, attempt, msgspec.structs.replace(sought.given, whole=whole))
        script, succeeds = from_plan(plan, names=self.settings.headers, cors=sought.cors), plan.succeeds
        self._shelf.put(key, script, succeeds=succeeds)
        if self.tally is not None:
            self.tally.add(PLANNED)
        return script, succeeds

    def _overloaded(self, load: Governor, slot: Slot, request: Request) -> Script:
        """Return the provider's refusal."""
        load.refused += 1
        if self.tally is not None:
            self.tally.add(REFUSED)
        problem = f"overloaded: {load.running} answers run and {load.waiting} requests wait, and no more may"
        script = overloaded(self._known, request, load.load.refuse_with, problem)
        told: dict[str, object] = {"recording": slot.candidate.planner.name, "exchange": slot.candidate.exchange.number}
        script.told = {**told, "attempt": slot.attempt, "load": {"state": "refused"}}
        return script

    def _whole(self, slot: Slot, candidate: Candidate, chosen: Overrides, request: Request) -> bool:
        """Tell whether ``request`` wants no stream where there is one; those of one slot mostly agree."""
        settings = self.settings
        alike = candidate is slot.candidate and not settings.ignore and chosen.key is None and settings.mode != "order"
        if alike and slot.whole is not None:
            return slot.whole
        whole = candidate.planner.wants_whole(candidate.exchange.number, request.target, request.body)
        if alike:
            slot.whole = whole
        return whole

    def _unknown(self, request: Request) -> Script | Literal["forward", "wait"]:
        if request.method == "OPTIONS" and PREFLIGHT in request.fields:
            return _allowed(request)
        if self.settings.forward:
            key = self._key(NONE, asked_by(request, self._ignoring).key())
            if key in self._asking:
                return "wait"
            self._asking.add(key)
            return "forward"
        miss = missed(self._known, asked_by(request, self._ignoring))
        self.misses.append(miss)
        if self.tally is not None:
            self.tally.add(MISSED)
        self.on_miss(miss)
        head_only = request.method == "HEAD"
        return error_answer(404, "Not Found", miss.message, head_only=head_only, nearest=miss.nearest)

    def _control(self, request: Request) -> Script:
        match control.page_of(request):
            case "GET", "":
                return control.told(request, self.status())
            case "GET", ("live" | "ready") as page:
                return control.well(request, page, draining=self.draining)
            case "GET", "metrics":
                return control.measured(request, self.metrics)
            case "POST", "reset":
                self.resets[0] += 1
                self._forget()
                return control.told(request, {"reset": True})
            case _:
                return control.unknown(request)

    def _forget(self) -> None:
        self._resets = self.resets[0]
        self._slots.clear()
        self._spellings.clear()
        self.journal.clear()
        self.misses.clear()

    def status(self) -> dict[str, object]:
        """Return what is served and what happened, as plain data."""
        load = self.load
        at_work = {} if load is None else {"running": load.running, "waiting": load.waiting, "refused": load.refused}
        return {
            "streamsim": __version__,
            **({"worker": self.worker} if self.worker else {}),
            "seed": self.settings.seed,
            "match": self.settings.mode,
            "ignore": self.settings.ignore,
            **({"load": at_work} if at_work else {}),
            "recordings": [control.described(planner) for planner in self.planners],
            "misses": list(self.misses),
            "answers": [trace.as_json(writes=False) for trace in self.journal],
        }


def ignore(_: object) -> None:
    """Do nothing with a trace, or a miss."""


def _check_reach(planned: list[tuple[Candidate, tuple[Applied, ...]]]) -> None:
    """Do nothing where each fault finds something to strike in one of the exchanges at least.

    Raises:
        PlanError: One does not. It tells the first two reasons, each with an exchange.

    """
    for nth, fault in enumerate(planned[0][1] if planned else ()):
        problems: dict[str, str] = {}
        for candidate, faults in planned:
            problems.setdefault(faults[nth].problem, candidate.label)
        if "" not in problems:
            told = ", ".join(f"{label}: {problem}" for problem, label in [*problems.items()][:2])
            raise PlanError(fault.fault, f"nothing to strike in all that is served ({told})", fault.remedy)


def _allowed(request: Request) -> Script:
    return preflight(request.fields.get(b"access-control-request-headers", b"").decode("latin-1"))


def _impossible(script: Script, *, head_only: bool) -> Script:
    told = script.told
    problem = f"exchange {told['exchange']} asks to {script.close} the connection, which a listening server cannot do"
    message = f"{told['recording']}: {problem}; play it in process"
    return error_answer(501, "Not Implemented", message, head_only=head_only)
