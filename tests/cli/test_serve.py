"""``streamsim serve`` as its users run it: a process with a ready line, signals and exit codes."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.builders import HELLO, as_file, exchange, recording
from tests.shells.raw import Client, ask, request
from tests.shells.serving import engine, serving

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CHUNKED = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
READY = re.compile(r"streamsim serve ready at http://127\.0\.0\.1:(\d+)\n")
CONTROL = b"GET /__streamsim__/ HTTP/1.1\r\nHost: a\r\n\r\n"
BYE = request(body=b'{"say":"bye"}')


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """A recording of one stream."""
    path = tmp_path / "session.jsonl"
    path.write_bytes(as_file(recording(exchange(headers=CHUNKED))))
    return path


class Serve:
    """A process that serves, its output in pipes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.ready = process.stdout.readline()
        found = READY.fullmatch(self.ready)
        self.port = int(found[1]) if found else 0

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Signal it; return exit code and what else it wrote."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@contextmanager
def serve(*args: object) -> Generator[Serve, None, None]:
    command = [sys.executable, "-m", "streamsim", "serve", "--port", "0", *map(str, args)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Serve(process)
        finally:
            process.kill()


def failure(*args: object) -> str:
    """Return the one line that a call with exit code 2 writes."""
    command = [sys.executable, "-m", "streamsim", "serve", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("streamsim: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ready_serve_end(session: Path, number: signal.Signals) -> None:
    """The first line on stdout says where it serves, though stdout is a pipe; a signal ends it with code 0."""
    with serve(session, "--pacing", "instant") as served:
        assert READY.fullmatch(served.ready)
        with Client(served.port) as client:
            assert client.ask(request()).chunks == list(HELLO)
            assert served.end(number) == (0, "", "")
            client.rest()
            assert client.ended in ("eof", "reset")


def test_signal_in_the_middle_of_a_stream(session: Path, tmp_path: Path) -> None:
    """A signal in the middle of a stream ends it too, and the stream's trace is in the log."""
    log = tmp_path / "log"
    with serve(session, "--ttft", "0ms", "--itl", "1h", "--log", log) as served, Client(served.port) as client:
        client.send(request())
        assert client.until(HELLO[0])
        assert served.end() == (0, "", "")
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["outcome"] == "server stopped"


def test_log(session: Path, tmp_path: Path) -> None:
    """``--log`` appends one line of JSON for every answer, with all that replays it."""
    log = tmp_path / "log"
    log.write_text("earlier\n")
    with serve(session, "--pacing", "instant", "--seed", "7", "--log", log) as served:
        plan = ask(served.port, request()).fields["x-streamsim-plan"]
        ask(served.port, request("/__streamsim__/", method="GET"))
        served.end()
    first, line = log.read_text().splitlines()
    told = json.loads(line)
    assert first == "earlier"
    assert {key: told[key] for key in ("recording", "exchange", "plan", "seed", "attempt", "outcome")} == {
        "recording": "session",
        "exchange": 1,
        "plan": plan,
        "seed": 7,
        "attempt": 1,
        "outcome": "complete",
    }
    assert told["writes"][-1][0] == 5


def test_log_that_cannot_be_written_any_more(session: Path) -> None:
    """When the log's disk is full that is said once, and serving goes on."""
    with serve(session, "--pacing", "instant", "--log", "/dev/full") as served:
        for _ in range(2):
            assert ask(served.port, request()).chunks == list(HELLO)
        code, _, err = served.end()
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("streamsim: --log: /dev/full cannot be written any more: ")


def test_no_headers(session: Path) -> None:
    """``--no-headers`` leaves the answer as it was recorded."""
    with serve(session, "--pacing", "instant", "--no-headers") as served:
        assert b"x-streamsim" not in ask(served.port, request()).head


def test_no_coalesce(session: Path, tmp_path: Path) -> None:
    """``--no-coalesce`` writes each chunk by itself though all are due at once, as the log tells."""
    log = tmp_path / "log.jsonl"
    with serve(session, "--pacing", "instant", "--no-coalesce", "--log", str(log)) as served:
        assert ask(served.port, request()).chunks == list(HELLO)
        served.end()
    (told,) = map(json.loads, log.read_bytes().splitlines())
    assert [steps for steps, _ in told["writes"]] == list(range(1, len(HELLO) + 3))  # head and end, too


def test_modes_and_overrides(session: Path) -> None:
    """``--match strict`` refuses what is not equal; a request may choose its exchange all the same."""
    with serve(session, "--match", "strict", "--pacing", "instant") as served:
        assert ask(served.port, BYE).status == 404
        chosen = request("/v1/chat/completions", "x-streamsim-exchange: session:1", body=b"{}")
        assert ask(served.port, chosen).status == 200
        wrong = ask(served.port, request("/v1/chat/completions", "x-streamsim-seed: x"))
        assert (wrong.status, b"x-streamsim-seed: 'x' is not a whole number" in wrong.body) == (400, True)


def test_less_than_whole_recordings(tmp_path: Path) -> None:
    """A recording whose recorder died is served as far as it goes, and that is said."""
    path = tmp_path / "cut.jsonl"
    path.write_bytes(as_file(recording(exchange(headers=CHUNKED, end=None))) + b'{"kind":"chu')
    with serve(path, "--pacing", "instant") as served:
        answer = ask(served.port, request())
        assert (answer.chunks, answer.ended) == (list(HELLO), "eof")
        _, _, err = served.end()
    assert "its last line is torn" in err
    assert "exchange 1 was cut short by the recorder's death" in err


def test_missing_is_recorded_and_served(tmp_path: Path) -> None:
    """What is not recorded is asked for once, by however many clients, recorded, and served, now and next time."""
    upstream = engine(recording(exchange(headers=CHUNKED, body=b'{"say":"bye"}')))
    output = tmp_path / "new.jsonl"
    with serving(upstream) as server:
        options = ("--record-missing", f"http://127.0.0.1:{server.port}", "-o", output)
        with serve(*options) as served:
            answers: list[list[bytes]] = []
            threads = [threading.Thread(target=lambda: answers.append(ask(served.port, BYE).chunks)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
            assert answers == [list(HELLO)] * 8
            assert ask(served.port, BYE).chunks == list(HELLO)
            assert ask(served.port, request(body=b'{"say":"else"}')).chunks == list(HELLO)
            assert served.end()[0] == 0
        assert len(server.traces) == 2
        with serve(*options) as served:
            assert ask(served.port, BYE).chunks == list(HELLO)
            served.end()
        assert len(server.traces) == 2
    assert output.read_bytes().count(b'"kind":"request"') == 2


def test_upstream_that_cannot_be_reached(tmp_path: Path) -> None:
    """An upstream that is not there is a 502 each time, and is not served as if it were an answer."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        options = ("--record-missing", f"http://127.0.0.1:{closed.getsockname()[1]}", "-o", tmp_path / "new.jsonl")
        with serve(*options) as served:
            answers = [ask(served.port, BYE) for _ in range(2)]
            served.end()
    assert [answer.status for answer in answers] == [502, 502]
    assert b"no connection" in answers[0].body


def test_port_in_use(session: Path) -> None:
    """A port that is taken is one line and exit code 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: cannot listen there" in failure(session, "--port", port)


def test_a_recording_of_all_kinds_of_answers_is_served_with_a_fault(tmp_path: Path) -> None:
    """A fault without a place strikes the streams; one that finds none, and a place that is missing, are errors."""
    path = tmp_path / "mixed.jsonl"
    error = exchange(status=400, headers=(("Content-Type", "application/json"),), chunks=[b"{}"], body=b"")
    path.write_bytes(as_file(recording(error, exchange(headers=CHUNKED))))
    with serve(path, "--fault", "clean_truncation") as served, Client(served.port) as client:
        assert client.ask(request("/v1/chat/completions")).body == b"".join(HELLO[:2])
    assert "reset_peer: there is no event 2 of 0" in failure(path, "--fault", "reset_peer:at_event=2")
    path.write_bytes(as_file(recording(error)))
    assert failure(path, "--fault", "clean_truncation") == (
        "streamsim: clean_truncation: nothing to strike in all that is served (mixed:1: the recording has no event"
        " before which to end); give at_byte or at_chunk\n"
    )


def test_usage(session: Path, tmp_path: Path) -> None:
    """Each wrong call is one line that says what is wrong and what to do."""
    assert "nothing to serve" in failure()
    assert "--record-missing and -o go together" in failure(session, "-o", tmp_path / "new.jsonl")
    assert "--record-missing and -o go together" in failure("--record-missing", "http://127.0.0.1:9")
    assert "is not a URL" in failure("--record-missing", "nonsense", "-o", tmp_path / "new.jsonl")
    assert "--log" in failure(session, "--log", tmp_path / "no" / "log")
    assert "no-such" in failure("no-such")
    assert "--itl" in failure(session, "--itl", "soon")
    assert "--port" in failure(session, "--port", "70000")
    assert "--match" in failure(session, "--match", "any")
    assert "the first content at 1s" in failure(session, "--ttfb", "2s", "--ttft", "1s")


def test_a_miss_is_told_once_and_logged(session: Path, tmp_path: Path) -> None:
    """What no exchange answers is one line on stderr, however often it is asked, and a line each time in the log."""
    log = tmp_path / "log.jsonl"
    with serve(session, "--log", log) as served:
        for _ in range(2):
            assert ask(served.port, request(target="/nowhere")).status == 404
        _, _, err = served.end()
    told = "no recorded exchange answers POST /nowhere; the nearest, session:1, differs in path"
    assert err.startswith(f'streamsim: {told} ("/v1/chat/completions" recorded, "/nowhere" asked)')
    assert err.count("\n") == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["outcome"], line["target"]) for line in lines] == [("no match", "/nowhere")] * 2
    assert lines[0]["nearest"][0]["differs"][0]["at"] == "path"


def test_what_does_not_count_is_named(session: Path) -> None:
    """With what differs ignored, a request matches strictly."""
    args = (session, "--match", "strict", "--pacing", "instant", "--ignore", "say", "--ignore", "stream")
    with serve(*args) as served, Client(served.port) as client:
        assert client.ask(BYE).status == 200


def test_what_cannot_be_ignored(session: Path) -> None:
    """A place that cannot be understood is an error before serving."""
    remedy = "write messages.*.name, query:NAME or text:REGEX"
    told = failure(session, "--ignore", "a..b")
    assert told == f"streamsim: --ignore a..b: '..b' is no step of a place; {remedy}\n"


def test_load_on_the_wire(session: Path, tmp_path: Path) -> None:
    """With one place and no queue a second client gets a 429 while the first one waits; the log says what load did."""
    log = tmp_path / "log.jsonl"
    running = {"running": 1, "waiting": 0, "refused": 0}
    options = ("--max-concurrency", "1", "--max-queue", "0", "--prefill-rate", "1", "--log", log)
    with serve(session, *options) as server:
        with Client(server.port) as first:
            first.send(request("/v1/chat/completions", "x-streamsim-prompt-tokens: 600"))
            while json.loads(ask(server.port, CONTROL).body)["load"] != running:
                pass
            assert ask(server.port, request()).status == 429
        server.end()
    refused, left = (json.loads(line) for line in log.read_text().splitlines())
    assert refused["load"] == {"state": "refused"}
    waited = {"waited_us": 0, "prefill_us": None, "delay_us": None}
    assert left["load"] == {"state": "gone", "prompt_tokens": 600, **waited}
