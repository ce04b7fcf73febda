"""``streamsim serve --workers``: processes that are one server to clients; and how both kinds of serving end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import HELLO
from tests.cli.test_serve import READY, failure, serve, session
from tests.shells.raw import Client, ask, request

if TYPE_CHECKING:
    from tests.cli.test_serve import Serve

__all__ = ["session"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among processes")
NOTE = (
    "streamsim: --workers: each worker counts for itself how often a request was tried; where that matters, clients "
    "say which try it is, with x-streamsim-attempt\n"
)
FAILING = ("--pacing", "instant", "--fault", "reset_peer:at_event=2,attempt=1-2")


def control(port: int, page: str, method: str = "GET") -> str:
    answer = ask(port, request(f"/__streamsim__/{page}", method=method))
    assert answer.status == 200
    return answer.body.decode()


def both(served: Serve, data: bytes) -> dict[int, list[tuple[str, int]]]:
    """Ask ``data`` on connections of their own until each worker has answered twice; return what each gave."""
    given: dict[int, list[tuple[str, int]]] = {}
    while sorted(map(len, given.values()))[-2:] < [2, 2] or len(given) < 2:
        with Client(served.port) as client:
            client.send(request("/__streamsim__/", method="GET"))
            worker = json.loads(client.answer().body)["worker"]
            answer = client.ask(data)
        given.setdefault(worker, []).append((answer.fields["x-streamsim-plan"], len(answer.chunks)))
    return given


@linux
def test_workers_are_one_server(session: Path, tmp_path: Path) -> None:
    """One ready line and one port; a try that the client names is the same from each worker; all end cleanly."""
    log = tmp_path / "log"
    with serve(session, "--workers", "2", "--log", log, *FAILING) as served:
        assert READY.fullmatch(served.ready)
        for number, chunks in (("1", 2), ("3", 3)):
            data = request("/v1/chat/completions", f"x-streamsim-attempt: {number}")
            given = both(served, data)
            assert set(given) == {1, 2}
            ((_, length),) = set(sum(given.values(), []))  # noqa: RUF017 - two short lists
            assert length == chunks
        assert served.end() == (0, "", NOTE)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["worker"] for line in lines} == {1, 2}
    assert {line["recording"] for line in lines} == {"session"}


@linux
def test_workers_forget_together_and_are_counted_together(session: Path) -> None:
    """A reset is one of all workers, and what Prometheus reads is their sum, whichever worker is asked."""
    pytest.importorskip("prometheus_client", reason="needs the extra 'metrics'")
    with serve(session, "--workers", "2", *FAILING) as served:
        given = both(served, request())
        control(served.port, "reset", "POST")
        again = both(served, request())
        for worker in given:
            assert given[worker][:2] == again[worker][:2]
        total = sum(map(len, [*given.values(), *again.values()]))
        told = control(served.port, "metrics")
        counts = re.findall(r"^streamsim_requests_total\{.*\} (.+)$", told, re.MULTILINE)
        assert sum(map(float, counts)) == total
        assert "\nstreamsim_workers 2.0\n" in told
        served.end()


@linux
def test_a_worker_that_dies_is_replaced(session: Path) -> None:
    """Serving goes on, what was counted is kept, and people are told."""
    with serve(session, "--workers", "2", "--pacing", "instant") as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        victim = int(children.read_text().split()[0])
        os.kill(victim, signal.SIGKILL)
        assert served.process.stderr is not None
        told = [served.process.stderr.readline() for _ in range(2)]
        assert told == [NOTE, f"streamsim: worker 1 (process {victim}) was ended by SIGKILL; another takes its place\n"]
        assert set(both(served, request())) == {1, 2}
        assert served.end()[0] == 0


@linux
def test_one_port_is_for_one_server(session: Path) -> None:
    """A second server with workers does not mix with the first: it is told that the port is taken."""
    with serve(session, "--workers", "2") as served:
        told = failure(session, "--port", served.port, "--workers", "2")
        assert told.startswith(f"streamsim: 127.0.0.1:{served.port}: cannot listen there: ")


@linux
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--match", "order"), "--match order gives what comes next to whatever is asked"),
        (("--record-missing", "http://127.0.0.1:9", "-o", "x.jsonl"), "--record-missing asks once for what is not"),
    ],
)
def test_what_workers_cannot_do_is_refused(session: Path, options: tuple[str, ...], told: str) -> None:
    """What depends on all requests in their order needs one process that sees them all."""
    assert failure(session, "--workers", "2", *options).startswith(f"streamsim: --workers: {told}")


def test_workers_elsewhere(monkeypatch: pytest.MonkeyPatch, session: Path) -> None:
    """Where the system spreads no connections that is said before anything is tried."""
    from click.testing import CliRunner  # noqa: PLC0415 - only here

    from streamsim.cli.serve import command  # noqa: PLC0415 - the same

    monkeypatch.setattr(sys, "platform", "darwin")
    done = CliRunner().invoke(command, [str(session), "--workers", "2"])
    assert str(done.exception).startswith("--workers: only Linux spreads connections over processes that listen at one")


@pytest.mark.parametrize("more", [(), pytest.param(("--workers", "2"), marks=linux)], ids=["one", "workers"])
def test_grace(session: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    """``--grace`` lets a stream go on to its end after SIGTERM, and nobody new comes in."""
    log = tmp_path / "log"
    with serve(session, "--ttft", "0", "--itl", "200ms", "--grace", "1m", "--log", log, *more) as served:
        with Client(served.port) as client:
            client.send(request())
            assert client.until(HELLO[0])
            served.process.send_signal(signal.SIGTERM)
            assert client.until(HELLO[2])
            client.rest()
            assert client.ended == "eof"
        assert served.process.wait(10) == 0
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["outcome"] == "complete"


def test_a_second_signal_ends_the_grace(session: Path) -> None:
    """Who cannot wait signals again."""
    with (
        serve(session, "--ttft", "0", "--itl", "1h", "--grace", "1h") as served,
        Client(served.port) as client,
        Client(served.port) as idle,
    ):
        client.send(request())
        assert client.until(HELLO[0])
        assert idle.ask(request("/__streamsim__/live", method="GET")).status == 200
        served.process.send_signal(signal.SIGINT)
        idle.rest()
        assert (idle.ended, client.ended) == ("eof", "open")
        assert served.end() == (0, "", "")


def test_metrics_without_their_library(session: Path) -> None:
    """Without prometheus-client the page says what to install."""
    code = "import sys; sys.modules['prometheus_client'] = None; from streamsim.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", str(session), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = READY.fullmatch(process.stdout.readline())
        assert found is not None
        answer = ask(int(found[1]), request("/__streamsim__/metrics", method="GET"))
        process.terminate()
    assert (answer.status, b"pip install 'streamsim[metrics]'" in answer.body) == (501, True)
