"""What was known of the clients before, by hand or from elsewhere.

The facts were found on loopback with the versions in `VERSIONS`. Each is a statement about one row and some
clients, and what it makes us expect of their cells.
"""

from __future__ import annotations

import msgspec

VERSIONS = {
    "openai": "3.54.0",
    "openai-helper": "3.54.0",
    "anthropic": "2.12.0",
    "anthropic-helper": "2.12.0",
    "genai": "3.4.0",
    "mistral": "3.7.0",
    "httpx-sse": "0.4.3",
    "node-openai": "6.49.0",
    "node-openai-6": "6.49.0",
    "node-anthropic": "1.12.0",
    "node-anthropic-helper": "1.12.0",
}
OPENAI, OPENAI_HELPER, ANTHROPIC, HELPER, GENAI, MISTRAL, SSE = (
    "openai",
    "openai-helper",
    "anthropic",
    "anthropic-helper",
    "genai",
    "mistral",
    "httpx-sse",
)
NODE, NODE_6, NODE_A, NODE_H = "node-openai", "node-openai-6", "node-anthropic", "node-anthropic-helper"
PY = (OPENAI, ANTHROPIC, SSE)
PY_ALL = (OPENAI, ANTHROPIC, GENAI, MISTRAL, SSE)
JS = (NODE, NODE_A)
BOTH = (*PY, *JS)
RAW = (*PY_ALL, *JS)
SDKS = (OPENAI, ANTHROPIC, *JS)


class Fact(msgspec.Struct, frozen=True):
    """What was known.

    Attributes:
        row: Its row in the catalogue of incidents.
        title: The row of the table it is about.
        told: What was known, in words.
        expect: For each client a pattern: ``ok``, ``silent``, ``hang`` or ``error``; after ``error`` a part of its
            name, after ``silent`` a part of what is lacking; then ``+1``: so many events more than
            without the fault; then ``x3``: so many requests.

    """

    row: str
    title: str
    told: str
    expect: dict[str, str]


def _all(clients: tuple[str, ...], pattern: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(clients, pattern) | {name.replace("_", "-"): told for name, told in others.items()}


def _every(row: str, told: str, expect: dict[str, str], *titles: str) -> list[Fact]:
    return [Fact(row, title, told, expect) for title in titles]


CONNECTION = (
    Fact(
        "A1", "reset_peer:after=50ms", "Each raises, after the events that came before.",
        _all(RAW, "error Read x1", openai="error APIConnectionError x1", node_openai="error terminated x1",
             node_anthropic="error terminated x1", node_anthropic_helper="error AnthropicError x1"),
    ),
    Fact(
        "A2", "close_mid_chunked:after=50ms", "Each raises: the body was not complete.",
        _all(RAW, "error RemoteProtocolError x1", openai="error APIConnectionError x1",
             node_openai="error terminated x1", node_anthropic="error terminated x1",
             node_anthropic_helper="error AnthropicError x1"),
    ),
    Fact("A3", "short_content_length:after=50ms", "Each raises.", _all(RAW, "error")),
    Fact("A4", "truncate_close_delimited:after=50ms", "Each takes it for the end.", _all((*PY, HELPER, *JS), "silent")),
    *_every(
        "A5", "Each takes it for the end, but for the helper of Anthropic's Node SDK, which misses the message's end.",
        _all((*RAW, HELPER), "silent x1", node_anthropic_helper="error AnthropicError"),
        "clean_truncation", "clean_truncation:at_event={half}",
    ),
    Fact(
        "F10", "clean_truncation:at=terminal", "OpenAI's and Mistral's clients do not miss `[DONE]`.",
        _all((OPENAI, NODE, MISTRAL), "ok"),
    ),
    Fact("A6", "truncate_mid_json", "Success, with the last delta lost.", _all(BOTH, "silent")),
    *_every(
        "A7", "OpenAI's Python SDK leaves at `[DONE]`; the others raise when they have it all.",
        {OPENAI: "ok", ANTHROPIC: "error +0", SSE: "error +0", NODE: "error +0", NODE_A: "error +0"},
        "reset_after_terminal:after=50ms", "reset_after_terminal:how=fin,after=50ms",
    ),
    Fact(
        "A8", "hold_after_terminal",
        "OpenAI's Python SDK returns, Anthropic's runs into its read timeout, and both Node SDKs hang.",
        {OPENAI: "ok", ANTHROPIC: "error ReadTimeout", NODE: "hang", NODE_A: "hang"},
    ),
    Fact("A9", "empty_reply", "OpenAI's Python SDK asks three times.", {OPENAI: "error x3"}),
    Fact(
        "A10", "bad_chunk_header:after=50ms", "A protocol error in Python, a terminated body in Node.",
        _all((ANTHROPIC, SSE), "error RemoteProtocolError", node_openai="error terminated",
             node_anthropic="error terminated"),
    ),
    *_every(
        "A12", "With `connection: close`, Node takes a reset or an early end for the end of the body.",
        _all(JS, "silent", openai="error", anthropic="error", httpx_sse="error"),
        "reset_peer:after=50ms + connection_close_mask", "close_mid_chunked:after=50ms + connection_close_mask",
    ),
)  # fmt: skip
TIME = (
    Fact(
        "B1", "stall_headers", "OpenAI's and Anthropic's SDKs run into their timeout three times; the others once.",
        _all((OPENAI, ANTHROPIC, *JS), "error Timeout x3", genai="error Timeout x1", mistral="error Timeout x1"),
    ),
    Fact(
        "B3", "stall",
        "In Python the read timeout strikes, and nobody asks again; the timeout of the Node SDKs ends with the head.",
        _all(PY_ALL, "error Timeout x1", node_openai="hang x1", node_anthropic="hang x1"),
    ),
    Fact(
        "B4", "stall_masked_by_keepalive:every=500ms,for=20s", "No timeout strikes: comments keep the stream alive.",
        _all((*PY, MISTRAL, *JS), "hang"),
    ),
    *_every("B7", "The parsers do not mind.", _all(RAW, "ok"), "buffer_all"),
    *_every("B8", "The parsers do not mind.", _all(RAW, "ok"), "burst"),
)  # fmt: skip
BYTES = (
    *_every(
        "C1 C2 C3", "Every client puts it together again, wherever it is cut.", _all((*RAW, HELPER, NODE_H), "ok"),
        "split", "split:inside=utf8", "line_ends:style=crlf + split:inside=crlf", "slicer",
    ),
    *_every(
        "C4", "Every client reads every line end.", _all((*RAW, HELPER, NODE_H), "ok"),
        "line_ends:style=crlf", "line_ends:style=cr", "line_ends:style=mixed",
    ),
    *_every(
        "C5", "OpenAI's and Anthropic's Python SDKs and httpx-sse lose the first event; the Node SDKs do not.",
        {**_all(PY, "ok -1"), HELPER: "error AssertionError", **_all(JS, "ok +0"), GENAI: "error"},
        "bom", "bom:split=true",
    ),
    Fact("C5", "bom", "mistralai reads past the mark.", {MISTRAL: "ok +0"}),
    *_every(
        "C6", "Current SDKs take it for text.", _all(RAW, "ok"),
        "unicode_newline:char=2028", "unicode_newline:char=0085",
    ),
    *_every(
        "C7", "mistralai and httpx-sse insist on the content type; the others do not look at it.",
        _all((OPENAI, ANTHROPIC, GENAI, *JS), "ok", mistral="error SDKError", httpx_sse="error SSEError"),
        "content_type:value=text/plain",
    ),
    Fact(
        "C8", "invalid_utf8",
        "OpenAI's, Anthropic's and Mistral's Python SDKs raise; the others put U+FFFD into the text.",
        {**_all((OPENAI, ANTHROPIC, MISTRAL), "error UnicodeDecodeError"), **_all((SSE, GENAI, *JS), "silent")},
    ),
    Fact("C10", "gzip", "Every client decodes it.", _all((*RAW, HELPER, NODE_H), "ok")),
    Fact("C10", "gzip_truncated:cut=900", "Success, with events missing.", _all(BOTH, "silent")),
    Fact("C10", "false_encoding", "A decoding error.", _all((ANTHROPIC, SSE), "error DecodingError", openai="error")),
    Fact("C11", "huge_event", "A line of 300 kB is read.", _all(SDKS, "ok")),
)  # fmt: skip
FRAMES = (
    Fact(
        "D1", "comment_keepalive", "Nobody minds, but for google-genai, which takes it for broken JSON.",
        _all((*BOTH, MISTRAL), "ok +0", genai="error UnknownApiResponseError"),
    ),
    Fact(
        "D2", "comment_as_data", "In OpenAI's form of a stream, and Mistral's, which is alike: a JSON error.",
        {OPENAI: "error JSON", NODE: "error SyntaxError", MISTRAL: "error"},
    ),
    Fact(
        "D2 D10", "comment_as_data",
        "In Anthropic's form: Anthropic's SDKs pass over an event that has no `event:` line, and so over this one.",
        {ANTHROPIC: "ok +0", NODE_A: "ok +0"},
    ),
    Fact("D3", "comment_inside_event", "A JSON error.", _all((*SDKS, MISTRAL, GENAI), "error")),
    Fact(
        "D4", "empty_data", "OpenAI's SDKs raise, Anthropic's do not.",
        _all((GENAI, MISTRAL), "error", openai="error JSON", node_openai="error SyntaxError", anthropic="ok",
             node_anthropic="ok"),
    ),
    *_every(
        "D5", "OpenAI's Python SDK raises; httpx-sse hands over an empty event, which the standard does not.",
        {OPENAI: "error JSON", ANTHROPIC: "ok", NODE: "ok", NODE_A: "ok", MISTRAL: "ok", GENAI: "error", SSE: "ok +1"},
        "meta_only:field=retry", "meta_only:field=id",
    ),
    Fact(
        "D6", "sticky_id_comment",
        "OpenAI's Python SDK raises at the comment after an `id:`; httpx-sse hands over an event that is none.",
        {OPENAI: "error JSON", ANTHROPIC: "ok", NODE: "ok", NODE_A: "ok", MISTRAL: "ok", GENAI: "error", SSE: "ok +1"},
    ),
    *_every(
        "D7", "OpenAI's SDKs raise.",
        {OPENAI: "error JSON", NODE: "error SyntaxError", ANTHROPIC: "ok", NODE_A: "ok", MISTRAL: "ok", GENAI: "error"},
        "event_without_data", "event_without_data:type=content_block_delta",
    ),
    *_every(
        "D8", "OpenAI's SDKs raise.", {OPENAI: "error JSON", NODE: "error SyntaxError"},
        "nonjson_heartbeat:form=event", "nonjson_heartbeat:form=data",
    ),
    Fact("D8", "nonjson_heartbeat:form=json", "A chunk without choices.", {OPENAI: "ok +1", MISTRAL: "error"}),
    Fact("D9", "no_space", "Nobody needs the space but google-genai.", _all((*BOTH, MISTRAL), "ok", genai="error")),
    Fact(
        "D10", "missing_event_line", "Anthropic's SDKs see no event, and no error.",
        {ANTHROPIC: "silent", NODE_A: "silent"},
    ),
    *_every(
        "D11", "Whatever the last event said is lost; Anthropic's Node helper misses the message's end.",
        {ANTHROPIC: "ok -1", SSE: "ok -1", NODE_A: "ok -1", NODE_H: "error AnthropicError", GENAI: "ok", MISTRAL: "ok"},
        "no_final_blank:ends_in=newline", "no_final_blank:ends_in=nothing",
    ),
    Fact(
        "D12", "unframed_error", "The error is dropped; google-genai finds it.",
        _all(BOTH, "ok +0", genai="error ServerError"),
    ),
    Fact("D13", "unterminated_then_error", "A JSON error.", _all(SDKS, "error")),
    Fact("D14", "proxy_terminates_partial", "A JSON error.", _all(SDKS, "error")),
    Fact("D15", "multiline_data", "Nobody minds.", _all(RAW, "ok")),
)  # fmt: skip
ANSWERS = (
    *_every(
        "E1 E2", "Anthropic's Python SDK raises an error of status 200; nobody asks again.",
        {ANTHROPIC: "error APIStatusError x1", HELPER: "error APIStatusError x1", NODE_A: "error x1"},
        "error_event", "error_event:at_event=0",
    ),
    *_every(
        "E3", "OpenAI's Python SDK raises `APIError`.", {OPENAI: "error APIError x1"},
        "error_event:form=openai", "error_event:form=openai,done=true",
    ),
    Fact(
        "E4", "error_event:form=flat",
        "OpenAI's SDKs take a JSON object without a member `error` for a chunk, and its end for the end.",
        {OPENAI: "silent", NODE: "silent"},
    ),
    Fact(
        "D8 E4", "error_event:form=text", "Text that is no JSON makes OpenAI's SDKs raise, whatever its `event:` says.",
        {OPENAI: "error JSON", NODE: "error SyntaxError"},
    ),
    *_every(
        "E6", "An empty success for OpenAI's and Anthropic's SDKs; httpx-sse raises.",
        _all(SDKS, "silent", httpx_sse="error SSEError", mistral="error SDKError"),
        "wrong_body:kind=html", "wrong_body:kind=json",
    ),
    Fact(
        "E7", "empty_stream:keep=nothing", "An empty success; the helpers raise.",
        _all(RAW, "silent x1", openai_helper="error AssertionError", anthropic_helper="error AssertionError",
             node_anthropic_helper="error AnthropicError"),
    ),
)  # fmt: skip
_NAMES = {
    400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
    408: "RequestTimeoutError", 409: "ConflictError", 413: "ContentTooLargeError", 422: "UnprocessableEntityError",
    429: "RateLimitError", 500: "InternalServerError", 502: "InternalServerError", 503: "ServiceUnavailableError",
    504: "GatewayTimeoutError", 529: "OverloadedError",
}  # fmt: skip
_ANTHROPIC_ONLY = (408, 413, 503, 504, 529)


def _http(status: int) -> Fact:
    times = " x3" if status in (408, 409, 429) or status >= 500 else " x1"
    plain = "APIStatusError" if status < 500 else "InternalServerError"
    own = plain if status in _ANTHROPIC_ONLY else _NAMES[status]
    times_told = "asked three times" if times == " x3" else "not asked again"
    gemini = "ClientError" if status < 500 else "ServerError"
    mistral = "HTTPValidationError" if status == 422 else "SDKError"
    return Fact(
        "http",
        f"http_error:status={status}",
        f"By OpenAI's and Anthropic's SDKs {times_told}, and named by its status; by the others raised at once.",
        {
            OPENAI: f"error {own}{times}",
            ANTHROPIC: f"error {_NAMES[status]}{times}",
            GENAI: f"error {gemini} x1",
            MISTRAL: f"error {mistral} x1",
        },
    )


HTTP = (
    *map(_http, _NAMES),
    Fact(
        "http", "http_error:status=429,retry_after=130",
        "OpenAI's Python SDK gives up where it should wait for more than two minutes; Anthropic's waits.",
        {OPENAI: "error RateLimitError x1", ANTHROPIC: "hang x1"},
    ),
    Fact("I3", "reset_peer:after=50ms,attempt=1", "After the head nothing is asked again.", _all(RAW, "error x1")),
)  # fmt: skip

MEANING = (
    Fact(
        "F2", "choices_null",
        "OpenAI's Python SDK hands it over in its raw stream, and its text is lost; its helper raises `TypeError`.",
        {OPENAI: "silent", OPENAI_HELPER: "error TypeError"},
    ),
    *_every(
        "F3", "The helper of OpenAI's Python SDK raises `AttributeError`.", {OPENAI_HELPER: "error AttributeError"},
        "delta_null", "delta_null:form=missing",
    ),
    Fact(
        "F6", "finish_missing", "Nobody minds that no reason to finish comes.",
        _all((OPENAI, ANTHROPIC, NODE, NODE_A), "silent"),
    ),
    Fact(
        "F9", "content_after_finish:after=terminal",
        "Anthropic's Python SDK hands over text that comes after `message_stop`, raw and by its helper.",
        _all((ANTHROPIC, HELPER), "silent other text +1"),
    ),
    Fact("F10", "missing_done", "OpenAI's SDKs do not miss `[DONE]`.", {OPENAI: "ok", NODE: "ok"}),
    Fact("F11", "cumulative_delta", "Whoever adds up gets the text several times.", _all((*RAW, HELPER), "silent")),
    Fact(
        "F12", "nonfinite_json", "Python's JSON takes what is none; JavaScript's does not.",
        {OPENAI: "ok", ANTHROPIC: "ok", NODE: "error SyntaxError", NODE_A: "error SyntaxError"},
    ),
)  # fmt: skip
_MERGED = "silent fewer calls, other names, broken arguments"
CALLS = (
    Fact(
        "F8", "finish_stop_with_tools",
        "In OpenAI's form it passes: the calls are whole, and `stop` is handed over, by the helper too.",
        _all((OPENAI, OPENAI_HELPER, NODE), "silent other finish +0"),
    ),
    Fact(
        "G1", "tool_index_missing",
        "In OpenAI's form the helper of its Python SDK, `chat.completions.stream()`, raises `TypeError`.",
        {OPENAI_HELPER: "error TypeError x1"},
    ),
    Fact(
        "G2", "tool_index_collision",
        "In OpenAI's form the helper of its Python SDK makes one call of two: names and arguments are run together.",
        {OPENAI_HELPER: f"{_MERGED} +0"},
    ),
    Fact(
        "G4", "tool_args_truncated",
        "OpenAI's and Anthropic's SDKs hand over JSON that breaks off, and so does the helper of OpenAI's Python SDK.",
        _all((OPENAI, OPENAI_HELPER, ANTHROPIC, NODE, NODE_A), "silent broken arguments"),
    ),
)  # fmt: skip
SEQUENCE = (
    Fact("H1", "block_index_gap", "Anthropic's helper misses a block.", {HELPER: "error IndexError"}),
    Fact("H2", "delta_before_start", "Anthropic's helper finds no block to add to.", {HELPER: "error IndexError"}),
    Fact("H3", "no_message_start", "Anthropic's helper insists on it.", {HELPER: "error AssertionError"}),
    Fact("H4", "no_message_delta", "The reason to stop is None.", {ANTHROPIC: "silent", HELPER: "silent"}),
    Fact("H5", "unknown_event", "Anthropic's SDKs pass over it.", {ANTHROPIC: "ok", NODE_A: "ok"}),
)  # fmt: skip

FACTS: tuple[Fact, ...] = (*CONNECTION, *TIME, *BYTES, *FRAMES, *ANSWERS, *MEANING, *CALLS, *SEQUENCE, *HTTP)
