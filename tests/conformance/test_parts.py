"""The parts of the search: samples and their features, batches, merging, simplifying, and what events look like."""

from __future__ import annotations

from collections import namedtuple
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.conformance import Finding, Policy, Seen, batches, campaign, merge, run_batch, tokens
from streamsim.conformance.anatomy import features
from streamsim.conformance.deltas import taken_apart
from streamsim.conformance.features import FEATURES, NAMES, with_needs
from streamsim.conformance.forms import adapt
from streamsim.conformance.forms.seeing import seen
from streamsim.conformance.generating import sample_of, samples, tapes
from streamsim.conformance.passes import FIRST, beside
from streamsim.conformance.rules import RULES
from streamsim.conformance.search import PASSED_OVER, RARE
from streamsim.conformance.simplify import simplest
from streamsim.rng import Rng
from tests.conformance import toys

if TYPE_CHECKING:
    from streamsim.conformance.sample import Sample


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((b"data: a\n\n",), set()),
        ((b"data: a\r", b"\n\r\n"), {"crlf", "cut-crlf"}),
        ((b"data: \xc3", b"\xa9\n\n"), {"characters", "cut-character"}),
        ((b"\xef\xbb", b"\xbfdata: a\n\n"), {"bom", "cut-bom"}),
        ((b"data: \xe2\x82", b"\n\n"), {"characters", "invalid", "cut-character"}),
        ((b"data: \xe0\x82", b"\n\n"), {"characters", "invalid", "cut"}),
        ((b"id: 1\n\n",), {"id", "no-data-id"}),
        ((b"retry: 1\n\n",), {"retry", "no-data"}),
        ((b"event: t\ndata: a\n\ndata: a\n\n",), {"event", "events", "event-forgotten"}),
        ((b"data: \n\n",), {"empty-data"}),
        ((b"data: a\ndata: \n\n",), {"lines", "empty-last"}),
        ((b"data: a\xe2\x80\xa8b\n\n",), {"separators"}),
        ((b"data: a\n\n", b"data: b\n\n"), {"events", "cut-event"}),
        ((b"data: a\n",), {"unfinished"}),
        ((b"id: \x00\ndata: a\n\n",), {"id", "id-nul"}),
        ((b"data: a\n", b"\n"), {"cut-blank"}),
        ((b"data: a\n\n", b"", b": \n\n"), {"cut-event", "cut-empty", "comment-block"}),
    ],
)
def test_features_follow_from_the_bytes(chunks: tuple[bytes, ...], expected: set[str]) -> None:
    """A stream has the features that its bytes and cuts show, and no others."""
    assert features(taken_apart(chunks)) == expected


@given(st.sampled_from(sorted(NAMES)), st.integers(0, 1000))
def test_a_sample_is_its_chunks(name: str, nth: int) -> None:
    """Chunks joined are the bytes; taken apart again, they are the same sample, or the same bytes at least."""
    sample = sample_of(tapes(Rng(0, "test"), nth), with_needs(name))
    assert b"".join(sample.chunks) == sample.data
    assert taken_apart(sample.chunks).data == sample.data


def test_samples_are_a_function_of_the_dice() -> None:
    """The same seed and path give the same samples, which have no features but those allowed, or are passed over."""
    first, second = (list(islice(samples(Rng(1, "test"), with_needs("cut-crlf")), 50)) for _ in range(2))
    assert first == second
    assert sum(features(each) <= with_needs("cut-crlf") for each in first) > 15


@pytest.mark.parametrize("name", sorted(NAMES - {"late"}))
def test_every_feature_can_be_drawn_alone(name: str) -> None:
    """With what it needs and what may be beside it, within as many samples as the search has for the first examples."""
    allowed = with_needs(name) | beside(name)
    drawn = islice(samples(Rng(0, "alone", name), allowed), FIRST * PASSED_OVER + RARE)
    assert any(name in held <= allowed for held in map(features, drawn))


def test_every_feature_has_a_rule_and_comes_after_what_it_needs() -> None:
    """The tables are whole."""
    rules = {each.name for each in RULES}
    seen_so_far: set[str] = set()
    for each in FEATURES:
        assert each.rule in rules
        assert each.name not in seen_so_far
        assert set(each.needs) <= NAMES
        seen_so_far.add(each.name)


def finding(rule: str, *names: str, chunks: tuple[bytes, ...] = (b"x",)) -> Finding:
    return Finding(rule=rule, features=names, label="bug", what="", chunks=chunks)


def test_merging_keeps_the_smallest_of_each_cause_and_no_consequence() -> None:
    """One finding a cause, the smallest; one that needs more than another is its consequence; order does not count."""
    large, small = finding("bom", "bom", chunks=(b"xx",)), finding("bom", "bom")
    other, consequence = finding("end", "unfinished"), finding("bom", "bom", "cut-bom")
    everything = [large, consequence, other, small]
    assert merge(everything) == merge(everything[::-1]) == [small, other]


def test_merging_knows_consequences_of_errors_and_of_line_ends() -> None:
    """What is raised is raised at the end, too, if it is there; what is not understood comes late, or any way."""
    raised = Finding(rule="retry", features=("retry",), label="bug", what="raised ValueError: no", chunks=(b"x",))
    same = Finding(rule="end", features=("retry", "unfinished"), label="edge", what="raised ValueError: no")
    again = Finding(rule="end", features=("unfinished",), label="edge", what="raised ValueError: no", chunks=(b"y",))
    assert merge([raised, same, again]) == [again, raised]
    mixed, late = finding("line-ends", "events", "mixed"), finding("promptness", "cr", "mixed", "late")
    later = finding("promptness", "crlf", "mixed", "late", chunks=(b"xx",))
    assert merge([mixed, late, later]) == [mixed]
    assert merge([late, later]) == [late]
    assert merge([finding("line-ends", "id", "crlf"), finding("line-ends", "lines", "crlf")]) == [
        finding("line-ends", "id", "crlf")
    ]


def test_merging_does_not_ask_what_stands_before() -> None:
    """Of findings that differ in what comes before their block one is left, unless that is what they are about."""
    first, second = finding("bom", "blank-first", "cut-event", "bom"), finding("bom", "events", "cut-event", "bom")
    assert len(merge([first, second])) == len(merge([second, first])) == 1
    assert merge([finding("noise", "events", "blanks"), finding("noise", "events", "comment-block")]) == [
        finding("noise", "events", "blanks"),
        finding("noise", "events", "comment-block"),
    ]


def test_batches_are_all_examples() -> None:
    """The batches together try as many examples as were asked for, and only the first is the head."""
    work = batches(15_000, 3)
    assert sum(batch.examples for batch in work) == 15_000
    assert [batch.number for batch in work] == list(range(7))


def test_split_work_finds_the_same() -> None:
    """Batches run one by one, in any order, find what the campaign finds."""
    target = adapt(toys.two_faults)
    rules = ("spaces", "empty-data")
    whole = merge(list(campaign(target, rules=rules, examples=8_000, seed=1)))
    head, *rest = batches(8_000, 1, rules)
    known = merge(run_batch(target, head))
    split = [found for batch in reversed(rest) for found in run_batch(target, batch, known=known)]
    assert merge([*known, *split]) == whole


def _has_bad_id(sample: Sample) -> bool:
    return any(line.name == b"id" and b"\0" in line.value for line in sample.lines)


def test_simplifying_ends_at_what_a_person_would_write() -> None:
    """All that is not needed goes, and what stays becomes the simplest of its kind, without a feature that is new."""
    sample = taken_apart((b"\xef\xbb\xbfevent: t\r\ndata: cd\r\n", b"id: \xff\x00\r\n\r\nda", b"ta: b\r\n\r\n"))
    assert simplest(sample, _has_bad_id, features).data == b"data: a\nid: \x00\n\n"


def test_simplifying_makes_runs_as_short_as_they_can_be() -> None:
    """What takes many digits to fail keeps as many as it takes."""
    sample = taken_apart((b"retry: " + b"9" * 5000 + b"\ndata: a\n\n",))
    shortest = simplest(sample, lambda each: any(len(line.value) > 4300 for line in each.lines), features)
    assert shortest.data == b"retry: " + b"9" * 4301 + b"\ndata: a\n\n"


Event = namedtuple("Event", "type data")  # noqa: PYI024 - as a library would have it


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("a", Seen("a")),
        (b"a", Seen("a")),
        ({"data": "a", "event": None, "id": None}, Seen("a", "message", "")),
        (("ping", "a"), Seen("a", "ping")),
        (("a", "ping", "1", 5), Seen("a", "ping", "1", 5)),
        (Event("ping", "a"), Seen("a", "ping")),
        ({"data": 3}, Seen("3")),
        ({"data": "a", "retry": "10"}, Seen("a", None, None, 10)),
        ({"data": "a", "retry": "0" * 5000 + "1"}, Seen("a", None, None, 1)),
        ({"data": "a", "retry": "9" * 5000}, Seen("a", None, None, int("9" * 4000))),
        ({"data": "a", "retry": "10x"}, Seen("a", None, None, "10x")),
    ],
)
def test_events_may_have_any_form(event: Any, expected: Seen) -> None:
    """Objects, tuples, dicts and text are read alike."""
    assert seen(event) == expected


def test_a_policy_needs_a_place_for_text() -> None:
    """A payload without TEXT is refused, and so are JSON lines without a payload."""
    with pytest.raises(ValueError, match="payload must hold TEXT once"):
        Policy(payload="{}")
    with pytest.raises(ValueError, match="ndjson needs a payload"):
        Policy(ndjson=True)


def test_simplifying_makes_one_line_of_two_that_are_one_payload() -> None:
    """What cannot be taken apart is joined, with its cut where it was, and then made shorter."""
    sample = taken_apart((b'data: {"text":\ndata: "ab \xe2\x82', b'\xac cd"}\n\n'))
    shortest = simplest(sample, lambda each: "cut-character" in features(each), features, [tokens.DATA])
    assert shortest.chunks[0].endswith(b"\xe2\x82")
    assert len(shortest.lines) == 2
