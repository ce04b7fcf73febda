from __future__ import annotations

import pytest

from streamsim.engine.overrides import NONE, Overrides, overrides
from streamsim.engine.requests import Limits, Request, RequestReader
from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.profile import Profile
from tests.engine.asking import asked


def chosen(**headers: str) -> Overrides:
    return overrides(asked(headers={f"X-Streamsim-{name}": value for name, value in headers.items()}))


def test_no_choice() -> None:
    """A request without such headers chooses nothing, and leaves the profile alone."""
    profile = Profile(name="p")
    assert chosen() is NONE
    assert NONE.profile(profile) is profile


def test_all_choices() -> None:
    """Each header is one choice."""
    assert chosen(
        Key="k", Exchange="chat:2", Attempt="3", Seed="0", Ttfb="1s", TTFT="2s", Itl="30ms", Jitter="1ms"
    ) == (Overrides("k", "chat:2", 3, 0, (("ttfb", "1s"), ("ttft", "2s"), ("itl", "30ms"), ("jitter", "1ms"))))


def test_pacing_is_set_in_the_profile() -> None:
    """A chosen pacing takes the place of the profile's own, and only that."""
    ttft = parse_distribution("2s", where="x")
    before = Profile(name="p")
    after = chosen(ttft="2s").profile(before)
    assert after.pacing.ttft == ttft
    assert (after.pacing.itl, after.pacing.mode, after.name) == (None, "recorded", "p")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempt", "0"),
        ("attempt", "-1"),
        ("attempt", "x"),
        ("attempt", "1" * 20),
        ("seed", "²"),
        ("seed", ""),
        ("no", "1"),
    ],
)
def test_wrong_choice_is_named(name: str, value: str) -> None:
    """A header that is not known, or whose value is wrong, is an error that names it."""
    with pytest.raises(UsageError, match=rf"^x-streamsim-{name}: "):
        chosen(**{name: value})


def test_wrong_pacing_is_named() -> None:
    """A pacing that is no distribution is an error that names its header."""
    with pytest.raises(UsageError, match=r"^x-streamsim-itl: "):
        chosen(itl="soon").profile(Profile())


def faults(*headers: bytes) -> tuple[str, ...]:
    """Return the faults that a request with these header lines chooses."""
    (request,) = RequestReader(Limits()).feed(b"\r\n".join((b"GET / HTTP/1.1", b"Host: x", *headers, b"", b"")))
    assert isinstance(request, Request)
    return overrides(request).faults


def test_a_fault_header_may_be_repeated() -> None:
    """Each is one fault, in their order, whatever the case of the name."""
    assert faults(b"X-Streamsim-Fault: gap:for=1s", b"x-streamsim-seed: 1", b"x-streamsim-fault: bom") == (
        "gap:for=1s",
        "bom",
    )


@pytest.mark.parametrize(
    ("joined", "apart"),
    [
        (b"gap:for=1s,at_event=2, bom", ("gap:for=1s,at_event=2", "bom")),
        (b"bom,gap", ("bom", "gap")),
        (b"bom, gap:for=1s ,drop", ("bom", "gap:for=1s ", "drop")),
        (b"http_error:message=no\\, gap", ("http_error:message=no\\, gap",)),
        (b"http_error:message=(no, gap), bom", ("http_error:message=(no, gap)", "bom")),
        (b"gap:for=1s,nonsense", ("gap:for=1s,nonsense",)),
        (b"gap:for=1s, gap", ("gap:for=1s", "gap")),
    ],
)
def test_faults_may_be_joined_with_commas(joined: bytes, apart: tuple[str, ...]) -> None:
    """As whoever repeats a header may do; a comma within a fault stays within it."""
    assert faults(b"x-streamsim-fault: " + joined) == apart


@pytest.mark.parametrize("value", ["é".encode(), "é".encode("latin-1")])
def test_text_is_what_the_client_means(value: bytes) -> None:
    """UTF-8, or else ISO 8859-1."""
    assert faults(b"x-streamsim-fault: http_error:message=" + value) == ("http_error:message=é",)


def test_faults_are_added_to_those_of_the_profile() -> None:
    """After its own, and its pacing stays."""
    base = Profile(pacing=Pacing(itl=parse_distribution("1s")), faults=(parse_fault("bom"),))
    after = chosen(fault="gap:for=1s").profile(base)
    assert after.faults == (parse_fault("bom"), parse_fault("gap:for=1s"))
    assert after.pacing == base.pacing


def test_recorded_takes_a_time_back() -> None:
    """As the command line does."""
    base = Profile(pacing=Pacing(itl=parse_distribution("1s"), ttft=parse_distribution("2s")))
    assert chosen(itl="recorded").profile(base).pacing == Pacing(ttft=parse_distribution("2s"))


@pytest.mark.parametrize("fault", ["", "gapp", "gap:for=soon", "gap:four=1s"])
def test_a_wrong_fault_is_named(fault: str) -> None:
    """The error names its header."""
    with pytest.raises(UsageError, match=r"^x-streamsim-fault: "):
        chosen(fault=fault).profile(Profile())
