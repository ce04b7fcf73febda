"""What the scoreboard says of eventsource-parser, on which many others stand, is true: each mark is shown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.expected import as_seen
from streamsim.conformance.targets import Spec, opened
from tests.parsers_table.table import read_table

if TYPE_CHECKING:
    from streamsim.conformance.finding import Finding

NAME = "eventsource-parser"
MODULES = Path(os.environ.get("STREAMSIM_NODE_MODULES") or ".cache/node/node_modules").resolve()
MAIN = Path(__file__).parent / "node" / "main.mjs"
MARKS = {
    ("line-ends", "cr", "edge"): "An event that ends in CR CR waits for what follows, since that could be LF.",
    ("linear-time", "events after a CRLF", "bug"): "Once a chunk has a CR, each line looks for another up to its end.",
}
COUNT = """
const { createParser } = require(process.argv[1]);
const look = String.prototype.indexOf;
let looked = 0;
String.prototype.indexOf = function (what, from = 0) {
  const found = look.call(this, what, from);
  looked += (found < 0 ? this.length : found) - from;
  return found;
};
const counts = [1000, 4000].map((events) => {
  looked = 0;
  createParser({ onEvent() {} }).feed(": c\\r\\n" + "data: xyz\\n\\n".repeat(events));
  return looked;
});
console.log(JSON.stringify(counts));
"""
"""Tells how many characters are looked at for a thousand events in a chunk, and for four thousand."""

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
    """The package does with the example what the scoreboard says, and with the same lines ended by LF what is right."""
    fields = frozenset({"event", "id"})
    with opened(Spec("command", f"node {MAIN} {MODULES} {NAME}")) as target:
        for finding in filter(lambda each: each.chunks, _findings()):
            assert as_seen(target.read(finding.chunks), fields) == finding.got != finding.expected
            mended = tuple(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for chunk in finding.chunks)
            assert as_seen(target.read(mended), fields) == finding.expected


@needs_it
def test_its_time_after_a_crlf_is_quadratic() -> None:
    """Four times the events have it look at sixteen times the characters."""
    command = ["node", "-e", COUNT, str(MODULES / NAME)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    few, many = json.loads(done.stdout)
    assert many > 14 * few
