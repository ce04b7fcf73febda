"""What the scoreboard says of eventsource-parser, on which many others stand, is true: each mark is shown."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.expected import as_seen
from streamsim.conformance.targets import Spec, opened
from tests.parsers_table.table import read_table

if TYPE_CHECKING:
    from streamsim.conformance.finding import Finding

NAME = "eventsource-parser"
BOM = "\ufeff".encode()
MODULES = Path(os.environ.get("STREAMSIM_NODE_MODULES") or ".cache/node/node_modules").resolve()
MAIN = Path(__file__).parent / "node" / "main.mjs"
MARKS = {
    ("bom", "bom-twice", "edge"): "What decodes the bytes takes one byte order mark away, and the parser another.",
}

needs_it = pytest.mark.skipif(
    shutil.which("node") is None or not (MODULES / NAME).is_dir(), reason="needs Node and eventsource-parser"
)


def _findings() -> tuple[Finding, ...]:
    table = read_table()
    assert table is not None
    row = table.row(NAME, "Node")
    assert row is not None
    return row.findings


def test_its_marks_are_known() -> None:
    """A new mark is looked at before it is believed."""
    assert {(each.rule, each.features[-1], each.label) for each in _findings()} == MARKS.keys()


@needs_it
def test_each_example_is_true() -> None:
    """The package does with the example what the scoreboard says, and with one byte order mark what is right."""
    fields = frozenset({"event", "id"})
    with opened(Spec("command", f"node {MAIN} {MODULES} {NAME}")) as target:
        for finding in _findings():
            assert as_seen(target.read(finding.chunks), fields) == finding.got != finding.expected
        (event,) = target.read([BOM + b"data: a\n\n"]).events
        assert event.data == "a"
