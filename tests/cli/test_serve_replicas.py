"""Two servers behind a real balancer answer as one, though each knows nothing of the other."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, read_fault, repaced
from streamsim.shells.files import load
from tests.builders import HELLO, as_file, chat, exchange, recording
from tests.cli.test_serve import serve
from tests.shells.raw import Answer, Client, request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

CHUNKED = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
RESUMABLE = [b"id: %d\ndata: event %d\n\n" % (number, number) for number in range(6)]
FAULTS = ("http_error:status=429,attempt=1", "close_mid_chunked:attempt=2")
BODY = b'{"messages":[{"role":"user","content":"hi"}],"stream":true}'

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream replicas {{ server 127.0.0.1:{first}; server 127.0.0.1:{second}; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://replicas; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_next_upstream off; proxy_read_timeout 1h;
      add_header x-replica $upstream_addr always;
    }}
  }}
}}
"""
HAPROXY = """
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend all
  bind fd@{fd}
  default_backend replicas
backend replicas
  balance roundrobin
  http-response set-header x-replica %s
  server first 127.0.0.1:{first}
  server second 127.0.0.1:{second}
"""


class Balancer(NamedTuple):
    """How to run one: its command, its configuration, and the variable that tells it of a socket it inherits."""

    command: tuple[str, ...]
    config: str
    inherits: str


BALANCERS = {
    "nginx": Balancer(("nginx", "-p", "{folder}", "-c", "{config}", "-e", "{folder}/errors"), NGINX, "NGINX"),
    "haproxy": Balancer(("haproxy", "-db", "-q", "-f", "{config}"), HAPROXY, ""),
}


class Fleet(NamedTuple):
    """Replicas behind a balancer.

    Attributes:
        port: The balancer's.
        recording: What all serve.
        logs: One a replica.

    """

    port: int
    recording: Path
    logs: tuple[Path, ...]


def program(name: str) -> str:
    """Return where a balancer is; without it the test is skipped."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed here: install it with the system's packages")
    return found


@contextmanager
def balancing(name: str, folder: Path, first: int, second: int) -> Generator[int]:
    """Run a balancer; it inherits a socket that listens already, so nobody waits for it and no port is guessed."""
    balancer = BALANCERS[name]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, fd = listening.getsockname()[1], listening.fileno()
        config = folder / "balancer.conf"
        config.write_text(balancer.config.format(folder=folder, first=first, second=second, port=port, fd=fd))
        words = [word.format(folder=folder, config=config) for word in balancer.command[1:]]
        env = {balancer.inherits: f"{fd};"} if balancer.inherits else {}
        with subprocess.Popen([program(name), *words], pass_fds=[fd], env=env, stderr=subprocess.PIPE) as process:
            try:
                yield port
            finally:
                process.terminate()  # not kill: it has a child to end
                process.communicate(timeout=20)


@pytest.fixture(scope="module", params=BALANCERS)
def fleet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    """Two replicas, each with its own copy of the recording in its own folder and with its own order of hashes."""
    program(request.param)
    folder = tmp_path_factory.mktemp("fleet")
    known = recording(
        exchange(headers=CHUNKED, chunks=chat(*"abcdef"), body=BODY),
        exchange(headers=CHUNKED, chunks=RESUMABLE, method="GET", target="/resumable", body=b""),
        exchange(headers=CHUNKED, chunks=[b"data: too many\n\n"], status=429, target="/again", body=b"{}"),
        exchange(headers=CHUNKED, target="/again", body=b"{}"),
        exchange(headers=CHUNKED, chunks=[b"data: later\n\n"], target="/again", body=b"{}"),
    )
    logs: list[Path] = []
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        ports: list[int] = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            copy, log = folder / name / "session.jsonl", folder / name / "log"
            copy.write_bytes(as_file(known))
            patch.setenv("PYTHONHASHSEED", str(len(ports) + 1))
            options = ["--itl", "normal(2ms,1ms)", *(word for fault in FAULTS for word in ("--fault", fault))]
            ports.append(stack.enter_context(serve(copy, "--seed", "7", "--log", log, *options)).port)
            logs.append(log)
        port = stack.enter_context(balancing(request.param, folder, *ports))
        yield Fleet(port, folder / "one" / "session.jsonl", tuple(logs))


def asked(target: str, *headers: str, body: bytes = BODY, method: str = "POST") -> bytes:
    return request(target, *headers, body=body, method=method)


def by_replica(fleet: Fleet, data: bytes) -> list[Answer]:
    """Ask ``data``, on connections of their own, until two replicas have answered twice; return all answers."""
    given: dict[str, list[Answer]] = {}
    for _ in range(100):
        with Client(fleet.port) as client:
            client.send(data)
            answer = client.answer()
        given.setdefault(answer.fields["x-replica"], []).append(answer)
        if len(given) == 2 and min(map(len, given.values())) > 1:
            return sum(given.values(), [])  # noqa: RUF017 - two short lists
    raise AssertionError(f"only these replicas answered: {sorted(given)}")


CASES = {
    "first": asked("/v1/chat/completions", "x-streamsim-attempt: 1"),
    "second": asked("/v1/chat/completions", "x-streamsim-attempt: 2"),
    "third": asked("/v1/chat/completions", "x-streamsim-attempt: 3"),
    "whole": asked("/v1/chat/completions", "x-streamsim-attempt: 3", body=BODY.replace(b"true", b"false")),
    "chosen": asked(
        "/v1/chat/completions",
        "x-streamsim-attempt: 3",
        "x-streamsim-seed: 9",
        "x-streamsim-itl: lognormal(1ms,0.5)",
        "x-streamsim-fault: split:at_event=2",
    ),
    "resumed": asked("/resumable", "x-streamsim-attempt: 3", "Last-Event-ID: 2", body=b"", method="GET"),
    "again": asked("/again", "x-streamsim-attempt: 3", body=b"{}"),
    "named": asked("/elsewhere", "x-streamsim-exchange: session:2", "x-streamsim-attempt: 3", body=b"{}"),
}


@pytest.mark.parametrize("case", CASES)
def test_replicas_answer_alike(fleet: Fleet, case: str) -> None:
    """Whichever replica answers, and whatever it answered before: status, plan, bytes and end are the same."""
    unnamed = re.sub(rb"x-streamsim-attempt: \d\r\n", b"", CASES[case])
    with Client(fleet.port) as client:
        client.ask(unnamed)  # whoever gets this has counted it, and the other has not
    answers = by_replica(fleet, CASES[case])
    kinds = {
        (answer.status, answer.fields["x-streamsim-plan"], answer.body, answer.cut != b"", answer.ended)
        for answer in answers
    }
    assert len(kinds) == 1
    ((status, _, body, _, ended),) = kinds
    assert status == (429 if case == "first" else 200)
    assert ended == ("open" if case != "second" else ended)
    checks: dict[str, Callable[[bytes], bool]] = {
        "again": lambda told: told == b"".join(HELLO),
        "first": lambda told: b"error" in told,
        "second": lambda told: b"[DONE]" not in told,
        "resumed": lambda told: told == b"".join(RESUMABLE[3:]),
        "whole": lambda told: json.loads(told)["choices"][0]["message"]["content"] == "abcdef",
        "named": lambda told: told == b"".join(RESUMABLE),
    }
    assert checks.get(case, _whole_chat)(body)


def _whole_chat(told: bytes) -> bool:
    return told.count(b'"content":') == 7 and b"[DONE]" in told


def test_replicas_keep_one_schedule(fleet: Fleet) -> None:
    """Both logs hold the same plan, which is the one that anybody computes; each wrote no step before its time."""
    by_replica(fleet, CASES["third"])
    profile = Profile(faults=tuple(read_fault(text, where="test") for text in FAULTS))
    planner = Planner(load(str(fleet.recording)), name="session")
    pacing = repaced(profile.pacing, {"itl": "normal(2ms,1ms)"}, where="test")
    plan = planner.plan(1, Profile(pacing=pacing, faults=profile.faults), seed=7, attempt=3)
    for log in fleet.logs:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        played = [line for line in lines if line["plan"] == plan.plan_id]
        assert len(played) > 1
        for line in played:
            for (first, _), (_, at_us) in zip([(0, 0), *line["writes"]], line["writes"], strict=False):
                assert at_us >= plan.timeline[first].at_ns // 1000


def test_streams_pass_chunk_by_chunk(fleet: Fleet) -> None:
    """What was sent arrives though the rest is an hour away: the balancer holds nothing back."""
    slow = asked("/v1/chat/completions", "x-streamsim-attempt: 3", "x-streamsim-ttft: 0", "x-streamsim-itl: 1h")
    with Client(fleet.port) as client:
        client.send(slow)
        assert client.until(b'"content":"a"')
        assert (b'"content":"b"' in client.buffer, client.ended) == (False, "open")
