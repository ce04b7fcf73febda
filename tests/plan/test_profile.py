from __future__ import annotations

import msgspec
import pytest

from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.profile import Profile, spelt

ITL = parse_distribution("lognormal:30ms:0.4")


@pytest.mark.parametrize(
    "pacing",
    [
        Pacing(),
        Pacing(mode="instant"),
        Pacing(ttfb=ITL),
        Pacing(ttft=ITL),
        Pacing(itl=ITL),
        Pacing(jitter=ITL),
        Pacing(speed=(2, 1)),
    ],
)
def test_every_pacing_is_spelt_in_its_own_way(pacing: Pacing) -> None:
    """A spelling reads back to the pacing it spells, so two pacings never share one."""
    assert msgspec.json.decode(spelt(Profile(pacing=pacing)), type=Pacing) == pacing


def test_equal_pacings_are_spelt_alike() -> None:
    """A default that was given is the default, whatever object it is."""
    read = msgspec.json.decode(b'{"mode":"recorded","speed":[1,1]}', type=Pacing)
    assert read.speed is not Pacing().speed
    assert spelt(Profile(pacing=read)) == spelt(Profile()) == b"{}"


def test_a_name_is_no_part_of_what_is_planned() -> None:
    """Profiles that differ in name only are spelt alike."""
    assert spelt(Profile(name="slow", pacing=Pacing(itl=ITL))) == spelt(Profile(pacing=Pacing(itl=ITL)))
