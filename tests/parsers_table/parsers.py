"""The parsers of the scoreboard.

Those of Python have an adapter each in tests/conformance/parsers, those of Node in node.mjs beside this file.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final, Literal

import msgspec

from streamsim.conformance.policy import Policy
from streamsim.conformance.targets import HOST, MEMORY, PATIENCE_S, Spec

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "parsers"
MODULES: Final = CACHE / "node" / "node_modules"
ADAPTERS: Final = "tests.conformance.parsers"
APART: Final = frozenset({"sseclient"})
"""What has the same module as another one, and needs an environment of its own."""


class Parser(msgspec.Struct, frozen=True):
    """One parser.

    Attributes:
        package: What is installed.
        language: Python or Node; ``ours`` for streamsim's own.
        module: Of its adapter; "" in Node.
        policy: What it does by design.

    """

    package: str
    language: Literal["Python", "Node", "ours"]
    module: str = ""
    policy: Policy = Policy()

    @property
    def python(self) -> Path:
        """The Python that has it."""
        return CACHE / ("venv-apart" if self.package in APART else "venv") / "bin" / "python"

    @property
    def spec(self) -> Spec:
        """What `streamsim fuzz` is told."""
        if self.language == "Node":
            return Spec("command", f"node {Path(__file__).with_name('node.mjs')} {MODULES} {self.package}")
        python = self.python if self.language == "Python" else sys.executable
        name = f"{ADAPTERS}.{self.module}:parse" if self.module else "streamsim.sse:Parser"
        how = getattr(import_module(f"{ADAPTERS}.{self.module}"), "HOW", "chunks") if self.module else "push"
        return Spec("command", f"{python} -m {HOST} {name} {MEMORY} {PATIENCE_S} {how}".strip())


OWN_ID: Final = Policy(ids="own")
"""An event carries the id of its own block, and who wants the last one keeps it."""
AT_THE_END: Final = Policy(flush=True)
LIMITED: Final = Policy(by_design=frozenset({"no-crash"}))
"""It raises past a size that can be set."""

NODE: Final = (
    Parser("@anthropic-ai/sdk", "Node", policy=AT_THE_END),
    Parser("@microsoft/fetch-event-source", "Node", policy=OWN_ID),
    Parser("eventsource-parser", "Node", policy=OWN_ID),
    Parser("fetch-event-stream", "Node", policy=OWN_ID),
    Parser("openai", "Node", policy=AT_THE_END),
    Parser("parse-sse", "Node"),
    Parser("undici", "Node", policy=LIMITED),
)


def python_parsers() -> tuple[Parser, ...]:
    """Return one for each adapter."""
    folder = ROOT.joinpath(*ADAPTERS.split("."))
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    found = [(name, import_module(f"{ADAPTERS}.{name}")) for name in names]
    return tuple(Parser(module.PACKAGE, "Python", name, getattr(module, "POLICY", Policy())) for name, module in found)


def all_parsers() -> tuple[Parser, ...]:
    """Return the rows of the scoreboard."""
    return (Parser("streamsim", "ours"), *python_parsers(), *NODE)
