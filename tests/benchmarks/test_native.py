from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.bench import AbsentError, Bench
from benchmarks.contest import entered, served
from benchmarks.inputs import REQUEST
from benchmarks.loadgen import Demand, Load, load
from benchmarks.native import program
from benchmarks.peers import naive, native, ours
from benchmarks.peers.answering import Answer, check
from benchmarks.processes import Server, family, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = Answer(events=20, gap_ms=1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    made = Bench(folder=tmp_path_factory.mktemp("bench"), rounds=1)
    try:
        program(made, "load")
    except AbsentError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="module")
def server(bench: Bench) -> Iterator[Server]:
    with served(bench, native, ANSWER) as started:
        yield started


def seen(bench: Bench, server: Server, **changes: object) -> Load:
    told: dict[str, object] = {"connections": 3, "events": 20, "gap_ms": 1, "seconds": 0.2, "warm_s": 0.02, **changes}
    return load(bench, server, Demand(**told))  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["/once", "/burst", "/paced", "/stamp"])
def test_the_server_in_c_gives_whole_streams(bench: Bench, server: Server, target: str) -> None:
    """Each way of sending gives all events, and the load generator counts them."""
    found = seen(bench, server, target=target)
    assert found.streams > 0
    assert found.lost == 0
    assert found.server_cpu_s > 0
    assert found.times is None


def test_the_load_generator_misses_no_event(bench: Bench, server: Server) -> None:
    """A stream of another length than asked for is counted as broken."""
    found = seen(bench, server, target="/once", events=21)
    assert found.broken == found.streams > 0


def test_the_server_in_c_is_never_early(bench: Bench, server: Server) -> None:
    """Paced events are late or on time, and each is timed."""
    found = seen(bench, server, mode="paced")
    assert found.times is not None
    assert found.times.count == found.events > 0
    assert 0 <= found.times.min_us <= found.times.p50_us <= found.times.p99_us <= found.times.max_us


def test_stamped_chunks_have_an_age(bench: Bench, server: Server) -> None:
    """Each chunk says when it was sent, which is before it is read."""
    found = seen(bench, server, target="/stamp", mode="stamped")
    assert found.times is not None
    assert found.times.count >= found.events > 0
    assert found.times.min_us >= 0


def test_a_server_that_fails_is_noticed(bench: Bench) -> None:
    """Connections that nobody takes count as failed."""
    found = seen(bench, Server(pid=1, port=1))
    assert found.failed > 0
    assert found.streams == 0


@pytest.mark.parametrize("peer", [native, naive, ours], ids=lambda peer: peer.NAME)
def test_peers_give_the_answer_that_they_are_told(bench: Bench, peer: object) -> None:
    """Each event of the answer comes, and nothing else: so all are measured doing the same."""
    with ExitStack() as stack:
        servers, skipped = entered(bench, stack, "case", ANSWER, (peer,))  # type: ignore[arg-type]
        assert skipped == []
        for server in servers.values():
            check(server, ANSWER)
            with pytest.raises(AbsentError, match="answered with 20 events, not with 19"):
                check(server, Answer(events=19, gap_ms=1))


def test_what_does_not_start_is_skipped_and_says_why(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be had costs its row, not the run."""
    monkeypatch.setattr(naive, "command", lambda bench, answer: ours.command(bench, answer, "--no-such-option"))
    with ExitStack() as stack:
        servers, skipped = entered(bench, stack, "case", ANSWER, (naive,))
    assert servers == {}
    assert [(row.peer, row.skipped) for row in skipped] == [(naive.NAME, "this streamsim has no --no-such-option")]


def test_a_server_ends_with_what_it_started() -> None:
    """A family is a process and all below it, and none of it is left."""
    waits = "import signal; signal.pause()"
    begets = f"import subprocess as s, sys; s.Popen([sys.executable, '-c', '{waits}']); print(1, flush=True); {waits}"
    with running([sys.executable, "-c", begets]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = family(process.pid)
    assert len(found) == 2
    until = time.monotonic() + 30
    while any(alive(pid) for pid in found):
        assert time.monotonic() < until


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_the_request_says_how_long_it_is() -> None:
    """The one request that all servers are asked with is well formed."""
    head, _, body = REQUEST.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
