"""Real streams, served by the real server, say to the official SDKs for Node what inspect reports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.corpus import all_of, corpus_server
from tests.clients.node import modules_with
from tests.clients.sdks import parsed
from tests.clients.test_corpus_sdks import OURS, SERVERS

if TYPE_CHECKING:
    from tests.clients.corpus import Served

pytestmark = pytest.mark.corpus

SCRIPT = Path(__file__).with_name("corpus_sdks.cjs")
PATIENCE_S = 120.0
PACKAGES = {"openai": [name for name in OURS if name != "anthropic"], "@anthropic-ai/sdk": ["anthropic"]}


def asked(found: list[Served], modules: Path) -> list[dict[str, Any]]:
    """Return what Node says of each, one process for all."""
    orders = [json.dumps({"dialect": each.dialect, "base": each.base}) + "\n" for each in found]
    done = subprocess.run(
        ["node", str(SCRIPT)],  # noqa: S607 - whichever node the user has
        input="".join(orders).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "NODE_PATH": str(modules), "NO_PROXY": "*"},
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def wanted(each: Served) -> dict[str, Any]:
    """Return what inspect reports, as JSON has it."""
    heard = parsed(each.heard) if each.dialect == "anthropic" else each.heard
    told: dict[str, Any] = json.loads(json.dumps(heard._asdict()))
    return told


@pytest.mark.parametrize(("package", "dialects"), PACKAGES.items())
def test_node_hears_what_is_reported(corpus: Path, package: str, dialects: list[str]) -> None:
    """Text, thoughts, refusals, tool calls, usage and reasons of every choice, or the error, are those of the SDK.

    Of a message that is cut off Anthropic's helper says just that.
    """
    modules = modules_with(package)
    streams = [one for dialect in dialects for one in all_of(corpus)[dialect] if one.name != SERVERS]
    with corpus_server(streams) as served:
        told = asked(served, modules)
    assert len(told) == len(streams)
    for each, one in zip(served, told, strict=True):
        failure = each.content.failure
        if failure is not None:
            assert failure.message in one["error"], each.one.name
        elif each.dialect == "anthropic" and not each.content.terminal:
            assert "stream ended without" in one["error"], each.one.name
        else:
            assert one == {"heard": wanted(each)}, each.one.name
