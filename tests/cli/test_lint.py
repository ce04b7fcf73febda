"""``streamsim lint`` as it is typed: files, bodies and live servers; exit codes that a pipeline can go by."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim import cli
from streamsim.analysis.lint import lint, text
from tests.builders import as_file, chat, exchange, recording
from tests.shells.upstreams import ASK, CHUNKED, FIN, LAST, RST, Upstream, chunk, sized

if TYPE_CHECKING:
    from pathlib import Path

WHOLE, CUT = recording(exchange(chunks=chat("a"))), recording(exchange(chunks=chat("a")[:-1]))
STREAM = CHUNKED + b"".join(map(chunk, chat("a"))) + LAST


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a whole recording and one that is cut; ask without a proxy."""
    monkeypatch.chdir(tmp_path)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "whole.jsonl").write_bytes(as_file(WHOLE))
    (tmp_path / "cut.jsonl").write_bytes(as_file(CUT))


def typed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Return exit code, output and complaint of a command with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["streamsim", "lint", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
    out, err = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, out, err


def test_a_whole_recording_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and the report in words."""
    WHOLE.source = "whole.jsonl"
    assert typed(capsys, "whole.jsonl") == (0, text.plain(lint(WHOLE)) + "\n", "")


def test_a_truncated_recording_falls_short(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and what is missing; as JSON too."""
    code, out, err = typed(capsys, "cut.jsonl")
    assert (code, err) == (1, "")
    assert "\n  verdict  truncated: the stream ends without [DONE]\n" in out
    code, out, _ = typed(capsys, "cut.jsonl", "--json")
    CUT.source = "cut.jsonl"
    assert (code, json.loads(out)) == (1, json.loads(msgspec.json.encode(lint(CUT))))


def test_a_dialect_can_be_demanded(capsys: pytest.CaptureFixture[str]) -> None:
    """A stream of another one falls short; a dialect that is none is a mistake."""
    assert typed(capsys, "whole.jsonl", "--dialect", "openai-chat")[0] == 0
    assert typed(capsys, "whole.jsonl", "--dialect", "anthropic")[0] == 1
    code, _, err = typed(capsys, "whole.jsonl", "--dialect", "x")
    assert (code, err.partition(";")[0]) == (2, "streamsim: --dialect: no dialect is called 'x'")


def test_a_bare_body_is_linted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in a file that is named .sse; with a head before it, or of another tool, it is imported."""
    (tmp_path / "a.sse").write_bytes(b"\xef\xbb\xbfdate: a\n\ndata: b\n\n")
    code, out, _ = typed(capsys, "a.sse")
    assert code == 0
    assert re.findall(r"^  warning  (\w+)", out, re.MULTILINE) == ["byte_order_mark", "unknown_field"]
    (tmp_path / "b.sse").write_bytes(b"HTTP/1.1 500 Oh\r\ncontent-type: application/json\r\n\r\n{}")
    assert "verdict  failed: HTTP 500" in typed(capsys, "b.sse")[1]
    (tmp_path / "c.txt").write_bytes(b"data: a\n")
    assert typed(capsys, "c.txt")[0] == 1
    (tmp_path / "d.txt").write_bytes(b"what is it\n")
    code, _, err = typed(capsys, "d.txt")
    assert (code, err.partition(":")[0]) == (2, "streamsim")


def test_one_exchange_is_chosen_and_a_bad_line_salvaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As with the other commands."""
    (tmp_path / "bad.jsonl").write_bytes(as_file(WHOLE) + b"bad\n")
    assert typed(capsys, "bad.jsonl")[0] == 2
    assert typed(capsys, "bad.jsonl", "--salvage", "--exchange", "1")[0] == 0
    assert typed(capsys, "bad.jsonl", "--salvage", "--exchange", "2")[0] == 2


def test_a_live_server_is_linted(capsys: pytest.CaptureFixture[str]) -> None:
    """The request is sent as curl would; nothing is written, and secrets are not shown."""
    with Upstream([ASK, STREAM]) as upstream:
        words = ("--json-body", '{"stream":true}', "-H", "Accept-Encoding: br", "--dialect", "openai-chat")
        code, out, err = typed(capsys, f"{upstream.url}/v1/chat/completions?key=12345678", *words)
    assert (code, err) == (0, "")
    assert out.startswith(f"{upstream.url}: 1 exchange, ")
    assert "exchange 1: POST /v1/chat/completions?key=[redacted]\n  dialect  openai-chat, 4 events\n" in out
    asked = upstream.requests[0]
    assert asked.startswith(b"POST /v1/chat/completions?key=12345678 HTTP/1.1\r\n")
    assert b"\r\nAccept-Encoding: br\r\n" in asked
    assert asked.endswith(b'\r\n\r\n{"stream":true}')


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ([ASK, CHUNKED, b"".join(map(chunk, chat("a")[:2])), FIN], "truncated"),
        ([ASK, CHUNKED, b"".join(map(chunk, chat("a"))), FIN], "broken"),
        ([ASK, CHUNKED, b"what\r\n", RST], "broken"),
        ([ASK, sized(b"{}", "Content-Type: application/json")], "no stream"),
        ([ASK, sized(b"{}", "Content-Type: application/json", status="401 No")], "failed"),
    ],
)
def test_a_live_server_that_falls_short_is_told_how(
    script: list[object], verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 for all that is no whole stream."""
    with Upstream(script) as upstream:  # type: ignore[arg-type]
        code, out, _ = typed(capsys, f"{upstream.url}/")
    assert (code, f"\n  verdict  {verdict}" in out) == (1, True)


def test_a_server_that_falls_silent_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    """After the time-out that was given."""
    with Upstream([ASK, CHUNKED, chunk(chat("a")[0])]) as upstream:
        code, out, _ = typed(capsys, f"{upstream.url}/", "--timeout", "50ms")
    assert code == 1
    assert "the server fell silent" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["whole.jsonl", "-d", "x"],
            "lint: -X, -d, --json-body, -H and --timeout are for a URL; leave them out with a file",
        ),
        (["http://127.0.0.1:1/", "--timeout", "0"], "--timeout: no server answers in no time; give it some, like 5m"),
        (
            ["http://127.0.0.1:1/", "-d", "x", "--json-body", "x"],
            "--json-body: there is already a body from -d; give one of the two",
        ),
        (["http://127.0.0.1:1/"], "http://127.0.0.1:1: no connection: Connection refused; is it up?"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2: nothing was examined."""
    assert typed(capsys, *words) == (2, "", f"streamsim: {message}\n")
