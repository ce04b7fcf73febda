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
MODULES = Path(os.environ.get("STREAMSIM_NODE_MODULES") or ".cache/node/node_modules").resolve()
MAIN = Path(__file__).parent / "node" / "main.mjs"
MARKS = {("line-ends", "cr", "edge")}
"""An event that ends in CR CR waits for the character after it, since that could be LF; at the end there is none."""


def _findings() -> tuple[Finding, ...]:
    table = read_table()
    assert table is not None
    row = table.row(NAME, "Node")
    assert row is not None
    return row.findings


def test_its_marks_are_known() -> None:
    """A new mark is looked at before it is believed."""
    assert {(each.rule, each.features[-1], each.label) for each in _findings()} == MARKS


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.skipif(not (MODULES / NAME).is_dir(), reason="needs eventsource-parser: run .ci/run, which installs it")
def test_each_mark_is_true() -> None:
    """The package does with the example what the scoreboard says, and with the same lines ended by LF what is right."""
    with opened(Spec("command", f"node {MAIN} {MODULES} {NAME}")) as target:
        for finding in _findings():
            fields = frozenset({"event", "id"})
            assert as_seen(target.read(finding.chunks), fields) == finding.got != finding.expected
            mended = tuple(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for chunk in finding.chunks)
            assert as_seen(target.read(mended), fields) == finding.expected
