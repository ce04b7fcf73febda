"""Pacings, faults, profiles and whole plans.

Law: every plan drawn is one that can be served; simple draws are plans without faults and with recorded times.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.errors import PlanError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import Chunk, Ending, Exchange, Header, Recording, Request, Response, as_text
from streamsim.strategies.providers import SAID, writers, written
from streamsim.strategies.tapes import of

if TYPE_CHECKING:
    from streamsim.plan.distribution import Distribution
    from streamsim.plan.faults import Fault
    from streamsim.plan.planner import Plan
    from streamsim.recording.model import Entry
    from streamsim.strategies.cutting import Chunks

_MODES: Final[tuple[Literal["recorded", "instant"], ...]] = ("recorded", "instant")
_ATTEMPTS: Final = ("", "attempt=1", "attempt=1-2")
_TIMES: Final = ("", "0ms", "1ms", "20ms", "2s", "uniform(1ms,5ms)", "normal(30ms,5ms)", "lognormal(30ms,0.4)")
# Of first byte and first content: the second never before the first.
_FIRSTS: Final = (
    ("", ""),
    ("20ms", ""),
    ("", "20ms"),
    ("1ms", "2s"),
    ("uniform(1ms,5ms)", ""),
    ("", "lognormal(30ms,0.4)"),
)
_SPEEDS: Final = ((1, 1), (2, 1), (1, 2), (10, 1))


_PACED: Final = 5
"""Bytes of a tape that say a pacing."""
_FAULTS: Final = 3
_PROFILED: Final = _PACED + 2 * _FAULTS


def pacings() -> st.SearchStrategy[Pacing]:
    """Return pacings: any of the times, from recorded ones to drawn ones."""
    return st.binary(max_size=_PACED).map(_pacing)


def _pacing(tape: bytes) -> Pacing:
    mode, first, itl, jitter, speed = tape.ljust(_PACED, b"\0")
    ttfb, ttft = of(_FIRSTS, first)
    return Pacing(
        mode=of(_MODES, mode),
        ttfb=_time(ttfb),
        ttft=_time(ttft),
        itl=_time(of(_TIMES, itl)),
        jitter=_time(of(_TIMES, jitter)),
        speed=of(_SPEEDS, speed),
    )


@cache
def _time(text: str) -> Distribution | None:
    return parse_distribution(text) if text else None


def faults(*names: str) -> st.SearchStrategy[Fault]:
    """Return faults of the catalogue, or those named, on all attempts or on some, without a place of their own.

    Raises:
        ValueError: There is no such fault.

    """
    unknown = [name for name in names if name not in CATALOGUE]
    if unknown:
        raise ValueError(f"no fault {', '.join(unknown)}; `streamsim faults` lists them")
    chosen = names or _names()
    return st.integers(0, len(_ATTEMPTS) * len(chosen) - 1).map(
        lambda nth: _fault(of(chosen, nth), _ATTEMPTS[nth // len(chosen)])
    )


@cache
def _fault(name: str, when: str) -> Fault:
    return parse_fault(",".join(filter(None, (_SMALL.get(name, f"{name}:"), when))))


_SMALL: Final = {"huge_event": "huge_event:size=2000", "slicer": "slicer:size=16", "trickle": "trickle:bytes=64"}
"""What would take most of the time of a search as it is by default."""


def profiles() -> st.SearchStrategy[Profile]:
    """Return profiles: a pacing and up to three faults."""
    return st.binary(max_size=_PROFILED).map(_profile)


def _profile(tape: bytes) -> Profile:
    """Return what a tape says: two bytes a fault, and a pacing."""
    size = min(len(tape) // 2, _FAULTS) * 2
    pairs = zip(tape[:size:2], tape[1:size:2], strict=True)
    struck = [_fault(of(_names(), name), of(_ATTEMPTS, when)) for name, when in pairs]
    return Profile(pacing=_pacing(tape[size:][:_PACED]), faults=tuple(struck))


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(CATALOGUE))


def plans(recording: Recording | None = None) -> st.SearchStrategy[Plan]:
    """Return plans of ``recording``, or of streams of providers, under any profile, seed and attempt."""
    if recording is not None:
        planner = Planner(recording)
        numbers = [exchange.number for exchange in recording.exchanges]
        chosen = st.integers(0, len(numbers) * _GIVEN - 1)
        return st.tuples(chosen, st.binary(max_size=_PROFILED)).map(
            lambda drawn: planned(planner, of(numbers, drawn[0]), drawn[0] // len(numbers), drawn[1])
        )
    chosen = st.integers(0, writers() * _GIVEN - 1)
    return st.tuples(chosen, st.binary(max_size=SAID), st.binary(max_size=_PROFILED)).map(
        lambda drawn: _of_writer(*drawn)
    )


def _of_writer(chosen: int, said: bytes, profile: bytes) -> Plan:
    given, nth = divmod(chosen, writers())
    return planned(Planner(_recording(written(nth, said))), 1, given, profile)


_SEEDS: Final = 100
_GIVEN: Final = 3 * _SEEDS
"""Seeds and attempts."""


def planned(planner: Planner, number: int, given: int, tape: bytes) -> Plan:
    """Return the plan under a profile, without the last of its faults as long as all together cannot be done."""
    profile = _profile(tape)
    while True:
        try:
            return planner.plan(number, profile, seed=given % _SEEDS, attempt=given // _SEEDS + 1)
        except PlanError:
            if not profile.faults:
                raise
            profile = replace(profile, faults=profile.faults[:-1])


def _recording(chunks: Chunks) -> Recording:
    headers = (("content-type", "text/event-stream"),)
    request = Request(exchange=1, connection=1, at_us=0, method="POST", target="/", headers=(), text="{}")
    response = Response(exchange=1, dt_us=100_000, status=200, reason="OK", framing="chunked", headers=headers)
    parts = [_chunk(data) for data in chunks if data]
    end = Ending(exchange=1, dt_us=0, cause="complete")
    exchange = Exchange(number=1, request=request, response=response, chunks=parts, end=end)
    entries: tuple[Entry, ...] = (request, response, *parts, end)
    return Recording(header=Header(version=1), entries=entries, exchanges=(exchange,), source="drawn")


def _chunk(data: bytes) -> Chunk:
    text = as_text(data)
    return Chunk(exchange=1, dt_us=20_000, text=text, b64=data if text is None else None)
