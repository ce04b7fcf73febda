"""The catalogue is closed, in order, and loads what is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from streamsim.plan.faults import CATALOGUE
from streamsim.plan.faults.catalogue import GROUPS


def test_it_is_the_groups_in_their_order() -> None:
    """Each name stands once, and leads to the fault of that name."""
    names = [name for group in GROUPS.values() for name in group]
    assert len(CATALOGUE) == len(names) == len(set(names))
    assert [kind.name() for kind in CATALOGUE.values()] == names == list(CATALOGUE)


@pytest.mark.parametrize("name", ["", "no_such", "catalogue", "fault"])
def test_what_is_no_fault_is_not_in_it(name: str) -> None:
    """A module that helps faults is none."""
    assert name not in CATALOGUE
    with pytest.raises(KeyError):
        CATALOGUE[name]


def test_a_fault_is_loaded_when_it_is_asked_for() -> None:
    """To know the names costs no fault's loading."""
    asks = (
        "import sys; from streamsim.plan.faults import CATALOGUE, parse_fault; len(list(CATALOGUE)); "
        "loaded = [name for name in CATALOGUE if f'streamsim.plan.faults.{name}' in sys.modules]; "
        "parse_fault('stall'); print(loaded, 'streamsim.plan.faults.stall' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout == "[] True\n"
