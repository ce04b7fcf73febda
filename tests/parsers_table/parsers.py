"""The parsers of the scoreboard.

Those of Python have adapters in tests/conformance/parsers, those of Node in the folder node beside this file.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final, Literal

import msgspec

from streamsim.conformance.policy import Policy
from streamsim.conformance.targets import HOST, MEMORY, PATIENCE_S, Spec
from tests.parsers_table.nodes import NODE

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "parsers"
MODULES: Final = CACHE / "node" / "node_modules"
ADAPTERS: Final = "tests.conformance.parsers"


class Parser(msgspec.Struct, frozen=True):
    """One parser.

    Attributes:
        package: What is installed.
        language: Python or Node; ``ours`` for streamsim's own.
        call: ``package.module:callable`` of its adapter; "" in Node.
        how: The form of that callable; "" to find out.
        policy: What it does by design.

    """

    package: str
    language: Literal["Python", "Node", "ours"]
    call: str = ""
    how: str = ""
    policy: Policy = Policy()

    @property
    def folder(self) -> Path:
        """Where it is installed, a Python package with all it needs and nothing else."""
        return CACHE / "python" / self.package if self.language == "Python" else MODULES / self.package

    @property
    def spec(self) -> Spec:
        """What `streamsim fuzz` is told."""
        if self.language == "Node":
            return Spec("command", f"node {Path(__file__).parent / 'node' / 'main.mjs'} {MODULES} {self.package}")
        host = f"{sys.executable} -m {HOST} {self.call} {MEMORY} {PATIENCE_S} {self.how}".strip()
        return Spec("command", f"env PYTHONPATH={self.folder} {host}" if self.language == "Python" else host)


def python_parsers() -> tuple[Parser, ...]:
    """Return those that the adapters name: one a module as ``PACKAGE`` and ``parse``, or several as ``PARSERS``."""
    folder = ROOT.joinpath(*ADAPTERS.split("."))
    found: list[Parser] = []
    for path in folder.glob("*.py"):
        name = f"{ADAPTERS}.{path.stem}"
        module = import_module(name)
        how, policy = getattr(module, "HOW", "chunks"), getattr(module, "POLICY", Policy())
        calls = getattr(module, "PARSERS", {}) or {getattr(module, "PACKAGE", ""): "parse"}
        found += [
            Parser(package, "Python", f"{name}:{call}", how, policy) for package, call in calls.items() if package
        ]
    return tuple(sorted(found, key=lambda each: each.package))


def all_parsers() -> tuple[Parser, ...]:
    """Return the rows of the scoreboard."""
    ours = Parser("streamsim", "ours", "streamsim.sse:Parser", "push")
    node = [Parser(package, "Node", policy=policy) for package, policy in NODE.items()]
    return (ours, *python_parsers(), *node)
