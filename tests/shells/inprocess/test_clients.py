"""The clients themselves: which library, with which options, and what they hold back from the outside."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any, Literal

import httpx
import httpx2
import pytest

from streamsim.clock.core import VirtualClock
from streamsim.errors import UsageError
from streamsim.shells.inprocess import clients
from streamsim.shells.inprocess.clients import client, transport
from tests.builders import HELLO
from tests.shells.inprocess.asking import ASK, MS, URL, engine

CHOICE = """
import sys
from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine
from streamsim.shells.inprocess.clients import client
for name in sys.argv[1:]:
    __import__(name)
print(type(client(Engine([]), VirtualClock(), asynchronous=False)).__module__)
"""


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_client_is_one_of_its_library(library: Any) -> None:
    """What is made is the library's own class, named or given as a module, with its own kind of transport."""
    for family in (library, library.__name__):
        sync = client(engine(), VirtualClock(), family=family, asynchronous=False)
        other = client(engine(), VirtualClock(), family=family, asynchronous=True)
        assert (type(sync), type(other)) == (library.Client, library.AsyncClient)
        sync.close()
        asyncio.run(other.aclose())
    carrier = transport(engine(), VirtualClock(), family=library, asynchronous=False)
    assert isinstance(carrier, library.BaseTransport)
    assert isinstance(
        transport(engine(), VirtualClock(), family=library, asynchronous=True), library.AsyncBaseTransport
    )


@pytest.mark.parametrize(
    ("loaded", "chosen"),
    [((), "httpx"), (("httpx",), "httpx"), (("httpx2",), "httpx2"), (("httpx", "httpx2"), "httpx2")],
)
def test_httpx2_is_chosen_where_it_is_loaded(loaded: tuple[str, ...], chosen: str) -> None:
    """Without a choice it is httpx, but httpx2 where that is loaded: by an SDK that needs it."""
    told = subprocess.run([sys.executable, "-c", CHOICE, *loaded], check=True, capture_output=True, text=True).stdout
    assert told == f"{chosen}\n"


@pytest.mark.parametrize(
    ("family", "message"),
    [
        (json, "family: 'json' is no HTTP client that can be answered in memory; use httpx or httpx2"),
        ("requests", "family: 'requests' is no HTTP client that can be answered in memory; use httpx or httpx2"),
    ],
)
def test_other_libraries_are_refused(family: Any, message: str) -> None:
    """What is neither httpx nor httpx2 is refused by name."""
    with pytest.raises(UsageError) as caught:
        client(engine(), VirtualClock(), family=family, asynchronous=False)
    assert str(caught.value) == message


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that is not installed is told with how to get it."""
    monkeypatch.setattr(clients, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        client(engine(), VirtualClock(), family="httpx2", asynchronous=False)
    assert str(caught.value) == "family: httpx2 is not installed; install it: pip install httpx2"


def test_options_are_the_library_s() -> None:
    """Whatever the library's client takes can be given."""
    options: dict[str, Any] = {"base_url": "https://api.example.test/v1", "headers": {"x-mine": "1"}, "timeout": 9}
    with client(engine(), VirtualClock(), family="httpx", asynchronous=False, **options) as asked:
        assert (asked.headers["x-mine"], asked.timeout.read) == ("1", 9)
        assert asked.post("/chat/completions", **ASK).content == b"".join(HELLO)


def test_environment_s_proxies_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment changes nothing."""
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:9")
    with client(engine(), VirtualClock(), family="httpx", asynchronous=False) as asked:
        assert asked.post(URL, **ASK).status_code == 200


def test_limits_are_the_library_s_unless_given() -> None:
    """The pool takes as many connections as the library's own, or as many as it is told."""
    for limits, places in ((None, 100), (httpx.Limits(max_connections=3), 3), (httpx.Limits(), None)):
        carrier = transport(engine(), VirtualClock(), family="httpx", asynchronous=False, limits=limits)
        assert carrier._places == places
        carrier.close()


def test_what_is_no_error_of_the_network_stays_what_it_is() -> None:
    """An error in the request's own body comes out as it is."""

    def body() -> Any:
        yield b"{"
        raise ZeroDivisionError

    with (
        client(engine(), VirtualClock(), family="httpx", asynchronous=False) as asked,
        pytest.raises(ZeroDivisionError),
    ):
        asked.post(URL, content=body())


@pytest.mark.parametrize("family", ["httpx", "httpx2"])
def test_answer_says_what_a_server_s_would(family: Literal["httpx", "httpx2"]) -> None:
    """Status, reason, version and headers are those of the recording."""
    clock = VirtualClock()
    with client(engine(), clock, family=family, asynchronous=False) as asked:
        answer = asked.post(URL, **ASK)
    assert (answer.status_code, answer.reason_phrase, answer.http_version) == (200, "OK", "HTTP/1.1")
    assert answer.headers["content-type"] == "text/event-stream"
    assert (answer.elapsed.total_seconds() >= 0, clock.now_ns()) == (True, 160 * MS)


def test_uvloop_is_refused_clearly() -> None:
    """On a loop that cannot be put on a virtual clock the first request says so."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")

    async def main() -> None:
        async with client(engine(), VirtualClock(), family="httpx", asynchronous=True) as asked:
            await asked.post(URL, **ASK)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(UsageError) as caught:
        runner.run(main())
    assert "uvloop" in str(caught.value)
