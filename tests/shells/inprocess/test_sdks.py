"""The official SDKs over a network in memory: every event at its nanosecond, retries and time-outs in virtual time."""

from __future__ import annotations

import json
import random  # noqa: TID251 - to seed what the SDKs draw from
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.time_functions import patched
from streamsim.shells.inprocess.clients import client
from tests.builders import chat, exchange
from tests.shells.inprocess.asking import MS, RUNNERS, STREAM, Runner, S, engine, run

if TYPE_CHECKING:
    from streamsim.engine.core import Engine
    from streamsim.recording.model import Exchange, Response

KEY = "sk-example-0123456789abcdef"
WORDS = ("Hel", "lo", " ☃", "!")
TURN = [{"role": "user", "content": "Hi"}]

all_runners = pytest.mark.parametrize("runner", RUNNERS)
sync_and_async = pytest.mark.parametrize("runner", RUNNERS[:2])

Times = list[tuple[int, str]]


def event(kind: str, **told: object) -> bytes:
    """Return a frame of an Anthropic answer."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **told})}\n\n".encode()


def _claude() -> list[bytes]:
    usage = {"input_tokens": 3, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    return [
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        *(event("content_block_delta", index=0, delta={"type": "text_delta", "text": word}) for word in WORDS),
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 4}),
        event("message_stop"),
    ]


def _gemini() -> list[bytes]:
    told = [{"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": word}]}}]} for word in WORDS]
    return [f"data: {json.dumps(one)}\r\n\r\n".encode() for one in told]


def _mistral() -> list[bytes]:
    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return f"data: {json.dumps({'id': 'c', 'model': 'm', 'choices': choices})}\n\n".encode()

    return [
        *(chunk({"role": "assistant", "content": word}) for word in WORDS),
        chunk({"content": ""}, "stop"),
        b"data: [DONE]\n\n",
    ]


OPENAI = exchange(headers=STREAM, chunks=chat(*WORDS), body=b"")
CLAUDE = exchange(headers=STREAM, chunks=_claude(), body=b"", target="/v1/messages")
GEMINI = exchange(
    headers=STREAM, chunks=_gemini(), body=b"", target="/v1/models/gemini-x:streamGenerateContent?alt=sse"
)
MISTRAL = exchange(headers=STREAM, chunks=_mistral(), body=b"")


def heard(runner: Runner, served: Engine, clock: VirtualClock, listen: Listen) -> Times:
    """Return at which nanosecond which text came, in virtual time, sleeps of the SDK included."""
    times: Times = []
    random.seed(1)  # SDKs draw how long they wait before they try again
    with patched(clock):
        if runner == "sync":
            listen.sync(served, clock, times)
        else:
            run(lambda: listen.tasks(served, clock, times), runner)
    return times


class Listen:
    """How one SDK reads one stream.

    Attributes:
        retries: How often it tries again.

    """

    retries = 0

    def sync(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        raise NotImplementedError

    async def tasks(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        raise NotImplementedError


class OpenAI(Listen):
    def sync(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        openai = pytest.importorskip("openai")
        http = client(served, clock, family="httpx2", asynchronous=False)
        with openai.OpenAI(api_key=KEY, http_client=http, max_retries=self.retries) as sdk:
            for chunk in sdk.chat.completions.create(model="m", messages=TURN, stream=True):
                times.append((clock.now_ns(), chunk.choices[0].delta.content or ""))

    async def tasks(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        openai = pytest.importorskip("openai")
        http = client(served, clock, family="httpx2", asynchronous=True)
        async with openai.AsyncOpenAI(api_key=KEY, http_client=http, max_retries=self.retries) as sdk:
            async for chunk in await sdk.chat.completions.create(model="m", messages=TURN, stream=True):
                times.append((clock.now_ns(), chunk.choices[0].delta.content or ""))


class Anthropic(Listen):
    def sync(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        anthropic = pytest.importorskip("anthropic")
        http = client(served, clock, family="httpx2", asynchronous=False)
        with (
            anthropic.Anthropic(api_key=KEY, http_client=http, max_retries=self.retries) as sdk,
            sdk.messages.stream(model="m", max_tokens=9, messages=TURN) as stream,
        ):
            times.extend((clock.now_ns(), text) for text in stream.text_stream)

    async def tasks(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        anthropic = pytest.importorskip("anthropic")
        http = client(served, clock, family="httpx2", asynchronous=True)
        async with (
            anthropic.AsyncAnthropic(api_key=KEY, http_client=http, max_retries=self.retries) as sdk,
            sdk.messages.stream(model="m", max_tokens=9, messages=TURN) as stream,
        ):
            async for text in stream.text_stream:
                times.append((clock.now_ns(), text))


class Gemini(Listen):
    def sync(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        genai = pytest.importorskip("google.genai")
        with client(served, clock, family="httpx", asynchronous=False) as http:
            sdk = genai.Client(api_key=KEY, http_options=genai.types.HttpOptions(httpx_client=http))
            for chunk in sdk.models.generate_content_stream(model="gemini-x", contents="Hi"):
                times.append((clock.now_ns(), chunk.text))

    async def tasks(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        genai = pytest.importorskip("google.genai")
        async with client(served, clock, family="httpx", asynchronous=True) as http:
            sdk = genai.Client(api_key=KEY, http_options=genai.types.HttpOptions(httpx_async_client=http))
            async for chunk in await sdk.aio.models.generate_content_stream(model="gemini-x", contents="Hi"):
                times.append((clock.now_ns(), chunk.text))


class Mistral(Listen):
    def sync(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        mistral = pytest.importorskip("mistralai.client")
        with client(served, clock, family="httpx", asynchronous=False) as http:
            sdk = mistral.Mistral(api_key=KEY, client=http)
            with sdk.chat.stream(model="m", messages=TURN) as stream:
                times.extend((clock.now_ns(), one.data.choices[0].delta.content) for one in stream)

    async def tasks(self, served: Engine, clock: VirtualClock, times: Times) -> None:
        mistral = pytest.importorskip("mistralai.client")
        async with client(served, clock, family="httpx", asynchronous=True) as http:
            sdk = mistral.Mistral(api_key=KEY, async_client=http)
            async with await sdk.chat.stream_async(model="m", messages=TURN) as stream:
                async for one in stream:
                    times.append((clock.now_ns(), one.data.choices[0].delta.content))


def at(first_ms: int, *texts: str) -> Times:
    """Return ``texts`` 20 ms apart from ``first_ms`` on."""
    return [((first_ms + 20 * number) * MS, text) for number, text in enumerate(texts)]


SDKS: dict[str, tuple[Listen, Exchange, Times]] = {
    "openai": (OpenAI(), OPENAI, at(120, "", *WORDS, "")),
    "anthropic": (Anthropic(), CLAUDE, at(160, *WORDS)),
    "google-genai": (Gemini(), GEMINI, at(120, *WORDS)),
    "mistralai": (Mistral(), MISTRAL, at(120, *WORDS, "")),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the SDKs' generators, in trio
@all_runners
@pytest.mark.parametrize("name", SDKS)
def test_each_event_comes_at_its_nanosecond(name: str, runner: Runner) -> None:
    """What an SDK hands out it hands out at the very nanosecond of the recording, sync, in asyncio and in trio."""
    listen, served, times = SDKS[name]
    if runner == "trio" and name in ("google-genai", "mistralai"):
        pytest.skip(f"{name} is for asyncio only")
    assert heard(runner, engine(of=served), VirtualClock(), listen) == times


# A busy server, one that is not there, one that asks for patience, and then an answer whose head comes at once.
RETRIED = ("http_error:status=503,attempt=1", "ignore:attempt=2", "http_error:status=429,retry_after=7,attempt=3")
ONCE = {"openai": OPENAI, "anthropic": CLAUDE}


@sync_and_async
@pytest.mark.parametrize("name", ONCE)
def test_retries_come_when_the_sdk_says(name: str, runner: Runner) -> None:
    """Backoff, the limit of an attempt to connect and ``retry-after`` take virtual time: the same for all four."""
    served = engine(*RETRIED, of=replace(ONCE[name], response=replace(_head(ONCE[name]), dt_us=0)))
    listen = type(SDKS[name][0])()
    listen.retries = 3
    heard(runner, served, VirtualClock(), listen)
    started = [trace.started_ns for trace in served.journal]
    assert [trace.outcome for trace in served.journal] == ["complete", "ignore", "complete", "complete"]
    assert started == pytest.approx([0, 483_200_000, 6_271_300_000, 13_271_300_000], abs=100_000)
    assert started[3] - started[2] == 7 * S


def _head(one: Exchange) -> Response:
    assert one.response is not None
    return one.response


@sync_and_async
def test_sdk_s_own_patience_is_virtual(runner: Runner) -> None:
    """A stalled stream fails with the SDK's error after its ten minutes, in no time."""
    openai = pytest.importorskip("openai")
    clock = VirtualClock()
    with pytest.raises(openai.APITimeoutError):
        heard(runner, engine("stall", of=OPENAI), clock, OpenAI())
    assert clock.now_ns() == 160 * MS + 600 * S
