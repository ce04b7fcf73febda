from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.engine.core import Engine, Settings
from streamsim.engine.script import Script
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording
from tests.engine.asking import asked
from tests.engine.conversations import body

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.recording.model import Exchange

CHAT = "/v1/chat/completions"
NDJSON = (("content-type", "application/x-ndjson"),)
OLLAMA = exchange(
    target="/api/chat",
    body=body(model="llama3.2"),
    headers=NDJSON,
    chunks=[b'{"model":"llama3.2","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop"}\n'],
)


def engine(*exchanges: Exchange, **settings: Any) -> Engine:
    return Engine([Planner(recording(*exchanges), name="r")] if exchanges else [], Settings(**settings))


def answer(served: Engine, request: Request) -> tuple[int, Any]:
    script = served.answer(request)
    assert isinstance(script, Script)
    assert script.told == {} or script.wires[0].startswith(b"HTTP/1.1 200")
    told = b"".join(script.wires[1:])
    return int(script.wires[0].split(b" ")[1]), json.loads(told) if told[:1] in (b"{", b"[") else told


def get(target: str, **headers: str) -> Request:
    return asked("GET", target, b"", {name.replace("_", "-"): value for name, value in headers.items()})


def test_models_of_openai() -> None:
    """The list has the models that were asked, in recorded order, once each, beside the recorded path."""
    served = engine(
        *(exchange(target="/openai/v1/chat/completions", body=body(model=name)) for name in ("b", "org/a", "b"))
    )
    code, told = answer(served, get("/openai/v1/models"))
    model = {"object": "model", "created": 0, "owned_by": "streamsim"}
    assert (code, told) == (200, {"object": "list", "data": [{"id": "b", **model}, {"id": "org/a", **model}]})
    assert answer(served, get("/openai/v1/models/org%2Fa")) == (200, {"id": "org/a", **model})
    assert answer(served, get("/v1/models"))[0] == 404


def test_models_of_anthropic() -> None:
    """A client of Anthropic gets its form, though another provider's is recorded beside it."""
    served = engine(exchange(body=body(model="gpt")), exchange(target="/v1/messages", body=body(model="claude")))
    code, told = answer(served, get("/v1/models", anthropic_version="2023-06-01"))
    model = {"type": "model", "id": "claude", "display_name": "claude", "created_at": "1970-01-01T00:00:00Z"}
    assert (code, told) == (200, {"data": [model], "has_more": False, "first_id": "claude", "last_id": "claude"})
    assert answer(served, get("/v1/models"))[1]["object"] == "list"
    assert answer(served, get("/v1/models/claude", anthropic_version="2023-06-01")) == (200, model)


def test_models_of_gemini() -> None:
    """The model's name is in the path."""
    served = engine(exchange(target="/v1beta/models/gemini-x:streamGenerateContent?alt=sse"))
    code, told = answer(served, get("/v1beta/models"))
    assert (code, [model["name"] for model in told["models"]]) == (200, ["models/gemini-x"])
    assert answer(served, get("/v1beta/models/gemini-x"))[1]["displayName"] == "gemini-x"


def test_models_of_ollama() -> None:
    """The tags are the models; of a chat that is not Ollama's there are none."""
    code, told = answer(engine(OLLAMA), get("/api/tags"))
    assert (code, [model["name"] for model in told["models"]]) == (200, ["llama3.2"])
    assert answer(engine(OLLAMA), get("/api/tags/llama3.2"))[0] == 404
    assert answer(engine(exchange(target="/api/chat", body=body(model="m"))), get("/api/tags"))[0] == 404


def test_model_that_only_the_answer_names() -> None:
    """Where a request names no model, that which answered counts; one that nobody names is none."""
    chunk = b'data: {"object":"chat.completion.chunk","model":"told","choices":[]}\n\n'
    assert answer(engine(exchange(chunks=[chunk], body=b"text")), get("/v1/models"))[1]["data"][0]["id"] == "told"
    assert answer(engine(exchange()), get("/v1/models"))[0] == 404


def test_unknown_model() -> None:
    """It is a 404 in the provider's form that names the known ones."""
    code, told = answer(engine(exchange(body=body(model="a"))), get("/v1/models/b"))
    assert (code, told["error"]["message"]) == (404, "streamsim: there is no model 'b'; recorded are a")


def test_what_was_recorded_goes_before() -> None:
    """A recorded list is served as it was recorded, and in order mode nothing else is."""
    listed = exchange(method="GET", target="/v1/models", body=b"", chunks=[b"recorded"])
    assert answer(engine(exchange(body=body(model="a")), listed), get("/v1/models")) == (
        200,
        b"8\r\nrecorded\r\n0\r\n\r\n",
    )
    assert b"data:" in answer(engine(exchange(body=body(model="a")), mode="order"), get("/v1/models"))[1]
    assert engine(exchange(body=body(model="a")), forward=True).answer(get("/v1/models")) == "forward"


def test_health() -> None:
    """A server is well, with and without recordings, with and without a key."""
    assert answer(engine(), get("/health")) == (200, {"status": "ok"})
    assert answer(engine(exchange(), require_key="k"), asked("HEAD", "/health", b"")) == (200, b"")
    assert answer(engine(), asked("POST", "/health", b""))[0] == 404


KEYS = [
    {"Authorization": "Bearer {}"},
    {"Authorization": "bearer {}"},
    {"x-api-key": "{}"},
    {"api-key": "{}"},
    {"x-goog-api-key": "{}"},
]


@pytest.mark.parametrize("where", KEYS)
def test_a_key_is_found_where_providers_look_for_it(where: dict[str, str]) -> None:
    """The right key is taken from any header that carries keys; another one, or an empty one, is refused."""
    served = engine(exchange(), require_key="right")

    def code(key: str) -> int:
        return answer(served, asked(headers={name: value.format(key) for name, value in where.items()}))[0]

    assert [code(key) for key in ("right", "wrong", "")] == [200, 401, 401]


def test_any_key() -> None:
    """``any`` takes every key, also in the query and of other schemes, but not none."""
    served = engine(exchange(), require_key="any")
    codes = [
        answer(served, request)[0]
        for request in (
            asked(),
            asked(target=f"{CHAT}?key=k"),
            asked(target=f"{CHAT}?monkey=k"),
            asked(headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"}),
        )
    ]
    assert codes == [401, 200, 401, 200]
    assert answer(engine(exchange()), asked())[0] == 200


@pytest.mark.parametrize(
    ("target", "headers", "dialect"),
    [
        (CHAT, {}, "openai-chat"),
        ("/nowhere", {}, "openai-chat"),
        ("/v1/messages", {}, "anthropic"),
        ("/v1/models", {"anthropic-version": "1"}, "anthropic"),
        ("/v1/responses", {}, "openai-responses"),
        ("/v1beta/models/x:generateContent", {}, "gemini"),
        ("/v2/chat", {}, "cohere"),
        ("/api/generate", {}, "ollama"),
        ("/api/chat", {}, "ollama"),
    ],
)
def test_the_error_is_the_providers(target: str, headers: dict[str, str], dialect: str) -> None:
    """A 401 has the form of the dialect that is recorded at the path, or else of the one whose path it is."""
    from streamsim.dialects.told import Failure  # noqa: PLC0415 - only here

    writer = BY_NAME[dialect].writer
    assert writer is not None
    code, told = answer(engine(OLLAMA, require_key="k"), asked(target=target, headers=headers))
    wanted = writer.error(Failure("streamsim: there is no API key in this request"), 401)[1]
    assert (code, told) == (401, json.loads(wanted))


def test_a_key_is_asked_for_before_all_else() -> None:
    """No attempt is counted without it; control pages and preflights need none."""
    served = engine(exchange(end="reset"), require_key="k")
    assert answer(served, asked())[0] == 401
    script = served.answer(asked(headers={"x-api-key": "k"}))
    assert isinstance(script, Script)
    assert script.told["attempt"] == 1
    assert answer(served, get("/__streamsim__/"))[0] == 200
    preflight = served.answer(asked("OPTIONS", headers={"Origin": "x", "Access-Control-Request-Method": "POST"}))
    assert isinstance(preflight, Script)
    assert preflight.wires[0].startswith(b"HTTP/1.1 204")
