"""How a typed program uses the public names. Checked by the type checkers, not meant to be executed."""

from __future__ import annotations

from typing import assert_type

import streamsim
from streamsim import (
    Engine,
    Exchange,
    Pacing,
    Plan,
    Planner,
    Profile,
    Recording,
    Settings,
    StreamsimError,
    VirtualClock,
)

recording = assert_type(streamsim.load("llama-chat"), Recording)
exchange = assert_type(recording.exchange(1), Exchange)
assert_type(exchange.body, bytes)
assert_type(exchange.request.method, str)

profile = Profile(pacing=Pacing(mode="instant", speed=(2, 1)))
plan = assert_type(Planner(recording).plan(1, profile, seed=7, attempt=2), Plan)
assert_type(plan.digest, str)
assert_type(plan.timeline[0].at_ns, int)

engine = Engine([Planner(recording, name="llama-chat")], Settings(profile=profile, mode="strict"))
assert_type(engine.status(), dict[str, object])
assert_type(VirtualClock().now_ns(), int)

try:
    streamsim.load("nonsense", salvage=True)
except (streamsim.RecordingError, streamsim.PlanError, streamsim.ProfileError) as error:
    assert_type(error.where, str)
    base: StreamsimError = error

assert_type(streamsim.__version__, str)
