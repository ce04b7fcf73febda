"""mitmproxy, a reverse proxy in streaming mode that keeps what passes: see ``benchmarks/programs/keep_streams.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.bench import ROOT
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.processes import Server

NAME = "mitmproxy, streaming"
_ADDON = ROOT / "benchmarks" / "programs" / "keep_streams.py"


def command(bench: Bench, upstream: Server) -> Command:
    """Return how to start it in front of ``upstream``."""
    found, port = installing.python("mitmproxy"), free_port()
    bench.versions["mitmproxy"] = found.version
    mode = ("--mode", f"reverse:http://127.0.0.1:{upstream.port}", "--listen-host", "127.0.0.1")
    options = ("--quiet", "--set", f"confdir={bench.folder / 'mitmproxy'}")
    words = (found.path / "mitmdump", *mode, "--listen-port", str(port), *options, "--scripts", _ADDON)
    return Command(words=words, port=port)
