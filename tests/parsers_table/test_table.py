"""The scoreboard is of one piece with what it is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamsim.conformance.finding import Finding
from streamsim.conformance.policy import Policy
from streamsim.conformance.targets import Spec
from tests.parsers_table.nodes import NODE
from tests.parsers_table.page import page
from tests.parsers_table.parsers import Parser, all_parsers
from tests.parsers_table.table import DATA, PAGE, Row, Table, as_json, read_table

NODE_FOLDER = Path(__file__).parent / "node"
BUG = Finding("line-ends", ("crlf",), "bug", "gave 0 events instead of 1", (b"data: a\r", b"\n\r\n"), also=("cr",))
EDGE = Finding("bom", ("bom",), "edge", "gave 0 events | instead of 1", (b"\xef\xbb\xbfdata: `a`\n\n",))
LONG = Finding("linear-time", ("quadratic",), "by design", "longer", shape="one line", size=64)
SHARED = Finding("isolation", ("shared-state",), "bug", "another result", (b"data: b\n\n",), before=(b"data: a",))
MANY = Finding("retry", ("retry-huge",), "edge", "another value", (b"retry: " + b"9" * 5000 + b"\n\n",))
TABLE = Table(
    0,
    (
        Row("streamsim", "ours", "0.1.0", "2026-11-22", Policy(), 10, False, ()),  # noqa: FBT003 - a row
        Row("other", "Node", "1.2", "2026-11-22", Policy(ids="own"), 9, True, (BUG, BUG, EDGE, LONG, MANY, SHARED)),  # noqa: FBT003
    ),
)


def test_marks_are_counted() -> None:
    """Bugs, edges and what is by design stand apart; a rule that nobody breaks has no column."""
    counted, _, head, _, ours, other = page(TABLE).partition("## Scoreboard\n\n")[2].splitlines()[:6]
    assert counted == "2 parsers: 1 with bugs, 1 with neither."
    assert head == (
        "| parser | version | language | [line-ends](#rules) | [bom](#rules) | [retry](#rules) | [isolation](#rules) "
        "| [linear-time](#rules) |"
    )
    assert ours == "| streamsim | 0.1.0 | ours |  |  |  |  |  |"
    assert other == "| other | 1.2 | Node | 2✗ | (✗) | (✗) | ✗ | *d* |"


def test_each_mark_has_its_example() -> None:
    """Cut as it was fed, and such that Markdown shows it."""
    told = page(TABLE).partition("## other 1.2 (Node)\n")[2]
    assert "2026-11-22, 9 examples, cut by time; declared by design: `ids=own`." in told
    cause = "CRLF for line ends; so it is with: CR for line ends"
    assert f"| line-ends | bug | {cause} | `data: a\\r` + `\\n\\r\\n` | gave 0 events instead of 1 |" in told
    assert "`\\xef\\xbb\\xbfdata: \\x60a\\x60\\n\\n` | gave 0 events \\| instead of 1 |" in told
    assert "| one line, 64 bytes | longer |" in told
    assert "| `data: a`, then another instance: `data: b\\n\\n` |" in told
    assert "| `retry: 999… (5000 times)\\n\\n` | another value |" in told


def test_the_page_is_that_of_the_data() -> None:
    """Who changes one writes the other anew: python -m tests.parsers_table --no-fuzz."""
    table = read_table()
    assert table is not None
    assert PAGE.read_text(encoding="utf-8") == page(table)
    assert DATA.read_bytes() == as_json(table)


def test_ours_has_no_mark() -> None:
    """Nor is it left out."""
    table = read_table()
    assert table is not None
    row = table.row("streamsim", "ours")
    assert row is not None
    assert row.findings == ()


def test_whoever_is_on_the_board_has_an_adapter() -> None:
    """And its version, in an order of their own."""
    table = read_table()
    assert table is not None
    order = [(one.package, one.language) for one in all_parsers()]
    rows = [(row.package, row.language) for row in table.rows]
    assert rows == [name for name in order if name in rows]
    assert [row.package for row in table.rows if not row.version] == []
    told = PAGE.read_text(encoding="utf-8")
    assert [
        row.package for row in table.rows if f"\n## {row.package} {row.version} ({row.language})\n" not in told
    ] == []


@pytest.mark.parametrize("parser", all_parsers(), ids=lambda parser: f"{parser.language}-{parser.package}")
def test_a_parser_is_asked_in_its_language(parser: Parser) -> None:
    """As `streamsim fuzz --command` would be told."""
    assert isinstance(parser.spec, Spec)
    assert parser.spec.kind == "command"
    assert parser.spec.text.startswith("node ") == (parser.language == "Node")
    assert parser.spec.text.startswith("env PYTHONPATH=") == (parser.language == "Python")


def test_every_parser_of_node_has_an_adapter() -> None:
    """As its name stands in one of the files, it is found there."""
    told = "".join(path.read_text(encoding="utf-8") for path in NODE_FOLDER.glob("*.mjs"))
    assert [name for name in NODE if f'"{name}": ' not in told and f"\n  {name}: " not in told] == []
