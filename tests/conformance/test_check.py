"""`check_parser` passes what is right, and says of the rest exactly what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamsim.conformance import RULES, ParserBroken, Policy, check_parser, find
from streamsim.conformance.finding import Finding
from streamsim.conformance.report import pytest_source
from streamsim.sse import Event, Parser
from tests.conformance import toys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FEW = 1200


def causes(parse: Callable[..., Any], **options: Any) -> list[tuple[str, str]]:
    """Return rule and most telling feature of each finding."""
    return [(each.rule, each.features[-1] if each.features else "") for each in find(parse, examples=FEW, **options)]


@pytest.mark.parametrize("parse", [toys.right, toys.of_bytes, Parser, toys.CalledBack])
def test_a_right_parser_passes_in_any_form(parse: Callable[..., Any]) -> None:
    """Nothing is found in a parser that keeps to the standard, whatever its form."""
    check_parser(parse, examples=FEW, rules=["fields", "line-ends", "chunks", "end", "promptness", "isolation"])


@pytest.mark.parametrize(
    ("parse", "rules", "expected"),
    [
        (toys.crashes_on_nul, ["values"], [("values", "nul")]),
        (toys.flushes, ["end"], [("end", "unfinished")]),
        (toys.waits, ["promptness"], [("promptness", "late")]),
        (toys.two_faults, ["spaces", "empty-data"], [("empty-data", "empty-data"), ("spaces", "space-first")]),
        (toys.Shared, ["isolation"], [("isolation", "shared-state")]),
        (toys.Quadratic, ["linear-time"], [("linear-time", "chunks of an event")]),
    ],
)
def test_each_fault_is_one_finding(
    parse: Callable[..., Any], rules: list[str], expected: list[tuple[str, str]]
) -> None:
    """A fault is found once, under the rule it breaks."""
    found = causes(parse, rules=rules)
    assert [each for each in expected if each not in found] == []


def test_the_same_seed_finds_the_same() -> None:
    """Findings, examples included, are a function of seed and number of examples."""
    once = find(toys.two_faults, examples=FEW, rules=["spaces", "empty-data"])
    assert list(once) == list(find(toys.two_faults, examples=FEW, rules=["spaces", "empty-data"]))


def test_a_policy_says_what_is_by_design() -> None:
    """What a policy declares is no fault: here, to stop at ``[DONE]`` and to deliver an unfinished event."""
    assert causes(toys.stops_when_done, rules=["values"]) == [("values", "words")]
    assert causes(toys.stops_when_done, rules=["values"], policy=Policy(done="[DONE]")) == []
    assert causes(toys.flushes, rules=["end"], policy=Policy(flush=True)) == []
    check_parser(toys.flushes, examples=FEW, rules=["end"], policy=Policy(by_design=frozenset({"end"})))


def test_the_report_holds_the_example_and_a_test() -> None:
    """The error shows the rule, the smallest example, both answers, and a test that can be pasted."""
    with pytest.raises(ParserBroken) as caught:
        check_parser(toys.flushes, examples=FEW, rules=["end"])
    told = str(caught.value)
    assert "what is unfinished when the stream ends is discarded" in told
    assert "fed:      b'data: a\\n'" in told
    assert "expected: nothing" in told
    assert "got:      ('a')" in told
    assert "def test_end_unfinished():" in told
    assert [each.rule for each in caught.value.findings] == ["end"]


@pytest.mark.parametrize(
    ("features", "shape", "test"),
    [
        (("late",), "", "    check_parser(parse, rules=['promptness'])\n"),
        (("quadratic",), "one long line", "    check_parser(parse, rules=['promptness'])\n"),
        (("cr",), "", "    reading = target.read([b'a'])\n    assert (reading.error, reading.hung) == (\"\", False)\n"),
    ],
)
def test_a_test_that_is_told_fails_for_the_fault(features: tuple[str, ...], shape: str, test: str) -> None:
    """What reading once does not show is searched for again; what is raised after all events fails, too."""
    finding = Finding("promptness", features, "bug", "late", (b"a",), shape=shape)
    assert test in pytest_source(finding)


def test_who_answers_at_the_end_is_told_that_alone() -> None:
    """That a list holds what it read is no finding beside; who only looks for memory is told of it."""
    rules = ["promptness", "bounded-memory"]
    assert [each.rule for each in find(at_the_end, how="chunks", examples=FEW, rules=rules)] == ["promptness"]
    assert [each.rule for each in find(at_the_end, how="chunks", examples=FEW, rules=rules[1:])] == ["bounded-memory"]


def at_the_end(chunks: Iterable[bytes]) -> list[Event]:
    return list(toys.right(chunks))


def test_time_cuts_a_search_short() -> None:
    """A search that is out of time says so."""
    found = find(toys.right, examples=100_000, seconds=0.2, rules=["fields"])
    assert found.cut
    assert 0 < found.examples < 100_000


def test_unknown_rules_are_refused() -> None:
    """A rule that does not exist is named."""
    with pytest.raises(ValueError, match="no rule 'speling'; there are fields"):
        find(toys.right, rules=["speling"])


def test_what_is_no_parser_is_refused() -> None:
    """A callable that reads nothing in any form is refused, with the forms there are."""
    with pytest.raises(ValueError, match="say how= one of chunks, bytes"):
        find(len)


def test_our_own_parser_has_no_finding() -> None:
    """Our parser breaks no rule; that its time is linear is told by the benchmarks, on a quiet machine."""
    rules = [one.name for one in RULES if one.name != "linear-time"]
    assert list(find(Parser, examples=4000, rules=rules)) == []
