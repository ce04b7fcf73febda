"""A simulation: a recording, a profile of pacing and faults, and what a request chooses, as plain data.

Faults and pacing are spelt as users spell them, so a case can be printed, sent to another process and pasted into a
command line.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Say, Text, ToolCall
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.rng import Rng
from streamsim.shells.files import load, shipped
from streamsim.units import parse_ratio
from tests.builders import EVENT_STREAM, HELLO, chat, exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.plan.planner import Plan
    from streamsim.recording.model import Exchange, Recording

CHUNKED = (*EVENT_STREAM, ("transfer-encoding", "chunked"))
CHAT = chat("Hel", "lo ☃", "wor", "ld", "!", usage=True)
TYPED = [
    *sse('{"type":"message_start","message":{}}', event="message_start"),
    b": ping\n\n",
    *sse(*['{"type":"content_block_delta","delta":{"text":"☃☃"}}'] * 5, event="content_block_delta"),
    *sse('{"type":"message_stop"}', event="message_stop"),
]
WITH_IDS = b"".join(b"id: %d\r\n%b" % (nth, frame.replace(b"\n", b"\r\n")) for nth, frame in enumerate(HELLO))
TOOLS = (ToolCall("weather", '{"city":"Köln","days":3}'), ToolCall("time", '{"zone":"Europe/Berlin"}'))
ERROR = b'{"error":{"message":"no"}}'
LENGTH = (("content-type", "application/json"), ("content-length", str(len(ERROR))))
TYPED_LENGTH = (*EVENT_STREAM, ("content-length", str(len(b"".join(TYPED)))))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a plan depends on."""

    recording: str
    exchange: int = 1
    faults: tuple[str, ...] = ()
    mode: str = "recorded"
    pacing: dict[str, str] = {}
    speed: str = "1"
    seed: int = 0
    attempt: int = 1
    given: Given = Given()


@cache
def recordings() -> dict[str, Recording]:
    """Return what is simulated: recordings made by hand, and those that are shipped."""
    made = {
        "made: chat": recording(exchange(headers=CHUNKED, chunks=CHAT, gaps_us=7_000)),
        "made: typed, with a length": recording(
            exchange(headers=TYPED_LENGTH, framing="content-length", chunks=TYPED, gaps_us=300)
        ),
        "made: ids in one chunk, until close": recording(
            exchange(headers=EVENT_STREAM, framing="close", chunks=[WITH_IDS], http="1.0")
        ),
        "made: odd chunks, then a reset": recording(
            exchange(headers=CHUNKED, chunks=[b"".join(CHAT)[at : at + 61] for at in range(0, 500, 61)], end="reset")
        ),
        "made: two tool calls": recording(*map(calling, ("openai-chat", "anthropic"))),
        "made: an error, no body, no answer": recording(
            exchange(status=401, reason="Unauthorized", headers=LENGTH, framing="content-length", chunks=[ERROR]),
            exchange(status=204, reason="No Content", headers=(), framing="none", chunks=()),
            exchange(status=0, chunks=(), end="reset"),
        ),
    }
    return made | {name: load(path) for name, path in shipped().items()}


def calling(dialect: str) -> Exchange:
    """Return an answer of two tool calls, as a provider writes it."""
    writer = BY_NAME[dialect].writer
    assert writer is not None
    return exchange(
        headers=CHUNKED,
        chunks=[each.data for each in writer.write(Say((Text("Wait."), *TOOLS)), Rng(0))],
        gaps_us=9_000,
    )


def profile(case: Case) -> Profile:
    """Return the profile that the case spells."""
    ratio = parse_ratio(case.speed, where="speed")
    drawn = {name: parse_distribution(text, where=name) for name, text in case.pacing.items()}
    pacing = msgspec.convert({"mode": case.mode, "speed": (ratio.numerator, ratio.denominator)}, Pacing)
    return Profile(
        pacing=msgspec.structs.replace(pacing, **drawn), faults=tuple([parse_fault(fault) for fault in case.faults])
    )


class Simulation:
    """Plans cases, with planners of its own."""

    def __init__(self) -> None:
        self._planners = {name: Planner(one, name=name) for name, one in recordings().items()}

    def plan(self, case: Case) -> Plan:
        planner = self._planners[case.recording]
        return planner.plan(case.exchange, profile(case), seed=case.seed, attempt=case.attempt, given=case.given)
