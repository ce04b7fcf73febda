"""The lines of an event stream, rule by rule; places and messages are pinned because people follow them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.analysis.lint.blocks import Scan
from streamsim.analysis.lint.report import Hit, Place
from streamsim.sse import parse
from tests.analysis.lint.linted import hits
from tests.repo.tree import ROOT

NOT_DIGITS = "is not made of ASCII digits alone: readers ignore it"
UNFINISHED = "the last block has no blank line: what it holds is lost"
PIECES = st.sampled_from(
    [
        *(b"data", b"event", b"id", b"retry", b"x", b":", b": ", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"{", b"}"),
        *(b'{"error":"x"}', b"12", b"\0", b"\xef\xbb\xbf", b"\xff", b"\xe2\x80\xa8", b"data: x\n\n", b"[", b"]"),
    ]
)
BODIES = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=20).map(b"".join))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", []),
        (b"data: a\n\n: ping\n\n\n\nid: 7\n\nretry: 0\n\ndata\n\nevent: e\ndata: b\nid: 1\n\n: bye", []),
        (b"data: a\r\n\r\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [Hit("byte_order_mark", "", Place(0, 1, 0))]),
        (
            b"data: a\n\ndata: \xff\ndata: \xff\n\n",
            [Hit("invalid_utf8", "", Place(1, 3, 9)), Hit("invalid_utf8", "", Place(1, 4, 17))],
        ),
        (b"data: a\rdata: b\r\r", [Hit("cr_line_ends", "", Place(0, 1, 0))]),
        (
            b"data: a\r\n\r\ndata: b\n\n",
            [Hit("mixed_line_ends", "lines end in CRLF, and from here on also in LF", Place(1, 3, 11))],
        ),
        ("data: a\u2028b\n\n".encode(), [Hit("odd_line_end", "", Place(0, 1, 0))]),
        (
            b"data: a\ndate: b\n\n",
            [Hit("unknown_field", "no field is called 'date': readers ignore the line", Place(0, 2, 8))],
        ),
        (b"id: a\0b\ndata: c\n\n", [Hit("id_with_nul", "", Place(0, 1, 0))]),
        (
            "retry: 3s\nretry: ٣\n\n".encode(),
            [
                Hit("retry_not_digits", f"retry '3s' {NOT_DIGITS}", Place(0, 1, 0)),
                Hit("field_repeated", "retry comes twice in one block: only the last one counts", Place(0, 2, 10)),
                Hit("retry_not_digits", f"retry '٣' {NOT_DIGITS}", Place(0, 2, 10)),
            ],
        ),
        (
            b"event: a\nevent: b\ndata: c\n\n",
            [Hit("field_repeated", "event comes twice in one block: only the last one counts", Place(0, 2, 9))],
        ),
        (b": c\nevent: a\nid: 1\n\n", [Hit("event_without_data", "", Place(0, 2, 4))]),
        (b"data:a\n\n", [Hit("no_space", "", Place(0, 1, 0))]),
        (
            b"data: a\n\ndata: b\n",
            [Hit("unfinished_frame", f"{UNFINISHED} (8 bytes)", Place(1, 3, 9))],
        ),
        (
            b"data: a\n\ndata",
            [Hit("unfinished_frame", f"{UNFINISHED} (4 bytes)", Place(1, 3, 9))],
        ),
        (b'data: a\n\n{\n"error":"x"\n}\n', [Hit("bare_json", "", Place(1, 3, 9))]),
        (b'{"error":"x"}', [Hit("bare_json", "", Place(0, 1, 0))]),
        (
            b"data: a\n{}",
            [
                Hit("unfinished_frame", f"{UNFINISHED} (8 bytes)", Place(0, 1, 0)),
                Hit("bare_json", "", Place(0, 2, 8)),
            ],
        ),
        (
            b"{oops\n\n",
            [Hit("unknown_field", "no field is called '{oops': readers ignore the line", Place(0, 1, 0))],
        ),
    ],
)
def test_a_broken_rule_is_told_with_its_place(body: bytes, found: list[Hit]) -> None:
    """Each rule strikes where it is broken, and nothing else is told; lines count from 1, events and bytes from 0."""
    assert hits(body) == found


@given(BODIES)
def test_the_events_found_are_those_that_a_parser_dispatches(body: bytes) -> None:
    """As many, each at the byte where its block begins."""
    scan = Scan(body)
    bare = next((hit.place.byte for hit in scan.hits if hit.rule == "bare_json"), None)
    assert len(scan.events) == len(parse(body if bare is None else body[:bare]))
    assert [place.event for place in scan.events] == list(range(len(scan.events)))
    assert all(place.byte is not None and 0 <= place.byte < len(body) for place in scan.events)


@given(BODIES)
def test_bytes_are_lost_only_where_a_block_is_unfinished(body: bytes) -> None:
    """With a blank line behind them, all fields count."""
    scan = Scan(body)
    assert bool(scan.lost) == any(hit.rule == "unfinished_frame" for hit in scan.hits)
    if scan.lost and not scan.failure:
        assert not Scan(body + b"\n\n").lost


def test_an_error_outside_of_all_fields_is_read() -> None:
    """As providers write it when they fail in the middle of a stream."""
    failed = Scan(b'data: a\n\n{"error":{"message":"no more","status":"CANCELLED"}}').failure
    assert failed is not None
    assert (failed.type, failed.message) == ("CANCELLED", "no more")
    assert Scan(b"data: a\n\n").failure is None


def test_the_fixtures_break_the_rules_they_are_named_for() -> None:
    """The streams in fixtures are scanned as their names say."""
    told = {
        path.stem: sorted({hit.rule for hit in hits(path.read_bytes())})
        for path in sorted((ROOT / "fixtures" / "streams").glob("*.sse"))
    }
    assert told["plain"] == told["comments"] == told["multi-line"] == told["crlf"] == []
    assert told["byte-order-mark"] == ["byte_order_mark"]
    assert "cr_line_ends" in told["cr"]
    assert "id_with_nul" in told["id-with-null"]
    assert "invalid_utf8" in told["invalid-utf-8"]
    assert "mixed_line_ends" in told["mixed-line-ends"]
    assert "unfinished_frame" in told["unfinished"]
    assert "odd_line_end" in told["unicode-line-ends"]
    assert "unknown_field" in told["unknown-fields"]
