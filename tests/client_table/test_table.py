"""The committed table is complete, and what it says of a client is told apart as documented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.reading import read
from streamsim.plan.faults import CATALOGUE
from tests.client_table.cases import CASES, rows_of, spelt_for
from tests.client_table.clients import CLIENTS
from tests.client_table.facts import FACTS, VERSIONS
from tests.client_table.known import agrees, expected, unexplained
from tests.client_table.outcome import Kind, Observation, Outcome, cell, classify
from tests.client_table.page import page
from tests.client_table.streams import CALLS, WORDS, frames, stream
from tests.client_table.table import DATA, PAGE, Table, as_json, merged, read_table

if TYPE_CHECKING:
    from tests.client_table.streams import Form

WITHOUT = Observation(events=3, text="one two", finish="stop")
CALLED = Observation(events=5, text="", finish="tool_calls", calls=(("f", '{"a": 1}'), ("g", "{}")))
FRESH = "write it anew: python -m tests.client_table"


@pytest.fixture(scope="module")
def table() -> Table:
    """The committed table."""
    found = read_table()
    assert found is not None, FRESH
    return found


def test_it_lists_every_fault(table: Table) -> None:
    """Every fault of the catalogue has a row."""
    listed = {name for row in table.rows for name in row.faults}
    assert sorted(set(CATALOGUE) - listed) == [], FRESH


def test_it_lists_every_case_for_every_client(table: Table) -> None:
    """Every case of today has an outcome for every client."""
    missing = [(case.title, one.name) for case in CASES for one in CLIENTS if table.cell(case.title, one.name) is None]
    assert missing == [], FRESH


def test_it_tells_each_clients_version(table: Table) -> None:
    """Every client has a column with its version and a date."""
    assert [column.client for column in table.columns] == [client.name for client in CLIENTS]
    assert all(column.version and column.date for column in table.columns)


def test_all_that_differs_from_what_was_known_is_explained(table: Table) -> None:
    """Where the table does not agree with what was known, a reason stands there."""
    assert unexplained(table) == []


def test_page_and_data_are_one(table: Table) -> None:
    """The committed page is what the committed data make."""
    assert page(table) == PAGE.read_text(encoding="utf-8"), "write it anew: python -m tests.client_table --no-ask"
    assert as_json(table) == DATA.read_bytes()


@pytest.mark.parametrize(
    ("seen", "kind", "told"),
    [
        (Observation(3, "one two", "stop"), "complete", "ok"),
        (Observation(4, "one two", "stop"), "complete", "ok (+1)"),
        (Observation(3, "one\u2028 two", "stop"), "complete", "ok"),
        (Observation(3, "one two"), "silent", "**silent**: no finish 3/3"),
        (Observation(2, "one"), "silent", "**silent**: cut 2/3"),
        (Observation(3, "one tw\ufffd", "stop"), "silent", "**silent**: other text 3/3"),
        (Observation(1, ""), "silent", "**silent**: no text 1/3"),
        (Observation(0, ""), "silent", "**silent**: nothing"),
        (Observation(2, "one", error="x.Broken"), "exception", "`Broken` 2/3"),
        (Observation(3, "one two", "stop", error="y.Broken"), "exception", "`y.Broken` 3/3"),
        (Observation(0, "", error="x.Refused", status=400), "exception", "`Refused` (400)"),
        (Observation(2, "one", hung=True), "hang", "**hang** 2/3"),
        (Observation(3, "one two", "stop", unhandled=True), "complete", "ok ⚠"),
    ],
)
def test_an_outcome_is_what_the_reader_is_left_with(seen: Observation, kind: Kind, told: str) -> None:
    """No error and all there, no error and not all there, an exception and a hang are told apart."""
    outcome = classify(seen, WITHOUT, 1)
    assert (outcome.kind, cell(outcome, "x")) == (kind, told)


@pytest.mark.parametrize(
    ("seen", "kind", "told"),
    [
        (CALLED, "complete", "ok"),
        (Observation(5, "", "tool_calls", calls=(("f", '{"a":1}'), ("g", " {}"))), "complete", "ok"),
        (Observation(5, "", "stop", calls=CALLED.calls), "silent", "**silent**: other finish 5/5"),
        (Observation(4, "", None, calls=CALLED.calls), "silent", "**silent**: no finish 4/5"),
        (Observation(2, "", "tool_calls"), "silent", "**silent**: no calls 2/5"),
        (Observation(3, "", "tool_calls", calls=CALLED.calls[:1]), "silent", "**silent**: fewer calls 3/5"),
        (
            Observation(5, "", "tool_calls", calls=(("fg", '{"a": 1}{}'),)),
            "silent",
            "**silent**: fewer calls, other names, broken arguments 5/5",
        ),
        (
            Observation(5, "", "tool_calls", calls=(*CALLED.calls, ("g", "{}"))),
            "silent",
            "**silent**: more calls 5/5",
        ),
        (
            Observation(5, "", "tool_calls", calls=(("f", '{"a": 2}'), ("g", "{}"))),
            "silent",
            "**silent**: other arguments 5/5",
        ),
        (
            Observation(5, "", "tool_calls", calls=(("f", '{"a": 1}'), ("g", "1"))),
            "silent",
            "**silent**: broken arguments 5/5",
        ),
        (Observation(5, "x", "tool_calls", calls=CALLED.calls), "silent", "**silent**: other text 5/5"),
        (Observation(1, "", error="x.Broken"), "exception", "`Broken` 1/5"),
    ],
)
def test_an_outcome_tells_whether_tool_calls_are_whole(seen: Observation, kind: Kind, told: str) -> None:
    """Their number, names, whether their arguments are a JSON object, and which one, are told apart."""
    outcome = classify(seen, CALLED, 1)
    assert (outcome.kind, cell(outcome, "x")) == (kind, told)


def test_retries_are_told() -> None:
    """An outcome says how many requests it took, where that was more than one."""
    assert cell(classify(WITHOUT, WITHOUT, 3)) == "ok \N{MULTIPLICATION SIGN}3"


@pytest.mark.parametrize(
    ("expected", "agreeing"),
    [
        ("error", True),
        ("error Status", True),
        ("error Status -1 x3", True),
        ("error Timeout", False),
        ("error -2", False),
        ("error x1", False),
        ("silent", False),
    ],
)
def test_a_pattern_expects_what_it_says(*, expected: str, agreeing: bool) -> None:
    """Kind, part of the name, events and requests are compared, as far as they are given."""
    outcome = Outcome("exception", requests=3, events=2, of=3, error="APIStatusError")
    assert agrees(outcome, expected) is agreeing


@pytest.mark.parametrize(
    ("expected", "agreeing"),
    [("silent", True), ("silent fewer calls, other names", True), ("silent other names +0 x1", True),
     ("silent broken arguments", False), ("ok", False)],
)  # fmt: skip
def test_a_pattern_may_say_what_is_lacking(*, expected: str, agreeing: bool) -> None:
    """Of a silent outcome it is compared what the table says of it."""
    seen = Observation(5, "", "tool_calls", calls=(("h", "{}"),))
    assert agrees(classify(seen, CALLED, 1), expected) is agreeing


def test_what_is_no_pattern_is_refused() -> None:
    """A mistyped pattern is an error, not a disagreement."""
    with pytest.raises(ValueError, match="expects nothing"):
        agrees(Outcome("complete"), "okay")


def test_facts_are_about_rows_and_clients_that_there_are() -> None:
    """Each fact names a case of today, and clients of today with patterns that can be read."""
    titles = {case.title for case in CASES}
    assert sorted({fact.title for fact in FACTS} - titles) == []
    assert {name for fact in FACTS for name in expected(fact)} <= set(VERSIONS) == {client.name for client in CLIENTS}
    for fact in FACTS:
        for pattern in fact.expect.values():
            agrees(Outcome("complete"), pattern)


def test_every_row_of_what_was_known_is_compared() -> None:
    """Each incident that was reproduced with one of these clients before has a fact."""
    rows = {row for fact in FACTS for row in fact.row.split()}
    numbers = {
        "A": (*range(1, 11), 12),
        "B": (1, 3, 4, 7, 8),
        "C": (1, 2, 3, 4, 5, 6, 8, 10, 11),
        "D": range(1, 16),
        "E": (1, 2, 3, 4, 6, 7),
        "F": (2, 3, 6, 8, 9, 10, 11, 12),
        "G": (1, 2, 4),
        "H": range(1, 6),
    }
    known = {f"{letter}{number}" for letter, some in numbers.items() for number in some}
    assert known <= rows


def test_a_fault_that_nobody_thought_of_gets_a_row() -> None:
    """Every fault of the catalogue is among the cases, each of which can be spelt and has a row in the incidents."""
    assert set(CATALOGUE) <= {name for case in CASES for name in case.names}
    assert all(spelt_for(case, 20) and isinstance(rows_of(case), tuple) for case in CASES if case.faults)


def test_titles_are_unique() -> None:
    """No two cases have the same title, by which their outcomes are kept."""
    titles = [case.title for case in CASES]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("form", ["openai", "anthropic", "gemini", "mistral"])
def test_every_stream_says_the_same(form: Form) -> None:
    """Each stream is a recording whose chunks are its events, a piece of the text in each of 22."""
    body = b"".join(frames(form)).decode()
    assert all(f'"{word}"' in body for word in WORDS)
    assert len(WORDS) == 22
    assert [chunk.data for chunk in stream(form).exchange(1).chunks] == frames(form)


@pytest.mark.parametrize("form", ["openai", "anthropic", "gemini", "mistral"])
def test_every_stream_calls_the_same(form: Form) -> None:
    """Each calls the same two tools; where arguments come in pieces, each piece is an event of its own."""
    body = b"".join(frames(form, calls=True)).decode()
    assert all(body.count(f'"{name}"') == 1 for name, _ in CALLS)
    pieces = [json.dumps(piece) for _, told in CALLS for piece in told]
    whole = form in ("gemini", "mistral")
    assert [piece for piece in pieces if f":{piece}}}" in body] == ([] if whole else pieces)
    first = read(stream(form, calls=True).exchange(1)).answer().first
    assert [(call.name, json.loads(call.text)) for call in first.calls] == [
        (name, json.loads("".join(told))) for name, told in CALLS
    ]


def test_what_was_not_asked_again_stays() -> None:
    """A run for some clients or faults keeps the other outcomes, and takes over its own."""
    first, other = CLIENTS[0].name, CLIENTS[1].name
    title = CASES[0].title
    old = merged(None, {}, {(title, first): Outcome("hang"), (title, other): Outcome("silent")}, (2.0, 10.0))
    new = merged(old, {}, {(title, first): Outcome("complete")}, (2.0, 10.0))
    assert [row.cells for row in new.rows] == [{first: Outcome("complete"), other: Outcome("silent")}]
