"""``streamsim record`` as it is typed: one request, or all that passes a proxy; every mistake is one clear line."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from streamsim import cli
from streamsim.cli import record
from streamsim.recording.model import Header
from streamsim.shells.files import load
from streamsim.shells.recorder import Proxy
from tests.builders import as_file, recording
from tests.shells.upstreams import (
    ASK,
    CHUNKED,
    GONE,
    LAST,
    Upstream,
    chunk,
    sized,
)

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from streamsim.recording.model import Exchange

FIRST = chunk(b"data: one\n\n")
STREAM = CHUNKED + FIRST + LAST


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def typed(capsys: pytest.CaptureFixture[str], *words: str | Path, command: str = "record") -> tuple[int, str, str]:
    """Return exit code, output and complaint of a command with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["streamsim", command, *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
    out, err = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, out, err


def only(path: Path) -> Exchange:
    (exchange,) = load(path).exchanges
    return exchange


def test_one_request_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into a file that tells what was asked, what came, and what was left out."""
    path = tmp_path / "a.jsonl"
    with Upstream([ASK, STREAM]) as upstream:
        url = f"{upstream.url}/v1?key=12345678"
        code, out, err = typed(capsys, url, "--json", '{"k":"12345678"}', "-H", "X-A: 1", "-o", path)
    assert (code, out) == (0, "")
    assert re.fullmatch(
        rf"streamsim: recorded 1 exchanges \(1 complete\), 1 events, 11 bytes, TTFT [\d.]+\w+ to {path}\n", err
    )
    assert b"\r\nAccept-Encoding: identity\r\n" in upstream.requests[0]
    assert upstream.requests[0].startswith(b"POST /v1?key=12345678 HTTP/1.1\r\n")
    exchange = only(path)
    assert (exchange.request.target, exchange.request.data) == ("/v1?key=[redacted]", b'{"k":"[redacted]"}')
    assert ("X-A", "1") in exchange.request.headers
    assert exchange.body == b"data: one\n\n"
    header = load(path).header
    assert isinstance(header, Header)
    assert (header.redacted, header.upstream) == (("key",), upstream.url)


def test_secrets_are_kept_if_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a private recording."""
    path = tmp_path / "a.jsonl"
    with Upstream([ASK, STREAM]) as upstream:
        typed(capsys, upstream.url.replace("://", "://me:pass@"), "-o", path, "--no-redact")
    assert ("Authorization", "Basic bWU6cGFzcw==") in only(path).request.headers


def test_a_host_header_goes_before_the_url(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As with curl: to reach one of several servers at an address."""
    with Upstream([ASK, STREAM]) as upstream:
        typed(capsys, upstream.url, "-H", "Host: api.test", "-o", tmp_path / "a.jsonl")
    assert upstream.requests[0].count(b"Host:") == 1
    assert b"\r\nHost: api.test\r\n" in upstream.requests[0]


def test_appending_and_forcing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second session goes on with the numbers; a forced one begins anew."""
    path = tmp_path / "a.jsonl"
    with Upstream([ASK, sized(b"ok")]) as upstream:
        for words in ((), ("--append",), ("--append",)):
            assert typed(capsys, upstream.url, "-o", path, *words)[0] == 0
        assert [(e.number, e.request.connection) for e in load(path).exchanges] == [(1, 1), (2, 2), (3, 3)]
        assert typed(capsys, upstream.url, "-o", path, "--force")[0] == 0
    assert only(path).number == 1


def test_silence_is_limited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exchange is recorded all the same, and says so."""
    path = tmp_path / "a.jsonl"
    with Upstream([ASK, CHUNKED + FIRST, GONE]) as upstream:
        code, _, err = typed(capsys, upstream.url, "-o", path, "--timeout", "50ms")
        upstream.played()
    assert code == 0
    assert "(1 timeout)" in err
    end = only(path).end
    assert end is not None
    assert end.cause == "timeout"


MISTAKES: list[tuple[list[str], str]] = [
    (["-o", "a"], "record: give a URL or --proxy UPSTREAM; one of the two, not both"),
    (
        ["http://h", "--proxy", "http://h", "-o", "a"],
        "record: give a URL or --proxy UPSTREAM; one of the two, not both",
    ),
    (["http://h", "-o", "a", "--append", "--force"], "record: --append and --force contradict each other; choose one"),
    (["h", "-o", "a"], "URL: 'h' is not a URL to record from; write it like https://api.example.com/v1"),
    (["--proxy", "h", "-o", "a"], "--proxy: 'h' is not a URL to record from; write it like https://api.example.com/v1"),
    (
        ["--proxy", "http://h/?key=1", "-o", "a"],
        "--proxy: a query cannot go before the paths of requests; end the URL with its path",
    ),
    (
        ["--proxy", "http://h", "-o", "a", "-d", ""],
        "record: -X, -d, --json and -H are for a URL; leave them out with --proxy",
    ),
    (
        ["--proxy", "http://h", "-o", "a", "-H", "A: b"],
        "record: -X, -d, --json and -H are for a URL; leave them out with --proxy",
    ),
    (["http://h", "-o", "a", "-d", "x", "--json", "y"], "--json: there is already a body from -d; give one of the two"),
    (["http://h", "-o", "a", "-d", "@none"], "-d: 'none' cannot be read: No such file or directory; check the file"),
    (["http://h", "-o", "a", "-H", "A"], "-H: 'A' is not a header; write it like 'Name: value'"),
    (["http://h", "-o", "a", "-X", "G T"], "-X: 'G T' is not a method; write it like POST"),
    (
        ["http://h", "-o", "a", "--timeout", "5"],
        "--timeout: '5' is not a duration; write a number and a unit: 250us, 30ms, 1.5s or 2m",
    ),
    (["http://h", "-o", "a", "--timeout", "0"], "--timeout: no upstream answers in no time; give it some, like 5m"),
    (["http://h", "-o", "old"], "old: the file exists; add to it with --append or replace it with --force"),
    (["http://h", "-o", "no/a"], "no/a: cannot be written: No such file or directory; choose another -o file"),
    (
        ["http://h", "-o", "old", "--append"],
        "old:1: not a streamsim recording (JSON is malformed: invalid character (byte 0)); "  # noqa: ISC004 - one text
        'the first line must read {"streamsim":1,…}',
    ),
    (
        ["--proxy", "http://h", "--host", "192.0.2.1", "--port", "0", "-o", "a"],
        "192.0.2.1:0: cannot listen there: it is no address of this machine; "  # noqa: ISC004 - one text
        "choose another --host or --port; --port 0 takes a free one",
    ),
]
CLICKS_OWN: list[tuple[list[str], str]] = [
    ([], "-o"),
    (["http://h", "-o"], "-o"),
    (["--proxy", "http://h", "-o", "a", "--port", "65536"], "--port"),
    (["--proxy", "http://h", "-o", "a", "--port", "http"], "--port"),
    (["http://h", "-o", "a", "--what"], "--what"),
    (["http://h", "x", "-o", "a"], "x"),
]


@pytest.mark.parametrize(("words", "complaint"), MISTAKES, ids=[" ".join(words) or "nothing" for words, _ in MISTAKES])
def test_a_mistake_is_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    complaint: str,
) -> None:
    """Exit code 2, nothing on standard output, and no file is left or changed."""
    monkeypatch.chdir(tmp_path)
    old = tmp_path / "old"
    old.write_text("my notes\n")
    assert typed(capsys, *words) == (2, "", f"streamsim: {complaint}\n")
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_text() == "my notes\n"


@pytest.mark.parametrize(("words", "named"), CLICKS_OWN, ids=[" ".join(words) or "nothing" for words, _ in CLICKS_OWN])
def test_a_mistake_that_click_finds_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    """In click's words, which change, and our form, which does not."""
    monkeypatch.chdir(tmp_path)
    code, out, err = typed(capsys, *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(
        rf"streamsim: (record|command line): [^\n]*{named}\b[^\n]*; see 'streamsim (record )?--help'\n", err
    ), err
    assert list(tmp_path.iterdir()) == []


def test_an_upstream_that_is_not_there_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was recorded, so there is no file; one that was appended to is as it was."""
    path = tmp_path / "a.jsonl"
    with Upstream([]) as upstream:
        upstream.close()
    told = (2, "", f"streamsim: {upstream.url}: no connection: Connection refused; is it up?\n")
    assert typed(capsys, upstream.url, "-o", path) == told
    assert not path.exists()
    path.write_bytes(as_file(recording()))
    assert typed(capsys, upstream.url, "-o", path, "--append") == told
    assert path.read_bytes() == as_file(recording())


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do."""
    with Upstream([ASK]) as upstream:
        code, out, err = typed(
            capsys, "--proxy", upstream.url, "--port", str(upstream.port), "-o", tmp_path / "a.jsonl"
        )
    assert (code, out) == (2, "")
    problem = "cannot listen there: Address already in use"
    remedy = "choose another --host or --port; --port 0 takes a free one"
    assert err == f"streamsim: 127.0.0.1:{upstream.port}: {problem}; {remedy}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_ends_the_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once and with one clear line; what was written before stays."""
    path = tmp_path / "a.jsonl"
    write = os.write

    def little(file: int, data: bytes) -> int:
        if b'"kind":"chunk"' in data:
            raise OSError(28, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", little)
    with Upstream([ASK, CHUNKED, FIRST, GONE]) as upstream:
        code, out, err = typed(capsys, upstream.url, "-o", path)
        upstream.played()
    problem = "cannot be written: No space left on device; what was written before stays valid"
    assert (code, out, err) == (2, "", f"streamsim: {path}: {problem}\n")
    assert only(path).end is None


def test_a_terminal_changes_nothing_but_the_counters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ready line stays alone on standard output; a signal ends the proxy here too."""

    class Stopped(Proxy):
        async def __aenter__(self) -> Self:
            await super().__aenter__()
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
            return self

    monkeypatch.setattr(record, "Proxy", Stopped)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, err = typed(capsys, "--proxy", "http://h", "--port", "0", "-o", tmp_path / "a.jsonl")
    assert code == 0
    assert re.fullmatch(r"streamsim record ready at http://127\.0\.0\.1:\d+\n", out)
    assert err.endswith("streamsim: nothing was recorded\n")
