"""What became of a stream: the verdict, why, and what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.analysis.lint import Finding, lint
from streamsim.analysis.lint.bare import recording_of
from streamsim.errors import RecordingError, UsageError
from streamsim.recording.model import Ending, Header
from streamsim.sse import MAX_EVENT_BYTES
from tests.analysis.lint.linted import GOOD, finding, graves, one, streamed
from tests.builders import chat, exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers

WHOLE = chat("a", "b")
CUT = WHOLE[:-2]
NONE = "the body is no stream of events"
JSON: Headers = (("content-type", "application/json"),)
TOLD = sse('{"error":{"message":"too\\u001bbusy","type":"overloaded"}}')
ARRAY = b'[{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}]'


def ended(chunks: list[bytes], end: str | None) -> Exchange:
    """Return a stream that ended like that."""
    return exchange(chunks=chunks, headers=GOOD, end=end)


@pytest.mark.parametrize(
    ("told", "verdict", "why", "rules"),
    [
        (ended(WHOLE, "complete"), "complete", "", {}),
        (ended(WHOLE, "cancelled"), "complete", "", {}),
        (ended(WHOLE, "timeout"), "complete", "", {"left_open": "warning"}),
        (ended(WHOLE, None), "complete", "", {"no_end": "note"}),
        (ended(WHOLE, "fin"), "broken", "closed (FIN) before the body was complete", {"cut_short": "error"}),
        (ended(WHOLE, "reset"), "broken", "connection reset (RST)", {"cut_short": "error"}),
        (ended(WHOLE, "protocol_error"), "broken", "the server broke the protocol", {"framing_broken": "error"}),
        (
            ended(CUT, "complete"),
            "truncated",
            "choice 0 has no finish_reason; the stream ends without [DONE]",
            {"finish_missing": "error", "missing_done": "error"},
        ),
        (
            ended([*WHOLE[:-1], b"data: [DO"], "fin"),
            "truncated",
            "the stream ends without [DONE]; the body ends within an event; closed (FIN) before the body was complete",
            {"unfinished_frame": "error", "missing_done": "error", "cut_short": "error"},
        ),
        (
            ended(WHOLE[:-1], "timeout"),
            "truncated",
            "the stream ends without [DONE]; the server fell silent and the recorder gave up",
            {"missing_done": "error", "cut_short": "error"},
        ),
        (
            ended(WHOLE[:-1], None),
            "truncated",
            "the stream ends without [DONE]; cut short: the recorder died",
            {"missing_done": "error", "no_end": "note"},
        ),
        (ended([*CUT, b"data: {"], "cancelled"), "cancelled", "the client left", {"client_left": "note"}),
        (ended([*CUT, *TOLD], "complete"), "failed", "overloaded: too\\x1bbusy", {"error_told": "note"}),
        (ended([], "complete"), "no stream", "no event came", {"no_events": "warning"}),
        (
            ended([], "fin"),
            "truncated",
            "closed (FIN) before the body was complete",
            {"incomplete": "error", "no_events": "warning", "cut_short": "error"},
        ),
        (ended(sse("a"), "complete"), "complete", "", {}),
        (ended(sse("a", "[DONE]"), None), "complete", "", {"no_end": "note"}),
        (
            ended(sse("a"), "fin"),
            "truncated",
            "closed (FIN) before the body was complete",
            {"incomplete": "error", "cut_short": "error"},
        ),
        (
            ended([b"data: a\n\n", b"data: b\n"], "complete"),
            "truncated",
            "the body ends within an event",
            {"unfinished_frame": "error", "incomplete": "error"},
        ),
        (exchange(headers=JSON, chunks=[b'{"a":1}']), "no stream", NONE, {"not_a_stream": "note"}),
        (
            exchange(headers=JSON, chunks=[b'{"a":'], end="fin"),
            "no stream",
            NONE,
            {"cut_short": "error", "not_a_stream": "note"},
        ),
        (exchange(headers=JSON, chunks=[ARRAY]), "complete", "", {"cache_control": "note"}),
        (
            exchange(status=429, headers=JSON, chunks=[b'{"error":{"message":"slow down","type":"rate"}}']),
            "failed",
            "HTTP 429: rate: slow down",
            {"http_error": "note"},
        ),
        (
            exchange(status=503, reason="Busy", headers=(), chunks=()),
            "failed",
            "HTTP 503: Busy",
            {"http_error": "note"},
        ),
        (
            exchange(status=0, chunks=(), end="unreachable"),
            "broken",
            "the server could not be reached",
            {"no_answer": "error"},
        ),
        (exchange(status=0, chunks=(), end="cancelled"), "cancelled", "the client left", {"client_left": "note"}),
        (
            exchange(status=0, chunks=(), end=Ending(exchange=1, dt_us=0, cause="protocol_error", text="SSH-2.0\r\n")),
            "broken",
            "the server broke the protocol",
            {"framing_broken": "error"},
        ),
    ],
)
def test_a_verdict_is_what_became_of_the_stream(told: Exchange, verdict: str, why: str, rules: dict[str, str]) -> None:
    """Complete, truncated, failed, broken, cancelled or no stream; why, and what falls short."""
    report = one(told)
    assert (report.verdict, report.why, graves(report)) == (verdict, why, rules)
    assert report.passed == ("error" not in rules.values() and verdict not in ("truncated", "broken"))


def test_a_finding_tells_place_remedy_and_source() -> None:
    """All that is needed to mend it; a rule that is broken often is one finding."""
    late = chat("c", "d")[1:3]
    report = streamed(*WHOLE[:-1], *late, WHOLE[-1])
    assert report.findings == (
        Finding(
            rule="content_after_finish",
            severity="error",
            message="choice 0 grows after its finish_reason",
            remedy="send all content first",
            source="all dialects",
            event=4,
            line=9,
            byte=sum(map(len, WHOLE[:-1])),
            times=2,
        ),
    )


def test_findings_stand_the_gravest_first() -> None:
    """Errors, warnings, notes; among each other in the order in which they were found."""
    report = streamed(b"data:a\n\n", b"x\n\n", b"id: \0\n\n", headers=(("content-type", "text/event-stream"),))
    assert [(found.severity, found.rule) for found in report.findings] == [
        ("error", "id_with_nul"),
        ("warning", "unknown_field"),
        ("note", "cache_control"),
        ("note", "no_space"),
    ]


@pytest.mark.parametrize(
    ("chunks", "dialect", "judged", "rules"),
    [
        (WHOLE, "openai-chat", "openai-chat", {}),
        (WHOLE, "vllm", "vllm", {}),
        (WHOLE, "generic", "generic", {}),
        (WHOLE, "anthropic", "openai-chat", {"other_dialect": "the events are those of openai-chat, not of anthropic"}),
        (
            sse("a"),
            "anthropic",
            "anthropic",
            {
                "other_dialect": "no event is one that only anthropic has",
                "unknown_event": "no event is called message",
                "no_message_start": "there is no message_start",
                "no_message_delta": "there is no message_delta",
                "no_message_stop": "there is no message_stop",
            },
        ),
    ],
)
def test_a_dialect_can_be_asked_for(chunks: list[bytes], dialect: str, judged: str, rules: dict[str, str]) -> None:
    """One's own server is held to it; a variation is as good as its family; another dialect is an error."""
    report = one(exchange(chunks=chunks, headers=GOOD), dialect=dialect)
    assert report.dialect == judged
    assert {found.rule: found.message for found in report.findings} == rules


def test_a_dialect_that_is_unknown_is_an_error() -> None:
    """Those that are known are listed."""
    with pytest.raises(
        UsageError, match=r"^--dialect: no dialect is called 'klingon'; known are a2a, .*generic, .*xai$"
    ):
        one(dialect="klingon")


def test_where_a_stream_is_asked_for_its_absence_is_an_error() -> None:
    """Of a live answer, or of a dialect, no stream and an HTTP error fall short."""
    none, refused = exchange(headers=JSON, chunks=[b"{}"]), exchange(status=401, headers=JSON, chunks=[b"{}"])
    assert graves(one(none, stream=True)) == {"not_a_stream": "error"}
    assert graves(one(none, dialect="anthropic")) == {"not_a_stream": "error"}
    assert graves(one(refused, stream=True)) == {"http_error": "error"}
    assert graves(one(stream=True)) == {}


def test_of_what_an_import_lacks_nothing_is_claimed() -> None:
    """A body alone has no headers, chunks or times that could be wrong."""
    report = lint(recording_of(b"data: a\n\n", "a.sse"))
    assert (report.source, report.passed, report.notes) == ("a.sse", True, 0)
    assert report.exchanges[0].verdict == "complete"


def test_a_file_whose_frames_were_made_up_breaks_no_rule_of_lines() -> None:
    """What the importer wrote is not what the provider wrote."""
    told = recording_of(b"data:a\n\n", "a.sse")
    told.header = Header(version=1, lacks=("head", "framing"))
    assert lint(told).exchanges[0].findings == ()


def test_one_exchange_of_several_can_be_linted() -> None:
    """The others do not count; one that is not there is an error."""
    told = recording(ended(CUT, "fin"), ended(WHOLE, "complete"))
    assert not lint(told).passed
    assert [one.exchange for one in lint(told, exchange=2).exchanges] == [2]
    assert lint(told, exchange=2).passed
    with pytest.raises(RecordingError, match="there is no exchange 3"):
        lint(told, exchange=3)


def test_an_event_that_no_reader_can_hold_is_told() -> None:
    """With its place; what came before was read."""
    huge = b"data: " + b"x" * MAX_EVENT_BYTES + b"\n\n"
    report = lint(recording_of(b"data: a\n\n" + huge, "huge.sse")).exchanges[0]
    assert (report.events, finding(report, "event_too_large").byte) == (1, 9)


def test_the_events_of_a_live_mcp_priming_are_fine() -> None:
    """An id with empty data dispatches an event that sets the id to resume from."""
    chunks = [b"id: 1\ndata:\n\n", *sse('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')]
    assert graves(streamed(*chunks)) == {}
