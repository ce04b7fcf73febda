"""The plans whose digests are committed in digests.json.

They must be equal on every Python and every machine. After a change that is meant to change plans, write the table anew
and look at the difference:

    python -m tests.plan.digests
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.plan.say import say
from streamsim.recording.model import Chunk, Ending, Info
from tests.builders import chat, exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange, Recording

TABLE = Path(__file__).with_name("digests.json")


def _cut() -> Exchange:
    one = exchange(chunks=chat("Hi")[:2], end="fin")
    one.chunks.append(Chunk(exchange=1, dt_us=5, text="data: {", cut=True, of=90))
    return one


def recordings() -> dict[str, Recording]:
    """Return the recordings that are planned, by name."""
    gaps = [0, 31_234, 17, 0, 250_000, 19_999, 20_001]
    hint = Info(exchange=1, dt_us=1_500, status=103, headers=(("link", "</style.css>"),))
    broken = Ending(exchange=1, dt_us=7, cause="protocol_error", b64=b"zz\r\n\xff")
    return {
        "chat": recording(exchange(chunks=chat("Hi", " ☃", "!", usage=True), gaps_us=gaps)),
        "keep-alive": recording(
            exchange(
                chunks=[b": ping\n\n", *sse("a"), b": ping\n\n", *sse("b"), b"\xff\xfe", *sse("[DONE]")], infos=[hint]
            )
        ),
        "endings": recording(
            _cut(),
            exchange(end="reset", framing="content-length"),
            exchange(end="timeout", framing="close", http="1.0"),
            exchange(chunks=chat("bye"), end="cancelled"),
            exchange(end=broken),
            exchange(status=0, chunks=(), end="unreachable"),
            exchange(end=None),
            exchange(trailers=(("x-sum", "1"),)),
        ),
        "said": say(["Hello,", {"pause": "1s"}, " ☃!", {"tool": "look_up", "arguments": {"city": "Oslo"}}]),
    }


PACINGS = {
    "recorded": Pacing(),
    "instant": Pacing(mode="instant"),
    "fixed": Pacing(ttfb=parse_distribution("50ms"), ttft=parse_distribution("200ms"), itl=parse_distribution("20ms")),
    "uniform": Pacing(itl=parse_distribution("uniform(20ms,50ms)"), jitter=parse_distribution("5ms")),
    "normal": Pacing(
        mode="instant",
        ttfb=parse_distribution("uniform(5ms,9ms)"),
        ttft=parse_distribution("normal(300ms,90ms)"),
        jitter=parse_distribution("lognormal:1ms:1"),
    ),
    "lognormal": Pacing(itl=parse_distribution("lognormal:30ms:0.4:max=2s"), speed=(3, 2)),
}


def table() -> dict[str, list[str]]:
    """Return plan id and digest of every plan, by what it was made from."""
    told: dict[str, list[str]] = {}
    for name, one in recordings().items():
        planner = Planner(one)
        for number in (each.number for each in one.exchanges):
            for pacing, seed, attempt in ((p, s, a) for p in PACINGS for s, a in ((0, 1), (0, 2), (7, 1))):
                plan = planner.plan(number, Profile(pacing=PACINGS[pacing]), seed=seed, attempt=attempt)
                told[f"{name}:{number} {pacing} seed={seed} attempt={attempt}"] = [plan.plan_id, plan.digest]
            for given, of in ((Given(head_only=True), "head"), (Given(whole=True), "whole")):
                plan = planner.plan(number, given=given)
                told[f"{name}:{number} {of}"] = [plan.plan_id, plan.digest]
    return told


if __name__ == "__main__":
    TABLE.write_text(json.dumps(table(), indent=1) + "\n")
