"""``streamsim serve --say``: what is written for it, and what is refused in one line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli
from streamsim.errors import StreamsimError
from tests.builders import as_file, exchange, recording
from tests.cli.test_serve import serve
from tests.shells.raw import ask, request

if TYPE_CHECKING:
    from pathlib import Path

CHAT = b'{"model":"m","messages":[{"role":"user"}]}'
SCRIPT = """
dialect = "anthropic"
ttft = "1ms"
[[answer]]
say = [{tool = "look_up"}]
[[answer]]
say = "It is 4."
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "weather.toml"
    path.write_text(SCRIPT)
    return path


def body(port: int, target: str, asked: bytes = CHAT) -> bytes:
    return ask(port, request(target, body=asked)).body


def test_texts_are_the_turns_of_a_conversation() -> None:
    """Alone, or beside recordings; a text that begins with an at sign has two."""
    later = b'{"model":"m","messages":[{"role":"user"},{"role":"assistant"},{"role":"user"}]}'
    with serve("--say", "Hello!", "--say", "@@home", "--speed", "100") as served:
        first, second = (
            json.loads(body(served.port, "/chat/completions", asked))["choices"][0]["message"]["content"]
            for asked in (CHAT, later)
        )
        assert (first, second, served.end()[0]) == ("Hello!", "@home", 0)


def test_a_script_brings_its_dialect_and_may_get_another(script: Path) -> None:
    """Named as a recording it is served as it says; with --say it can be written in any."""
    with serve(script, "--say", f"@{script}", "--dialect", "ollama", "--speed", "100") as served:
        assert b'"type":"tool_use"' in body(served.port, "/v1/messages")
        assert b'"tool_calls"' in body(served.port, "/api/chat", b'{"model":"m","messages":[],"stream":false}')
        assert served.end()[0] == 0


def test_a_recording_beside_it_is_served_too(tmp_path: Path) -> None:
    """Each answers what it knows."""
    path = tmp_path / "session.jsonl"
    path.write_bytes(as_file(recording(exchange(target="/other"))))
    with serve(path, "--say", "Hello!", "--dialect", "anthropic", "--pacing", "instant") as served:
        assert b"data: three" in body(served.port, "/other")
        assert b"Hello!" in body(served.port, "/v1/messages")
        assert served.end()[0] == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--dialect", "ollama", "llama-chat"), "--dialect: there is nothing to write in it; give --say TEXT too"),
        (
            ("--say", "Hi", "--dialect", "antropic"),
            "--dialect: there is no dialect 'antropic'; did you mean anthropic?",
        ),
        (("--say", "@no.toml"), "no.toml: there is no such file, nor a shipped script of that name; "),
        ((), "serve: nothing to serve; name a recording, or what to say with --say TEXT, or what to ask with"),
    ],
)
def test_what_cannot_be_said_is_refused(args: tuple[str, ...], message: str) -> None:
    """In one line, before serving."""
    result = CliRunner().invoke(cli, ["serve", *args])
    assert isinstance(result.exception, StreamsimError)
    assert str(result.exception).startswith(message)


def test_a_script_is_planned_played_and_inspected_like_a_recording(script: Path) -> None:
    """Wherever a recording is named, a script may be."""
    planned = CliRunner().invoke(cli, ["plan", str(script), "--exchange", "2"])
    assert (planned.exit_code, "(anthropic, events:" in planned.output) == (0, True)
    played = CliRunner().invoke(cli, ["play", str(script), "--exchange", "2", "--pacing", "instant"])
    assert (played.exit_code, "It is 4." in played.output) == (0, True)
    inspected = CliRunner().invoke(cli, ["inspect", str(script)])
    assert (inspected.exit_code, len(re.findall(r"200 +anthropic", inspected.output))) == (0, 2)


def test_the_whole_answer_can_be_planned(script: Path) -> None:
    """As a client gets it who asks for no stream."""
    result = CliRunner().invoke(cli, ["plan", str(script), "--exchange", "2", "--whole", "--json"])
    (plan,) = json.loads(result.output)["plans"]
    assert [step["do"] for step in plan["timeline"]] == ["head", "send", "end"]
