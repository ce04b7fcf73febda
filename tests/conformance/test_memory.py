"""Memory must not grow with the stream, wherever the parser runs."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from streamsim.conformance import Policy, adapt
from streamsim.conformance.campaign import Batch, run_batch
from streamsim.conformance.memory import memory
from streamsim.conformance.targets import Spec, opened
from streamsim.sse import Parser
from tests.conformance.mutants import plain, streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamsim.conformance import Finding

PAYLOAD = Policy(payload='{"text":TEXT}')
EVENTS, COMMENTS = "many events in chunks of 1 KiB", "many comments in chunks of 1 KiB"
MUTANTS = f"{streams.__name__}:"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much another process holds")

PROGRAM = """
import json, sys
from tests.conformance.mutants.{module} import {name}
sys.stdin.readline()
print(json.dumps({{"name": "mine", "repeats": True}}), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    parser = {name}()
    for _ in range(case.get("times", 1)):
        for chunk in case["chunks"]:
            for event in parser.feed(bytes.fromhex(chunk)):
                pass
    print(json.dumps({{"case": case["case"]}}), flush=True)
"""
"""Reads cases, and does not say how much it holds."""

CLIENT = """
import sys, urllib.request
from tests.conformance.mutants.{module} import {name}
parser = {name}()
with urllib.request.urlopen(sys.argv[1]) as answer:
    while chunk := answer.read1():
        for event in parser.feed(chunk):
            pass
"""


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(each.rule, each.features[-1], each.shape) for each in findings]


def spec(tmp_path: Path, kind: str, text: str, name: str) -> Spec:
    path = tmp_path / "program.py"
    path.write_text(text.format(module="plain" if name == "Plain" else "streams", name=name))
    word = f"{shlex.quote(sys.executable)} {path}"
    return Spec("client", f"{word} {{url}}", 20.0) if kind == "client" else Spec("command", word, 20.0)


@pytest.mark.parametrize("policy", [Policy(), PAYLOAD])
def test_who_lets_go_passes(policy: Policy) -> None:
    """Our own parser holds nothing of what it gave out."""
    assert memory(adapt(Parser), policy) == []


def client_of(make: Callable[[], plain.Plain]) -> Callable[[str], Iterator[plain.Event]]:
    """Return a client that reads with such a parser."""

    def read(url: str) -> Iterator[plain.Event]:
        parser = make()
        with httpx.Client() as http, http.stream("GET", url) as answer:
            for chunk in answer.iter_bytes():
                yield from parser.feed(chunk)

    return read


@pytest.mark.parametrize(
    ("make", "shapes"), [(streams.KeepsEvents, [EVENTS]), (streams.KeepsComments, [COMMENTS]), (plain.Plain, [])]
)
def test_clients_are_looked_at_beside_the_server(make: Callable[[], plain.Plain], shapes: list[str]) -> None:
    """Who asks a URL and holds on to what came is found, though the server is in the same process."""
    with closing(adapt(client_of(make))) as target:
        assert [each.shape for each in memory(target, Policy())] == shapes


@pytest.mark.parametrize(
    ("make", "shape"),
    [(streams.KeepsEvents, EVENTS), (streams.KeepsBytes, EVENTS), (streams.KeepsComments, COMMENTS)],
)
def test_who_holds_on_is_found(make: Callable[[], plain.Plain], shape: str) -> None:
    """One finding, with the size at which it shows twice."""
    (found,) = memory(adapt(make), Policy())
    assert (found.rule, found.shape, found.size) == ("bounded-memory", shape, 1 << 20)
    assert found.what.startswith(f"{768 << 10} more bytes of {shape} take ")


def test_a_callable_in_another_process_tells_itself() -> None:
    """As `streamsim fuzz` and its jobs run it."""
    with opened(Spec("python", f"{MUTANTS}KeepsEvents")) as target:
        assert told(memory(target, Policy())) == [("bounded-memory", "kept", EVENTS)]
    with opened(Spec("python", "streamsim.sse:Parser")) as target:
        assert memory(target, Policy()) == []


@on_linux
@pytest.mark.parametrize(("kind", "text"), [("command", PROGRAM), ("client", CLIENT)])
@pytest.mark.parametrize(("name", "shapes"), [("Plain", []), ("KeepsEvents", [EVENTS])])
def test_other_programs_are_looked_at_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, text: str, name: str, shapes: list[str]
) -> None:
    """By what the system says that they hold, a few large events at a time."""
    monkeypatch.setenv("PYTHONPATH", ".")
    with opened(spec(tmp_path, kind, text, name)) as target:
        assert [each.shape for each in memory(target, Policy())] == shapes


def test_what_cannot_be_told_is_not_asked() -> None:
    """Who takes a whole stream, and programs that do not repeat."""
    assert memory(adapt(lambda data: Parser().feed(data), how="bytes"), Policy()) == []


def test_a_design_is_no_bug() -> None:
    """What the policy declares is marked; what is broken in smaller streams is not looked at."""
    policy = Policy(by_design=frozenset({"bounded-memory"}))
    (found,) = run_batch(adapt(streams.KeepsEvents), Batch(0, 0, 0, ("bounded-memory",)), policy)
    assert found.label == "by design"
    assert memory(adapt(streams.KeepsEvents), Policy(), lambda _: True) == []
