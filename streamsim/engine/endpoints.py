"""What clients ask of a provider besides answers: its models, whether it is well, whether it takes their key.

Laws: what was recorded goes before all of this, but for the key. The models are those that the recordings name, in
their order; a list stands where the provider's own does, beside the paths that were recorded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qs, unquote

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.told import Failure
from streamsim.engine.answers import body_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamsim.dialects.protocol import Writer
    from streamsim.engine.match import Candidate
    from streamsim.engine.requests import Request
    from streamsim.engine.script import Script
    from streamsim.wire import Headers

ANY_KEY: Final = "any"

Form: TypeAlias = Literal["openai-chat", "anthropic", "gemini", "ollama"]

# Where models are asked for answers, and so where their list is.
_ASKED: Final[tuple[tuple[re.Pattern[str], str, Form], ...]] = (
    (re.compile(r"(.*?)/(?:chat/completions|completions|responses|embeddings)"), "/models", "openai-chat"),
    (re.compile(r"(.*)/messages"), "/models", "anthropic"),
    (re.compile(r"(.*)/models/[^/]+:\w+"), "/models", "gemini"),
    (re.compile(r"(.*/api)/(?:chat|generate|embed)"), "/tags", "ollama"),
)
_NAMED = re.compile(r"/(?:models?|deployments)/([^/:]+)")

# Who speaks where nothing is recorded at the path.
_SPEAKS: Final = (
    (re.compile(r".*/messages(?:/.*)?"), "anthropic"),
    (re.compile(r".*/responses(?:/.*)?"), "openai-responses"),
    (re.compile(r"/v1beta/.*|.*:\w+"), "gemini"),
    (re.compile(r"/api/.*"), "ollama"),
    (re.compile(r"/v2/chat"), "cohere"),
)
_BEARERS: Final = (b"x-api-key", b"api-key", b"x-goog-api-key")
_EPOCH: Final = "1970-01-01T00:00:00Z"


class _Named(msgspec.Struct):
    model: str = ""


_decoder = msgspec.json.Decoder(_Named)


def own_answer(known: list[Candidate], request: Request) -> Script | None:
    """Return what a provider would tell of itself; None if ``request`` asks for nothing of the kind."""
    if request.method not in ("GET", "HEAD"):
        return None
    head_only = request.method == "HEAD"
    path = unquote(request.target.partition("?")[0])
    if path == "/health":
        return json_answer(200, "OK", {"status": "ok"}, head_only=head_only)
    for listed, forms in _lists(known).items():
        if path == listed:
            form = _form(forms, request)
            return json_answer(200, "OK", _LISTS[form](list(forms[form])), head_only=head_only)
        if path.startswith(f"{listed}/") and listed.endswith("/models"):
            return _model(forms, path[len(listed) + 1 :], request)
    return None


def _lists(known: Iterable[Candidate]) -> dict[str, dict[Form, dict[str, None]]]:
    """Return the models by the path of their list and its form."""
    lists: dict[str, dict[Form, dict[str, None]]] = {}
    for candidate in known:
        for pattern, beside, form in _ASKED:
            found = pattern.fullmatch(candidate.path)
            if found is None or (form == "ollama" and not _dialect(candidate).startswith("ollama")):
                continue
            name = _model_of(candidate)
            if name:
                lists.setdefault(found[1] + beside, {}).setdefault(form, {})[name] = None
            break
    return lists


def _model_of(candidate: Candidate) -> str:
    """Return which model was asked, or else which one answered."""
    named = _NAMED.search(candidate.path)
    if named is not None:
        return unquote(named[1])
    try:
        asked = _decoder.decode(candidate.exchange.request.data).model
    except (msgspec.MsgspecError, ValueError, RecursionError):
        asked = ""
    return asked or candidate.planner.reading(candidate.exchange.number).answer().model


def _dialect(candidate: Candidate) -> str:
    return candidate.planner.outline(candidate.exchange.number).dialect


def _form(forms: dict[Form, dict[str, None]], request: Request) -> Form:
    """Return the form that ``request`` wants, where several providers have their list at one path."""
    first: Form = "anthropic" if b"anthropic-version" in request.fields else "openai-chat"
    return first if first in forms else next(iter(forms))


def _model(forms: dict[Form, dict[str, None]], name: str, request: Request) -> Script:
    form, head_only = _form(forms, request), request.method == "HEAD"
    if name in forms[form]:
        return json_answer(200, "OK", _ONE[form](name), head_only=head_only)
    known = ", ".join(list(forms[form])[:20])
    return _error(form, 404, "Not Found", f"streamsim: there is no model {name!r}; recorded are {known}", head_only)


def _openai(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "streamsim"}


def _anthropic(name: str) -> dict[str, object]:
    return {"type": "model", "id": name, "display_name": name, "created_at": _EPOCH}


def _gemini(name: str) -> dict[str, object]:
    methods = ["generateContent", "streamGenerateContent"]
    return {"name": f"models/{name}", "version": "1", "displayName": name, "supportedGenerationMethods": methods}


def _ollama(name: str) -> dict[str, object]:
    details: dict[str, object] = {"format": "gguf", "family": "", "parameter_size": "", "quantization_level": ""}
    return {"name": name, "model": name, "modified_at": _EPOCH, "size": 0, "digest": "0" * 64, "details": details}


_ONE: Final[dict[Form, Callable[[str], dict[str, object]]]] = {
    "openai-chat": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "ollama": _ollama,
}
_LISTS: Final[dict[Form, Callable[[list[str]], dict[str, object]]]] = {
    "openai-chat": lambda names: {"object": "list", "data": [*map(_openai, names)]},
    "anthropic": lambda names: {
        "data": [*map(_anthropic, names)],
        "has_more": False,
        "first_id": names[0],
        "last_id": names[-1],
    },
    "gemini": lambda names: {"models": [*map(_gemini, names)]},
    "ollama": lambda names: {"models": [*map(_ollama, names)]},
}


def unauthorized(known: list[Candidate], request: Request, wanted: str) -> Script | None:
    """Return the provider's 401 where ``request`` has not the key that is ``wanted``; None where it has."""
    keys = _keys(request)
    if wanted in keys or (keys and wanted == ANY_KEY) or request.target.partition("?")[0] == "/health":
        return None
    problem = "this is not the API key that --require-key names" if keys else "there is no API key in this request"
    return _error(_spoken(known, request), 401, "Unauthorized", f"streamsim: {problem}", request.method == "HEAD")


def overloaded(known: list[Candidate], request: Request, status: int, problem: str) -> Script:
    """Return the provider's refusal of what is too much for it; a client may try again in a second."""
    reason = "Too Many Requests" if status == 429 else "Service Unavailable"
    message = f"streamsim: {problem}"
    head_only = request.method == "HEAD"
    return _error(_spoken(known, request), status, reason, message, head_only, more=(("retry-after", "1"),))


def _keys(request: Request) -> list[str]:
    """Return the keys that a request has, wherever providers look for one."""
    scheme, _, credentials = request.fields.get(b"authorization", b"").partition(b" ")
    found = [credentials if scheme.lower() == b"bearer" else b" ".join((scheme, credentials))]
    found += [request.fields.get(name, b"") for name in _BEARERS]
    told = [key.strip().decode("latin-1") for key in found]
    if "key=" in request.target:
        told += parse_qs(request.target.partition("?")[2]).get("key", [])
    return [key for key in told if key]


def _spoken(known: list[Candidate], request: Request) -> str:
    """Return the dialect of what is recorded at the path, or else the one that a client of this path speaks."""
    path = request.target.partition("?")[0]
    there = [_dialect(candidate) for candidate in known if candidate.path == path]
    by_path = next((name for pattern, name in _SPEAKS if pattern.fullmatch(path)), "openai-chat")
    if b"anthropic-version" in request.fields:
        by_path = "anthropic"
    return next((name for name in there if name in BY_NAME and BY_NAME[name].writer is not None), by_path)


def _error(
    dialect: str,
    status: int,
    reason: str,
    message: str,
    head_only: bool,  # noqa: FBT001 - one fact
    more: Headers = (),
) -> Script:
    writer = cast("Writer", BY_NAME[dialect].writer)  # who is asked for errors can write
    headers, body = writer.error(Failure(message), status)
    return body_answer(status, reason, (headers, body), head_only=head_only, more=more)
