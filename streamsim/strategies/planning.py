"""Pacings, faults, profiles and whole plans.

Law: every plan drawn is one that can be served; simple draws are plans without faults and with recorded times.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hypothesis import strategies as st

from streamsim.plan.distribution import Distribution, parse_distribution
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import Chunk, Ending, Exchange, Header, Recording, Request, Response, as_text
from streamsim.strategies.providers import provider_streams

if TYPE_CHECKING:
    from streamsim.plan.faults import Fault
    from streamsim.plan.planner import Plan
    from streamsim.recording.model import Entry
    from streamsim.strategies.cutting import Chunks

_Time: TypeAlias = Distribution | None

_TIMES: Final = ("0ms", "1ms", "20ms", "2s", "uniform(1ms,5ms)", "normal(30ms,5ms)", "lognormal(30ms,0.4)")
# Of first byte and first content: the second never before the first.
_FIRSTS: Final = (
    ("", ""),
    ("20ms", ""),
    ("", "20ms"),
    ("1ms", "2s"),
    ("uniform(1ms,5ms)", ""),
    ("", "lognormal(30ms,0.4)"),
)
_SPEEDS: Final = (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(10))


def pacings() -> st.SearchStrategy[Pacing]:
    """Return pacings: any of the times, from recorded ones to drawn ones."""
    times = st.none() | st.sampled_from(_TIMES).map(parse_distribution)
    speeds = st.sampled_from(_SPEEDS).map(lambda speed: (speed.numerator, speed.denominator))
    modes: st.SearchStrategy[Literal["recorded", "instant"]] = st.sampled_from(("recorded", "instant"))
    firsts = st.sampled_from(_FIRSTS)
    return st.tuples(modes, firsts, times, times, speeds).map(_pacing)


def _pacing(drawn: tuple[Literal["recorded", "instant"], tuple[str, str], _Time, _Time, tuple[int, int]]) -> Pacing:
    mode, (ttfb, ttft), itl, jitter, speed = drawn
    return Pacing(mode=mode, ttfb=_time(ttfb), ttft=_time(ttft), itl=itl, jitter=jitter, speed=speed)


def _time(text: str) -> _Time:
    return parse_distribution(text) if text else None


def faults(*names: str) -> st.SearchStrategy[Fault]:
    """Return faults of the catalogue, or those named, on all attempts or on some, without a place of their own.

    Raises:
        ValueError: There is no such fault.

    """
    known = sorted(CATALOGUE)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no fault {', '.join(unknown)}; `streamsim faults` lists them")
    attempts = st.sampled_from(("", ":attempt=1", ":attempt=1-2"))
    return st.tuples(st.sampled_from(names or known), attempts).map(lambda drawn: parse_fault("".join(drawn)))


def profiles() -> st.SearchStrategy[Profile]:
    """Return profiles: a pacing and up to three faults."""
    return st.builds(Profile, pacing=pacings(), faults=st.lists(faults(), max_size=3).map(tuple))


def plans(recording: Recording | None = None) -> st.SearchStrategy[Plan]:
    """Return plans of ``recording``, or of streams of providers, under any profile, seed and attempt."""
    if recording is not None:
        planner = Planner(recording)
        numbers = [exchange.number for exchange in recording.exchanges]
        return st.tuples(st.sampled_from(numbers), profiles(), st.integers(0, 99), st.integers(1, 3)).map(
            lambda drawn: planner.plan(drawn[0], drawn[1], seed=drawn[2], attempt=drawn[3])
        )
    return st.tuples(provider_streams(), profiles(), st.integers(0, 99), st.integers(1, 3)).map(
        lambda drawn: Planner(_recording(drawn[0])).plan(1, drawn[1], seed=drawn[2], attempt=drawn[3])
    )


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
