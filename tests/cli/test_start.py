"""What a start loads: every module is time for which a test waits."""

from __future__ import annotations

import json
import subprocess
import sys

SERVE = """
import sys
from streamsim.cli import COMMANDS, cli
cli.get_command(None, "serve")
import streamsim.shells.server
import json
print(json.dumps(sorted(sys.modules)))
"""
# What only some runs need, and what takes long.
LATER = {
    "curses", "difflib", "email", "http", "prometheus_client", "pytest", "rich", "shutil", "tomllib", "unittest",
    "urllib.request", "yaml", "streamsim.clock.drivers.asyncio_loop", "streamsim.conformance", "streamsim.analysis",
    "streamsim.recording.exporters", "streamsim.recording.importers", "streamsim.recording.redact",
    "streamsim.shells.inprocess", "streamsim.shells.missing", "streamsim.shells.recorder", "streamsim.shells.workers",
    "streamsim.strategies", "streamsim.testing", "streamsim.traffic.simulation",
}  # fmt: skip


def test_serve_loads_only_what_it_needs() -> None:
    """Before the first request there is no dialect, no other command, and nothing that only errors need."""
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", SERVE])))
    assert loaded & LATER == set()
    assert [name for name in loaded if name.startswith("streamsim.dialects.known.") and "._" not in name] == []
    commands = {"faults", "fit", "fuzz", "import_", "inspect", "lint", "plan", "play", "record", "simulate"}
    assert loaded & {f"streamsim.cli.{name}" for name in commands} == set()
