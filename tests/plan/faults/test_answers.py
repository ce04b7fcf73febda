from __future__ import annotations

import json

import pytest

from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults import Applied, parse_fault
from streamsim.recording.model import Info
from streamsim.sse import parse
from streamsim.wire import End, Fin, Hang, Head
from streamsim.wire.statuses import REASONS
from tests.builders import EVENT_STREAM, chat, exchange, sse
from tests.plan.faults.bodies import CHAT, GZIPPED, NO_ANSWER, NO_BODY, NO_STREAM, data, sent, stream
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, plan

MESSAGES = stream(
    b'event: message_start\ndata: {"type":"message_start"}\n\n',
    b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}\n\n',
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
)
COMPLETIONS = stream(*sse('{"object":"text_completion","choices":[{"text":"Hi"}]}', "[DONE]"))
RESPONSES = stream(
    *sse(
        '{"type":"response.created","response":{"id":"r1","status":"in_progress","model":"m"}}',
        event="response.created",
    ),
    *sse('{"type":"response.output_text.delta","delta":"Hi"}', event="response.output_text.delta"),
    *sse('{"type":"response.completed"}', event="response.completed"),
)
OVERLOADED = (
    b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"streamsim: overloaded error"},'
    b'"request_id":"req_streamsim"}\n\n'
)
SERVER_ERROR = (
    b'data: {"error":{"message":"streamsim: server error","type":"server_error","param":null,"code":null}}\n\n'
)
RESPONSE_ERROR = (
    b'event: error\ndata: {"type":"error","code":"server_error","message":"streamsim: server error","param":null,'
    b'"sequence_number":1}\n\n'
    b'event: response.failed\ndata: {"type":"response.failed","response":{"id":"r1","status":"failed","model":"m",'
    b'"error":{"code":"server_error","message":"streamsim: server error"},"incomplete_details":null},'
    b'"sequence_number":2}\n\n'
)
INCOMPLETE = (
    b'event: response.incomplete\ndata: {"type":"response.incomplete","response":{"id":"r1","status":"incomplete",'
    b'"model":"m","error":null,"incomplete_details":{"reason":"max_output_tokens"}},"sequence_number":1}\n\n'
)
GENERIC = b'event: error\ndata: {"error":{"message":"streamsim: server error","type":"server_error"}}\n\n'


@pytest.mark.parametrize(
    ("one", "frames"),
    [
        (CHAT, SERVER_ERROR),
        (COMPLETIONS, SERVER_ERROR),
        (MESSAGES, OVERLOADED),
        (RESPONSES, RESPONSE_ERROR),
        (stream(ONE, TWO), GENERIC),
    ],
)
def test_an_error_is_written_as_the_provider_does(one: object, frames: bytes) -> None:
    """After event 0 it comes instead of all that follows, and the response is complete."""
    result = plan(one, "error_event:at_event=1")  # type: ignore[arg-type]
    first = sent(plan(one))[0]  # type: ignore[arg-type]
    assert sent(result) == [first, frames]
    assert isinstance(result.timeline[-1].action, End)
    assert result.timeline[-1].at_ns == result.timeline[-2].at_ns == result.timeline[1].at_ns


@pytest.mark.parametrize(
    ("form", "frames"),
    [
        ("openai", SERVER_ERROR),
        ("anthropic", OVERLOADED),
        ("responses", RESPONSE_ERROR),
        ("incomplete", INCOMPLETE),
        ("flat", b'event: error\ndata: {"message":"streamsim: server error"}\n\n'),
        ("text", b"event: error\ndata: streamsim: server error\n\n"),
        ("generic", GENERIC),
    ],
)
def test_an_error_is_written_as_asked(form: str, frames: bytes) -> None:
    """Whatever the stream is."""
    assert sent(plan(RESPONSES, f"error_event:at_event=1,form={form}"))[1] == frames


def test_a_response_that_is_not_known_failed_too() -> None:
    """Where the first event does not say what it is about, or there is none, no more is said of it."""
    told = {"status": "failed", "error": {"code": "c", "message": "m"}, "incomplete_details": None}
    for one in (None, CHAT, stream(*sse('{"response":3}'))):
        result = plan(one, "error_event:form=responses,type=c,message=m,at_event=1")
        assert json.loads(data(result)[-1])["response"] == told
    empty = plan(exchange(headers=CHUNKED, chunks=()), "error_event:form=responses,at_event=0")
    assert [json.loads(text)["sequence_number"] for text in data(empty)] == [0, 1]


def test_type_and_message_are_written_as_json() -> None:
    """Whatever they hold, the frame is one event."""
    for form in ("openai", "anthropic", "responses", "flat", "generic"):
        result = plan(CHAT, f'error_event:form={form},type=a"b,message=c"\\\\d☃')
        assert 'c"\\d☃' in json.dumps(json.loads(data(result)[-1]), ensure_ascii=False).replace('\\"', '"').replace(
            "\\\\", "\\"
        )
    reason = plan(RESPONSES, "error_event:form=incomplete,type=content_filter")
    assert json.loads(data(reason)[-1])["response"]["incomplete_details"] == {"reason": "content_filter"}


def test_an_error_can_be_the_first_event() -> None:
    """At event 0, and with the headers."""
    assert plan(None, "error_event:at_event=0").shown == [(100, "head"), (100, GENERIC), (100, "end")]
    assert plan(None, "error_event:at=headers,after=2s").shown == [(100, "head"), (2100, GENERIC), (2100, "end")]


def test_an_error_comes_halfway_by_default() -> None:
    """After the first half of the events."""
    assert sent(plan(CHAT, "error_event")) == [*chat("Hel", "lo ☃")[:3], SERVER_ERROR]


def test_an_error_comes_between_frames() -> None:
    """A place inside one is its end."""
    assert plan(None, "error_event:at_byte=13").body == ONE + TWO + GENERIC


def test_done_may_follow_an_error() -> None:
    """In the same chunk."""
    assert sent(plan(CHAT, "error_event:at_event=0,done=true")) == [SERVER_ERROR + b"data: [DONE]\n\n"]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_an_error_has_the_line_ends_of_the_stream(eol: bytes) -> None:
    """And is an event."""
    result = plan(stream(ONE, TWO, eol=eol), "error_event")
    assert sent(result)[-1] == GENERIC.replace(b"\n", eol)
    assert parse(result.body)[-1].type == "error"


@pytest.mark.parametrize(
    ("then", "action"),
    [("then=end", End()), ("then=fin", Fin()), ("then=hang", Hang()), ("then=hang,for=30s", Hang(30_000_000_000))],
)
def test_what_follows_an_error(then: str, action: object) -> None:
    """The response is complete, or the connection closes or is held."""
    result = plan(None, f"error_event:{then},at_event=1")
    assert sent(result) == [ONE, GENERIC]
    assert result.timeline[-1].action == action


def test_an_end_that_is_none_can_be_told() -> None:
    """A body with a content length is sent chunked where the error does not complete it; else the length fits."""
    headers = (*EVENT_STREAM, ("Content-Length", "35"), ("x", "y"))
    one = exchange(headers=headers, framing="content-length")
    chunked = Head(200, "OK", (*EVENT_STREAM, ("transfer-encoding", "chunked"), ("x", "y")))
    assert plan(one, "error_event:then=fin").head == plan(one, "error_event:then=hang").head == chunked
    complete = plan(one, "error_event")
    assert dict(complete.head.headers)["content-length"] == str(len(complete.body))


def test_an_error_needs_a_stream() -> None:
    """A body that is none, or that is compressed, is left alone; a place that is given must be there."""
    for one in (NO_STREAM, NO_BODY, NO_ANSWER, GZIPPED, exchange(chunks=())):
        assert plan(one, "error_event").outcomes == ["missed"]
    for one in (NO_BODY, NO_ANSWER):
        assert plan(one, "error_event:at=headers").timeline == one.timeline()
    with pytest.raises(
        PlanError, match=r"^error_event: the recorded body is compressed, so its events cannot be reached"
    ):
        plan(GZIPPED, "error_event:at_event=0,attempt=2")
    with pytest.raises(
        PlanError, match=r"^error_event: there is no event 4 of 3; places of this recording are 0 to 3$"
    ):
        plan(None, "error_event:at_event=4")


def test_an_error_closes() -> None:
    """Of several faults that do, the earliest wins."""
    assert plan(None, "error_event:at_event=2", "reset_peer:at_event=1").outcomes == ["not reached", "applied"]
    both = plan(
        None, "error_event:at_event=1", "reset_peer:at_event=2", "comment_keepalive:at_event=2", "drop:at_event=0"
    )
    assert both.outcomes == ["applied", "not reached", "not reached", "applied"]
    assert both.shown == [(100, "head"), (120, GENERIC), (120, "end")]


@pytest.mark.parametrize("fault", ["error_event:message=a\\nb", "error_event:type=a\\nb", "error_event:for=0"])
def test_an_error_that_cannot_be_is_refused(fault: str) -> None:
    """Two lines, and no time."""
    with pytest.raises(UsageError, match=r"error_event: (message|type|for)"):
        parse_fault(fault)


def test_an_empty_stream_is_complete() -> None:
    """Head and end come when they were recorded."""
    assert plan(None, "empty_stream").shown == [(100, "head"), (160, "end")]
    one = exchange(headers=(*EVENT_STREAM, ("Content-Length", "35")), framing="content-length")
    assert dict(plan(one, "empty_stream").head.headers)["content-length"] == "0"
    assert plan(NO_STREAM, "empty_stream").body == plan(GZIPPED, "empty_stream").body == b""


def test_a_stream_may_be_empty_but_for_its_end() -> None:
    """Only the terminal event, or all but the content."""
    assert sent(plan(CHAT, "empty_stream:keep=terminal")) == [b"data: [DONE]\n\n"]
    whole = sent(plan(CHAT))
    assert sent(plan(CHAT, "empty_stream:keep=shell")) == [whole[0], *whole[3:]]
    assert plan(NO_STREAM, "empty_stream:keep=shell").outcomes == ["missed"]


def test_what_is_to_be_kept_must_be_there() -> None:
    """A terminal event, and events that can be told apart; else there is nothing to strike."""
    (told,) = plan(None, "empty_stream:keep=terminal").applied
    why = ("the recording has no terminal event", "write keep=nothing or keep=shell")
    assert told == Applied("empty_stream:keep=terminal", "missed", *why)
    for keep in ("terminal", "shell"):
        (told,) = plan(GZIPPED, f"empty_stream:keep={keep}").applied
        assert told.problem == "the recorded body is compressed, so its events cannot be reached"


@pytest.mark.parametrize("status", REASONS)
@pytest.mark.parametrize("form", ["openai", "anthropic", "flat", "generic", "html"])
def test_http_errors_are_whole_answers(status: int, form: str) -> None:
    """At the time of the recorded head: status, reason, a body of its length, complete; nothing of the recording."""
    result = plan(CHAT, f"http_error:status={status},form={form}")
    assert [at for at, _ in result.shown] == [100, 100, 100]
    assert (result.head.status, result.head.reason, result.head.framing) == (status, REASONS[status], "content-length")
    headers = dict(result.head.headers)
    assert headers["content-length"] == str(len(result.body))
    assert headers["content-type"] == ("text/html" if form == "html" else "application/json")
    assert isinstance(result.timeline[-1].action, End)
    if form != "html":
        assert "streamsim: " + REASONS[status].lower() in json.dumps(json.loads(result.body))


@pytest.mark.parametrize(
    ("one", "status", "body"),
    [
        (
            CHAT,
            401,
            {"error": {"message": "?", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}},
        ),
        (CHAT, 429, {"error": {"message": "?", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}),
        (RESPONSES, 500, {"error": {"message": "?", "type": "server_error", "param": None, "code": None}}),
        (COMPLETIONS, 400, {"error": {"message": "?", "type": "invalid_request_error", "param": None, "code": None}}),
        (
            MESSAGES,
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "?"}, "request_id": "req_streamsim"},
        ),
        (
            MESSAGES,
            422,
            {
                "type": "error",
                "error": {"type": "invalid_request_error", "message": "?"},
                "request_id": "req_streamsim",
            },
        ),
        (
            MESSAGES,
            502,
            {"type": "error", "error": {"type": "api_error", "message": "?"}, "request_id": "req_streamsim"},
        ),
        (NO_STREAM, 404, {"error": {"code": 404, "message": "?", "type": "invalid_request_error"}}),
        (None, 503, {"error": {"code": 503, "message": "?", "type": "server_error"}}),
    ],
)
def test_http_errors_are_written_as_the_provider_does(one: object, status: int, body: object) -> None:
    """Shape, type and code are those of recorded answers."""
    assert json.loads(plan(one, f"http_error:status={status},message=?").body) == body  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "told"), [(400, True), (401, True), (408, False), (429, False), (529, False)])
def test_anthropic_says_which_errors_are_for_good(status: int, told: bool) -> None:  # noqa: FBT001
    """By a header that its clients obey."""
    headers = plan(MESSAGES, f"http_error:status={status}").head.headers
    assert headers[1] == ("request-id", "req_streamsim")
    assert (("x-should-retry", "false") in headers) == told


def test_when_to_try_again_is_told_in_headers() -> None:
    """As asked, and not by default."""
    headers = plan(CHAT, "http_error:status=429,retry_after=1.5,retry_after_ms=1500").head.headers
    assert headers == (
        ("content-type", "application/json"),
        ("retry-after", "1.5"),
        ("retry-after-ms", "1500"),
        ("content-length", "112"),
    )
    assert [name for name, _ in plan(CHAT, "http_error").head.headers] == ["content-type", "content-length"]
    date = plan(CHAT, "http_error:retry_after=Sun\\, 06 Nov 1994 08:49:37 GMT").head.headers
    assert dict(date)["retry-after"] == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_messages_are_written_as_json() -> None:
    """Line ends and quotes too."""
    assert json.loads(plan(CHAT, 'http_error:message=a"\\nb').body)["error"]["message"] == 'a"\nb'


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("http_error:status=200", f"status: 200 is none that we know; write one of {', '.join(map(str, REASONS))}"),
        ("http_error:retry_after=1\\n2", "retry_after: '1\\n2' cannot stand in a header; write one line of ISO 8859-1"),
        ("http_error:retry_after_ms=☃", "retry_after_ms: '☃' cannot stand in a header; write one line of ISO 8859-1"),
        ("http_error:message=\ud800", "message: '\\ud800' cannot be written in UTF-8; leave it out"),
    ],
)
def test_errors_that_cannot_be_are_refused(fault: str, message: str) -> None:
    """Each says what can."""
    with pytest.raises(UsageError) as raised:
        parse_fault(fault)
    assert str(raised.value).endswith(f"http_error: {message}")


def test_http_errors_by_attempt_and_chance() -> None:
    """Once for the answer: the others are as recorded."""
    fault = "http_error:attempt=1-2"
    assert [plan(CHAT, fault, attempt=n).head.status for n in (1, 2, 3)] == [503, 503, 200]
    struck = [plan(CHAT, "http_error:probability=1/2", seed=seed).head.status for seed in range(40)]
    assert 10 < struck.count(503) < 30


def test_an_answer_instead_leaves_nothing_of_the_recording() -> None:
    """Only interim heads stay, which came before; and where there was no answer there is one."""
    hint = Info(exchange=1, dt_us=1000, status=103)
    assert plan(exchange(infos=[hint]), "http_error").timeline[0].action == Head(103, framing="none")
    assert plan(NO_ANSWER, "wrong_body").shown[0] == (0, "head")
    assert plan(GZIPPED, "wrong_body").head.status == 200


def test_a_wrong_body_is_a_success() -> None:
    """A page by default, or an error in JSON; the head says what it is."""
    page = plan(CHAT, "wrong_body")
    assert page.head == Head(
        200, "OK", (("content-type", "text/html"), ("content-length", "117")), framing="content-length"
    )
    assert page.body == (
        b"<html>\r\n<head><title>503 Service Unavailable</title></head>\r\n"
        b"<body><h1>503 Service Unavailable</h1></body>\r\n</html>\r\n"
    )
    told = plan(MESSAGES, "wrong_body:kind=json")
    assert (told.head.status, json.loads(told.body)["error"]["type"]) == (200, "api_error")


def test_what_comes_instead_leaves_nothing_to_other_faults() -> None:
    """Those of frames, bytes, encoding and boundaries are not reached; of two answers, the first one comes."""
    others = ("drop:at_event=1", "bom", "gzip", "split", "error_event", "empty_stream", "wrong_body")
    result = plan(None, "http_error", *others)
    assert result.outcomes == ["applied", *["not reached"] * len(others)]
    assert result.timeline == plan(None, "http_error").timeline


def test_three_events_are_what_other_tests_take_for_granted() -> None:
    """The default exchange."""
    assert sent(plan(None)) == [ONE, TWO, THREE]
