from __future__ import annotations

import pytest

from streamsim.errors import ProfileError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import parse_fault, spell_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, repaced, spelt
from streamsim.plan.profile_file import KEYS, PACING_KEYS, read_profile
from streamsim.shells.files import load, load_profile, shipped, shipped_profiles
from streamsim.traffic.model import Load
from streamsim.units import parse_duration

WHOLE = """
name = "tired"
about = "Slow and broken."
faults = ["reset_peer:at_event=5", "gap:for=2s,probability=1/20"]

[pacing]
mode = "instant"
ttfb = "30ms"
ttft = "recorded"
itl = "lognormal(30ms,0.4)"
jitter = "5ms"
speed = "2x"
"""


def test_a_file_is_a_profile() -> None:
    """Every key is read as the command line reads it."""
    assert read_profile(WHOLE, source="p.toml", name="p") == Profile(
        name="tired",
        about="Slow and broken.",
        pacing=Pacing(
            mode="instant",
            ttfb=parse_distribution("30ms"),
            itl=parse_distribution("lognormal:30ms:0.4"),
            jitter=parse_distribution("5ms"),
            speed=(2, 1),
        ),
        faults=(parse_fault("reset_peer:at_event=5"), parse_fault("gap:probability=1/20,for=2s")),
    )


def test_an_empty_file_keeps_everything_as_recorded() -> None:
    """Nothing is required, and the profile is called as its file unless it says otherwise."""
    assert read_profile("", source="p.toml", name="p") == Profile(name="p")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x", "it is not TOML: "),
        ("a = " + "[" * 10_000, "it is not TOML: "),
        ('fault = ["gap"]', "fault: there is no such key; did you mean faults?"),
        ('nonsense = ""', "nonsense: there is no such key; known are name, about, faults, pacing"),
        ('[[fault]]\nname = "gap"', "fault: there is no such key; did you mean faults?"),
        ('itl = "1s"', "itl: it is part of the table pacing; write itl below a line [pacing]"),
        ('[pacing]\nfaults = ["gap"]', "pacing.faults: it is part of no table; write faults above [pacing]"),
        ('[pacing]\nitll = "1s"', "pacing.itll: there is no such key; did you mean itl?"),
        ("[pacing]\nitl = 3", "pacing.itl: 3 is not a string; write it in quotes"),
        ('[pacing]\nitl = "soon"', "pacing.itl: 'soon' is not a duration"),
        ('[pacing]\njitter = "recorded"', "pacing.jitter: 'recorded' is not a duration"),
        ('[pacing]\nspeed = "0"', "pacing.speed: '0' is not above zero"),
        ('[pacing]\nmode = "fast"', "pacing.mode: 'fast' is no way to start from; write recorded or instant"),
        ('pacing = "instant"', "pacing: it is not a table; write a line [pacing], and its keys below"),
        ("load = 3", "load: it is not a table; write a line [load], and its keys below"),
        ('[load]\nmax_queues = "3"', "load.max_queues: there is no such key; did you mean max_queue?"),
        ('[load]\nitl = "3ms"', "load.itl: it is part of the table pacing; write itl below a line [pacing]"),
        ('[load]\nmax_queue = "3"', "load.max_queue: without a limit nobody waits"),
        ('prefill_rate = "3"', "prefill_rate: it is part of the table load; write prefill_rate below a line [load]"),
        ("name = 3", "name: 3 is not a string; write it in quotes"),
        ('faults = "gap"', 'faults: it is not a list of strings; write faults = ["reset_peer:at_event=5"]'),
        ("faults = [3]", "faults[1]: 3 is not a string; write it in quotes"),
        ('faults = ["gap", "gapp"]', "faults[2]: there is no fault 'gapp'; did you mean gap?"),
        ('faults = ["gap:attempt=0"]', "faults[1]: gap: attempt='0' names no attempts; write attempt=1"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, complaint: str) -> None:
    """The error names file and key, and what may have been meant."""
    with pytest.raises(ProfileError) as caught:
        read_profile(text, source="p.toml")
    assert str(caught.value).startswith(f"p.toml: {complaint}")


def test_a_profile_may_tell_of_load() -> None:
    """In a table of its own, spelt as on the command line, and it changes no plan."""
    profile = read_profile('[load]\nmax_concurrency = "8"\nprefill_rate = "4000"', source="p.toml")
    assert profile.load == Load(max_concurrency=8, prefill_rate=(4000, 1))
    assert spelt(profile) == spelt(Profile())


def test_keys_of_pacing_are_its_fields() -> None:
    """What Python can set a file can set, under the same names."""
    assert sorted(KEYS) == sorted(Profile.__struct_fields__)
    assert Pacing.__struct_fields__ == PACING_KEYS


def test_recorded_takes_a_time_back() -> None:
    """Of a pacing that has other times; what is not named stays."""
    base = Pacing(itl=parse_distribution("1s"), ttft=parse_distribution("2s"))
    assert repaced(base, {"itl": "recorded"}, where="--") == Pacing(ttft=parse_distribution("2s"))


def test_neither_name_nor_words_change_a_plan() -> None:
    """What a profile is called is no part of what is planned; its faults are."""
    assert spelt(Profile(name="a", about="b")) == spelt(Profile())
    assert spelt(Profile(faults=(parse_fault("gap"),))) != spelt(Profile())


SHIPPED = {name: load_profile(name) for name in shipped_profiles()}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_says_what_it_is(name: str) -> None:
    """It is called as its file, and explained in one sentence."""
    profile = SHIPPED[name]
    assert profile.name == name
    assert profile.about.endswith(".")
    assert profile.pacing != Pacing() or profile.faults


def test_twelve_profiles_are_shipped() -> None:
    """No two of them ask for the same."""
    assert len({spelt(profile) for profile in SHIPPED.values()}) == len(SHIPPED) == 12


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("recording", shipped())
def test_every_shipped_profile_meets_every_shipped_recording(recording: str, name: str) -> None:
    """Each exchange is planned, the same twice; only where nothing can be truncated the plan says so."""
    planner = Planner(load(recording))
    for exchange in planner.recording.exchanges:
        first, again = (planner.plan(exchange.number, SHIPPED[name], seed=7) for _ in range(2))
        assert first == again
        assert [told.fault for told in first.faults] == [spell_fault(fault) for fault in SHIPPED[name].faults]
        if name == "truncating-gateway":
            assert bool(first.faults[0].problem) is (planner.plan(exchange.number).events[-1] == 0)


def outcomes(recording: str, name: str, attempt: int = 1) -> list[str]:
    return [told.outcome for told in Planner(load(recording)).plan(1, SHIPPED[name], attempt=attempt).faults]


def test_profiles_with_attempts_end_well() -> None:
    """Who retries as the common SDKs do, twice, gets the whole answer."""
    planner = Planner(load("llama-chat"))
    for name, succeeds in (("overloaded-provider", [False, False, True]), ("reset-mid-stream", [False, True, True])):
        assert [planner.plan(1, SHIPPED[name], attempt=attempt).succeeds for attempt in (1, 2, 3)] == succeeds


def test_an_idle_proxy_cuts_after_a_minute() -> None:
    """From the last byte on."""
    timeline = Planner(load("llama-chat")).plan(1, SHIPPED["proxy-cuts-at-60s"]).timeline
    assert getattr(timeline[-1].action, "for_ns", None) == parse_duration("60s")
    assert timeline[-1].at_ns == timeline[-2].at_ns


def test_profiles_strike_a_chat() -> None:
    """Those without chance do so for certain."""
    for name in ("bursty-proxy", "byte-slicer", "proxy-cuts-at-60s", "truncating-gateway"):
        assert outcomes("llama-chat", name) == ["applied"]
