"""Record the shipped sessions again: start the servers, ask what is asked below, and let streamsim write it down.

usage: record.py --llama PYTHON --web PYTHON [-o FOLDER] [NAME…]

``--llama`` names a Python with xllamacpp, gguf and numpy; ``--web`` one with sse-starlette, uvicorn, starlette and mcp;
this script itself runs on one with streamsim, httpx and openai. All traffic stays on 127.0.0.1. New recordings have new
times, ids and dates, so their digests differ: ``record.py --index`` fills the new ones into INDEX.md.
"""
# ruff: noqa: INP001

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import openai

from streamsim.recording import codec
from streamsim.shells.files import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
SERVERS = HERE / "servers"
STREAMSIM = (sys.executable, "-m", "streamsim")
# Sent as any client would send its key, to show that it does not end up in the file.
KEY = "sk-example-0123456789abcdef"
STORY = "Tell me a story about a lighthouse, please."


def said(text: str, **more: object) -> dict[str, Any]:
    """Return the body of a streaming chat request."""
    return {"model": "storyteller", "stream": True, "messages": [{"role": "user", "content": text}], **more}


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city, now",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
        },
    },
}
USAGE = {"include_usage": True}
# The first words of an answer are drawn; these seeds draw what is wanted (see servers/storyteller.py), others a story.
LUGGAGE, TOOL, WORLD = 9, 3, 13


class Studio:
    """Starts what is needed, when it is needed, and records."""

    def __init__(self, stack: ExitStack, llama: str, web: str, folder: Path) -> None:
        self.folder = folder
        self.work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._stack = stack
        self._programs = {"storyteller.py": llama, "departures.py": web, "tools.py": web}
        self._web = web
        self._started: dict[tuple[str, ...], str] = {}

    def server(self, program: str, *options: str) -> str:
        """Return the URL of a server, started at its first use."""
        key = (program, *options)
        if key not in self._started:
            port = _free_port()
            command = [self._programs[program], str(SERVERS / program), str(port), *options]
            with (self.work / f"{program}.log").open("ab") as log:
                process = subprocess.Popen(command, cwd=self.work, stdout=log, stderr=log)  # noqa: S603 - our own
            self._stack.callback(_stop, process)
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process)
            self._started[key] = url
        return self._started[key]

    def ask(self, name: str, url: str, body: object = None, *options: str) -> None:
        """Record one request; a second one of the same name is added to the first."""
        file = self.folder / f"{name}.jsonl"
        if body is not None:
            question = self.work / "question.json"
            question.write_text(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False), "utf-8")
            options = ("--json", f"@{question}", "-H", f"Authorization: Bearer {KEY}", *options)
        command = [*STREAMSIM, "record", url, "-o", str(file), "-H", "Accept: text/event-stream", *options]
        subprocess.run([*command, "--append"], check=True)  # noqa: S603 - our own

    @contextmanager
    def proxy(self, name: str, upstream: str) -> Iterator[str]:
        """Record what passes while the block runs; give the URL to use."""
        file = self.folder / f"{name}.jsonl"
        command = [*STREAMSIM, "record", "--proxy", upstream, "--port", "0", "-o", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
            assert process.stdout is not None  # noqa: S101 - piped
            yield process.stdout.readline().split()[-1]
            process.send_signal(signal.SIGINT)

    def mcp_client(self, url: str, mode: str) -> None:
        """Let the MCP client call a tool."""
        subprocess.run([self._web, str(SERVERS / "tools_client.py"), url, mode], check=True)  # noqa: S603 - our own


def llama_chat(studio: Studio) -> None:
    """A story by Chat Completions, with usage."""
    url = studio.server("storyteller.py") + "/v1/chat/completions"
    studio.ask("llama-chat", url, said(STORY, stream_options=USAGE))


def llama_tool_call(studio: Studio) -> None:
    """A question that must be answered by calling a tool."""
    url = studio.server("storyteller.py") + "/v1/chat/completions"
    body = said("Is it raining in Oslo?", seed=TOOL, stream_options=USAGE, tool_choice="required", tools=[WEATHER])
    studio.ask("llama-tool-call", url, body)


def llama_unicode(studio: Studio) -> None:
    """An answer in many scripts."""
    url = studio.server("storyteller.py") + "/v1/chat/completions"
    studio.ask("llama-unicode", url, said("Schreib mir etwas mit ☃, 日本 und é!", seed=WORLD))


def llama_completions(studio: Studio) -> None:
    """Advice by the older Completions."""
    url = studio.server("storyteller.py") + "/v1/completions"
    body = {"model": "storyteller", "stream": True, "seed": LUGGAGE, "prompt": "What to pack for Lisbon in November:\n"}
    studio.ask("llama-completions", url, body)


def llama_responses(studio: Studio) -> None:
    """A story by Responses."""
    url = studio.server("storyteller.py") + "/v1/responses"
    body = {"model": "storyteller", "stream": True, "input": "Is there a story about a keeper of a lamp?"}
    studio.ask("llama-responses", url, body)


def llama_messages(studio: Studio) -> None:
    """A story by Anthropic's Messages."""
    url = studio.server("storyteller.py") + "/v1/messages"
    body = said("Do you know a story about the sea?", max_tokens=200)
    studio.ask("llama-messages", url, body, "-H", f"x-api-key: {KEY}")


def llama_json(studio: Studio) -> None:
    """A story all at once."""
    url = studio.server("storyteller.py") + "/v1/chat/completions"
    studio.ask("llama-json", url, said("A story, and all of it at once!") | {"stream": False})


def llama_errors(studio: Studio) -> None:
    """A prompt too long, a body that is no JSON, a path that is none."""
    url = studio.server("storyteller.py")
    studio.ask("llama-errors", f"{url}/v1/chat/completions", said("Tell it again. " * 400))
    studio.ask("llama-errors", f"{url}/v1/chat/completions", '{"model": "storyteller", "messages": [')
    studio.ask("llama-errors", f"{url}/v1/chats", said("Is anybody there?"))


def llama_keep_alive(studio: Studio) -> None:
    """A question so long that comments fill the wait."""
    url = studio.server("storyteller.py", "1") + "/v1/chat/completions"
    long = "I read this on a wall in Porto, and could not sleep: keep the light. " * 9
    studio.ask("llama-keep-alive", url, said(long + "What does it mean?", max_tokens=8))


def llama_openai_sdk(studio: Studio) -> None:
    """The SDK, which leaves at ``[DONE]``."""
    with (
        studio.proxy("llama-openai-sdk", studio.server("storyteller.py")) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=KEY) as client,
    ):
        body = said("It rains in Porto in November. What do I bring?", seed=LUGGAGE)
        for _ in client.chat.completions.create(**body):
            pass


def llama_client_left(studio: Studio) -> None:
    """The SDK, closed after twelve chunks."""
    with (
        studio.proxy("llama-client-left", studio.server("storyteller.py")) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=KEY) as client,
        client.chat.completions.create(**said("Just one more story before bed?")) as stream,
    ):
        for _ in range(12):
            next(stream)


def starlette_events(studio: Studio) -> None:
    """Events with all their fields."""
    studio.ask("starlette-events", studio.server("departures.py") + "/departures")


def starlette_ping(studio: Studio) -> None:
    """Silence, with pings in it."""
    studio.ask("starlette-ping", studio.server("departures.py") + "/quiet")


def starlette_plain(studio: Studio) -> None:
    """An ordinary streaming response."""
    studio.ask("starlette-plain", studio.server("departures.py") + "/plain")


def starlette_broken(studio: Studio) -> None:
    """An application that fails in the middle of an event."""
    studio.ask("starlette-broken", studio.server("departures.py") + "/broken")


def mcp_tool_call(studio: Studio) -> None:
    """The MCP client, by the protocol without sessions."""
    with studio.proxy("mcp-tool-call", studio.server("tools.py")) as url:
        studio.mcp_client(f"{url}/mcp", "auto")


def mcp_session(studio: Studio) -> None:
    """The MCP client, by the protocol with sessions."""
    with studio.proxy("mcp-session", studio.server("tools.py")) as url:
        studio.mcp_client(f"{url}/mcp", "legacy")


SESSIONS: dict[str, Callable[[Studio], None]] = {
    session.__name__.replace("_", "-"): session
    for session in (
        llama_chat, llama_tool_call, llama_unicode, llama_completions, llama_responses, llama_messages, llama_json,
        llama_errors, llama_keep_alive, llama_openai_sdk, llama_client_left, starlette_events, starlette_ping,
        starlette_plain, starlette_broken, mcp_tool_call, mcp_session,
    )
}  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers anything but 503, as llama.cpp does while it loads its model."""
    while process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code != 503:
                return
        except httpx.TransportError:
            continue
    raise SystemExit(f"{process.args!r} has ended")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def index() -> None:
    """Fill the digests of all recordings into INDEX.md."""
    page = HERE / "INDEX.md"
    text = page.read_text("utf-8")
    for path in sorted(HERE.glob("*.jsonl")):
        row = re.compile(rf"^(\| `{re.escape(path.stem)}` \|.*\| `)[0-9a-f]*(` \|)$", re.MULTILINE)
        text = row.sub(rf"\g<1>{codec.digest(load(path))}\g<2>", text)
    page.write_text(text, "utf-8")


def main() -> None:
    """Record what is named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama", default=sys.executable)
    parser.add_argument("--web", default=sys.executable)
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    parser.add_argument("--index", action="store_true", help="only fill in the digests of INDEX.md")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    if options.index:
        index()
        return
    with ExitStack() as stack:
        studio = Studio(stack, options.llama, options.web, options.output)
        for name in options.names or SESSIONS:
            (options.output / f"{name}.jsonl").unlink(missing_ok=True)
            SESSIONS[name](studio)


if __name__ == "__main__":
    main()
