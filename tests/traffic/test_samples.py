from __future__ import annotations

from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, repaced
from streamsim.shells.files import load, shipped
from streamsim.traffic.fitted import fitted
from streamsim.traffic.samples import Answered, samples
from streamsim.wire import Send
from tests.builders import chat, exchange, recording

MS = 1_000_000


def test_an_answer_tells_its_times() -> None:
    """TTFT from the request to the first content, after the role; the prompt's tokens as its provider counts them."""
    frames = chat("a", "b", "c", usage=True)
    gaps = [1000, 20_000, 30_000, 40_000, 1, 1, 1]
    one = exchange(chunks=frames, gaps_us=gaps, response_us=100_000)
    assert samples([recording(one)]) == [Answered(121 * MS, 3, (30 * MS, 40 * MS))]


def test_what_is_no_good_answer_tells_nothing() -> None:
    """Neither errors, nor what was never answered, nor what has no content."""
    bad = [exchange(status=500), exchange(chunks=[b": ping\n\n"])]
    assert samples([recording(*bad)]) == []
    never = exchange(chunks=(), end="timeout")
    never.response = None
    assert samples([recording(never)]) == []


def test_planned_times_are_found_again() -> None:
    """What our own planner drew by known parameters is fitted to the same."""
    texts = {"ttft": "lognormal:400ms:0.3", "itl": "lognormal:25ms:0.5"}
    profile = Profile(pacing=repaced(Pacing(), texts, where="--"))
    planner = Planner(recording(exchange(chunks=chat(*("w" * 60)))))
    recordings = []
    for attempt in range(1, 61):
        timeline = planner.plan(1, profile, attempt=attempt).timeline
        ats = [step.at_ns // 1000 for step in timeline if isinstance(step.action, Send)]
        gaps = [after - before for before, after in zip([0, *ats], ats, strict=False)]
        recordings.append(recording(exchange(chunks=chat(*("w" * 60)), gaps_us=gaps, response_us=0)))
    found = fitted(samples(recordings), "auto", 20, source="planned")
    assert found.prefill is None
    assert found.ttft is not None
    assert found.itl is not None
    ttft, itl = parse_distribution(found.ttft.distribution), parse_distribution(found.itl.distribution)
    assert (ttft.kind, itl.kind, found.itl.samples) == ("lognormal", "lognormal", 60 * 59)
    assert abs(ttft.first_ns / (400 * MS) - 1) < 0.1
    assert abs(itl.first_ns / (25 * MS) - 1) < 0.03
    assert abs(float(ttft.second) - 0.3) < 0.06
    assert abs(float(itl.second) - 0.5) < 0.02


def test_every_shipped_recording_can_be_measured() -> None:
    """Each that has an answer with content tells a TTFT and gaps, and all together an ITL."""
    answers = samples(load(name) for name in shipped())
    assert len(answers) >= 10
    assert all(answer.ttft_ns > 0 for answer in answers)
    found = fitted(answers, "auto", 20, source="shipped")
    assert found.itl is not None
    assert found.itl.samples > 200
