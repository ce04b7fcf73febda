"""What only a connection shows is seen over one."""

from __future__ import annotations

import http.client
import shlex
import sys
import urllib.parse
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance import Policy, adapt, find
from streamsim.conformance.serving import content_types, promptness
from streamsim.conformance.targets import Spec, opened
from tests.conformance.mutants.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from tests.conformance.mutants.plain import Event

TEXT = Policy(payload='{"text":TEXT}')
CLIENT = """
import json, sys
from tests.conformance.test_serving import {name}
for event in {name}(sys.argv[1]):
    print(json.dumps({{"data": event.data}}))
"""


@contextmanager
def answered(url: str) -> Generator[http.client.HTTPResponse]:
    address = urllib.parse.urlsplit(url)
    with closing(http.client.HTTPConnection(address.netloc)) as connection:
        connection.request("GET", address.path)
        yield connection.getresponse()


def as_it_comes(url: str) -> Iterator[Event]:
    parser = Plain()
    with answered(url) as response:
        while chunk := response.read1():
            yield from parser.feed(chunk)


def at_the_end(url: str) -> Iterator[Event]:
    with answered(url) as response:
        yield from Plain().feed(response.read())


def guesses(url: str) -> Iterator[Event]:
    """Which encoding it is, from all there is, unless it is told."""
    with answered(url) as response:
        parser = Plain()
        told = "charset" in (response.getheader("content-type") or "")
        while chunk := response.read1() if told else response.read():
            yield from parser.feed(chunk)


def exact(url: str) -> Iterator[Event]:
    with answered(url) as response:
        if response.getheader("content-type") != "text/event-stream":
            raise TypeError("no stream of events")
        yield from Plain().feed(response.read())


def believes(url: str) -> Iterator[Event]:
    """What it is told of the encoding."""
    with answered(url) as response:
        charset = response.headers.get_content_charset() or "utf-8"
        yield from Plain().feed(response.read().decode(charset).encode())


@pytest.mark.parametrize(
    ("client", "told"),
    [
        (as_it_comes, []),
        (at_the_end, ["event 0 was complete, and came only when more came, or at the end"]),
        (
            guesses,
            ["event 0 was complete, and came only when more came, or at the end, for its content type has no charset"],
        ),
    ],
)
def test_events_come_while_the_connection_is_open(client: Callable[[str], Iterator[Event]], told: list[str]) -> None:
    """Who reads to the end first is told, and who does so for want of a charset."""
    with closing(adapt(client)) as target:
        assert [each.what for each in promptness(target, Policy())] == told


@pytest.mark.parametrize(
    ("client", "told"),
    [
        (at_the_end, []),
        (exact, [("bug", "as text/event-stream; charset=utf-8: raised TypeError: no stream of events")]),
        (believes, [("edge", "as text/event-stream; charset=iso-8859-1: gave ['Ã©']")]),
    ],
)
def test_a_stream_may_have_other_names(client: Callable[[str], Iterator[Event]], told: list[tuple[str, str]]) -> None:
    """Parameters change nothing, and the encoding is always the same."""
    with closing(adapt(client)) as target:
        assert [(each.label, each.what) for each in content_types(target, Policy())] == told


@pytest.mark.parametrize(("name", "told"), [("as_it_comes", []), ("at_the_end", ["late"])])
def test_commands_are_watched_as_they_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: list[str]
) -> None:
    """What they print is noted with its time."""
    monkeypatch.setenv("PYTHONPATH", ".")
    path = tmp_path / "client.py"
    path.write_text(CLIENT.format(name=name))
    with opened(Spec("client", f"{shlex.quote(sys.executable)} {path} {{url}}", 20.0)) as target:
        assert [each.features[-1] for each in promptness(target, Policy())] == told
        assert content_types(target, Policy()) == []


def test_whoever_is_not_served_is_not_asked() -> None:
    """A parser that is fed has no connection."""
    assert promptness(adapt(Plain), Policy()) == []
    assert content_types(adapt(Plain), TEXT) == []


def test_they_are_a_part_of_the_campaign() -> None:
    """Each under its rule, and by design where the policy says so."""
    rules = ("promptness", "content-type")
    found = find(exact, examples=60, rules=rules, policy=Policy(by_design=frozenset({"promptness"})))
    assert [(each.rule, each.label) for each in found] == [("content-type", "bug"), ("promptness", "by design")]
