"""The page of faults says what the catalogue says."""

from __future__ import annotations

import re

import pytest

from streamsim.plan import handbook
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.shells.files import load_profile, shipped_profiles
from tests.repo.faults_page import PAGE, generated
from tests.repo.tree import ROOT

_ROW = re.compile(r"^\| ([A-EI]\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")

FAILURES = {number: told for number, _, told in _ROW.findall(PAGE.read_text(encoding="utf-8"))}


def named(told: str) -> list[str]:
    """Return the faults that a row names, as they are spelt; headers and fields are none."""
    return [code for code in _CODE.findall(told) if re.match(r"[a-z0-9_]+", code)[0] in CATALOGUE]  # type: ignore[index]


def test_the_generated_parts_are_those_of_today() -> None:
    """Whoever changes a fault writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert generated(page) == page, "write it anew: python -m tests.repo.faults_page"


def test_every_fault_has_its_section() -> None:
    """With a heading of its own, in the order of the catalogue."""
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == [entry.name for entry in handbook.entries()]


@pytest.mark.parametrize("number", FAILURES)
def test_a_known_failure_has_a_fault_or_a_reason(number: str) -> None:
    """What the row names can be asked for as it is spelt, and covers what claims to make this failure."""
    spelt = named(FAILURES[number])
    assert spelt or FAILURES[number].startswith("none: ") or number == "I4"
    for text in spelt:
        parse_fault(text)
    claiming = {name for name, kind in CATALOGUE.items() if number in kind.rows}
    assert claiming <= {text.partition(":")[0] for text in spelt}


def test_every_known_failure_is_listed() -> None:
    """In order, with none left out."""
    counts = {"A": 12, "B": 8, "C": 11, "D": 16, "E": 8, "I": 5}
    assert list(FAILURES) == [f"{group}{nth}" for group, count in counts.items() for nth in range(1, count + 1)]


def test_every_fault_is_named_among_the_failures() -> None:
    """None is there for no reason."""
    told = PAGE.read_text(encoding="utf-8").partition("## Real failures")[2]
    assert [name for name in CATALOGUE if f"`{name}" not in told] == []


def test_the_page_of_profiles_lists_what_is_shipped() -> None:
    """Each with its sentence, and no others."""
    page = (ROOT / "docs" / "reference" / "profiles.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (.+\.) \|$", page, re.MULTILINE))
    assert listed == {name: load_profile(name).about for name in shipped_profiles()}
