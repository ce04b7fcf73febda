"""Reports in words are pinned: people read them, and scripts do too."""

from __future__ import annotations

import msgspec
import pytest

from streamsim.analysis import inspect, text
from streamsim.recording.model import Ending, Exchange
from tests.builders import EVENT_STREAM, as_file, chat, exchange, recording
from tests.builders import sse as frames

ONE = """\
session.jsonl: 1 exchange
  recorded 2026-11-22T08:00:00Z by streamsim test

exchange 1: POST /v1/chat/completions
  answer     HTTP/1.1 200 OK, framing chunked, text/event-stream
  dialect    openai-chat
  size       5 chunks, 505 bytes, 5 events, 2 chunks with content
  TTFB       100ms
  TTFT       140ms
  ITL        p50 20ms, p90 20ms, p99 20ms, max 20ms
  stall      longest 40ms, from 160ms on, after 3 events (chunk 2), until the end
  total      200ms, 50.0 events/s
  text       ab
  tokens     none told, 2 deltas, 50.0 deltas/s
  stop       stop
  end        complete; terminal event seen
  verdict    instant start, natural pace, completed

  events over 200ms
    │                              █    █    █    █    █│ each cell 4ms, at most 1 event

  gaps between content
    20ms to 50ms │████████████████████████████████████████ 1"""

SEVERAL = """\
session.jsonl: 4 exchanges
  recorded 2026-11-22T08:00:00Z by streamsim test

#  request                                   status  dialect           events   TTFT  ITL p50  tokens  stop  end          verdict
1  POST /v1/chat/completions                    200  openai-chat            5  140ms     20ms      ~2  stop  complete     instant, natural
2  GET /a/very/long/path/that/does/not/fit…     429  application/json       -      -        -       -  -     complete     completed
3  POST /v1/chat/completions                    204  -                      -      -        -       -  -     cut short    incomplete
4  POST /v1/chat/completions                      -  -                      -      -        -       -  -     unreachable  incomplete

one of them in detail: --exchange N; all as data: --json"""  # noqa: E501 - as wide as it is shown

JSON = (("content-type", "application/json; charset=utf-8"),)


def said(*exchanges: Exchange) -> str:
    """Return the plain text about a recording of ``exchanges``."""
    return text.plain(inspect([as_file(recording(*exchanges))], source="session.jsonl"))


def words(told: Exchange) -> dict[str, str]:
    """Return the details of ``told`` by their labels."""
    return dict(text.details(inspect([as_file(recording(told))]).exchanges[0]))


def test_one_exchange_is_shown_in_detail() -> None:
    """All measures, when events came, and how long the gaps were."""
    assert said(exchange(chunks=chat("a", "b"))) == ONE


def test_several_exchanges_are_a_table() -> None:
    """A row an exchange, whatever it is."""
    shown = said(
        exchange(chunks=chat("a", "b")),
        exchange(
            method="GET", target="/a/very/long/path/that/does/not/fit/here", status=429, headers=JSON, chunks=[b"{}"]
        ),
        exchange(status=204, headers=(), chunks=(), end=None),
        exchange(status=0, chunks=(), end="unreachable"),
    )
    assert shown == SEVERAL


@pytest.mark.parametrize(
    ("response_us", "shown"),
    [(52_443, "52.4ms"), (898_252, "898ms"), (4_829_000, "4.82s"), (1_234_500_000, "1234s"), (7, "7us"), (0, "0")],
)
def test_times_in_the_table_are_brief(response_us: int, shown: str) -> None:
    """Three digits are enough to compare by; details and JSON have all."""
    told = exchange(chunks=frames("a"), gaps_us=0, response_us=response_us)
    assert text.overview(inspect([as_file(recording(told))]))[0][text.OVERVIEW.index("TTFT")] == shown


def test_a_file_without_exchanges_says_so() -> None:
    """Nothing but the file is described."""
    assert text.plain(inspect([b'{"streamsim":1}\n'], source="empty.jsonl")) == "empty.jsonl: 0 exchanges"


def test_everything_about_the_file_is_said() -> None:
    """Origin, redactions, comments, unknown lines, and how the file ends."""
    header = b'{"streamsim":1,"created":"then","upstream":"https://u","redacted":["cookie","x-key"]}\n'
    lines = b'# c\n{"kind":"note"}\n{"kind":"note"}\n{"kind":"\\u001b[2J"}\n'
    told = inspect([header + lines + b"torn"], source="s")
    assert text.file_lines(told) == [
        "s: 0 exchanges",
        "  recorded then",
        "  from https://u",
        "  redacted: cookie, x-key",
        "  1 comment",
        "  2 lines of unknown kind note",
        "  1 line of unknown kind \\x1b[2J",
        "  cut short: the last line was cut in the middle",
    ]
    salvaged = inspect([header + b"bad\n"], source="s", salvage=True)
    assert text.file_lines(salvaged)[-1].startswith("  salvaged up to s:2: ")


def test_a_plain_answer_has_a_body_and_no_flow() -> None:
    """For what is no event stream: head, size, first words, end."""
    assert words(exchange(status=500, reason="", headers=JSON, chunks=[b'{"a":1}'], end="reset")) == {
        "answer": "HTTP/1.1 500, framing chunked, application/json; charset=utf-8",
        "size": "1 chunk, 7 bytes",
        "TTFB": "100ms",
        "body": '{"a":1}',
        "total": "120ms",
        "end": "connection reset (RST)",
        "verdict": "incomplete",
    }


def test_no_answer_is_said_to_be_none() -> None:
    """Where the server was not reached there is nothing to measure but the time."""
    assert words(exchange(status=0, chunks=(), end="unreachable", end_us=10)) == {
        "answer": "none",
        "size": "0 chunks, 0 bytes",
        "total": "10us",
        "end": "the server could not be reached",
        "verdict": "incomplete",
    }


def test_an_answer_without_content_type_says_so() -> None:
    """A missing content type explains why no events were looked for."""
    assert words(exchange(status=204, reason="No Content", headers=(), framing="none", chunks=()))["answer"] == (
        "HTTP/1.1 204 No Content, framing none, no content type"
    )


def test_an_encoding_that_cannot_be_decoded_is_the_reason_for_no_events() -> None:
    """Bytes without events are explained where the encoding is the cause."""
    told = words(exchange(headers=(*EVENT_STREAM, ("content-encoding", "br")), chunks=[b"\x1b\x03"]))
    assert told["note"] == "no event could be read from a body in br"
    assert "note" not in words(exchange(headers=(*EVENT_STREAM, ("content-encoding", "identity"))))


def test_a_stream_of_one_event_has_no_gaps_to_draw() -> None:
    """The strip is drawn, the histogram is not; without events neither is."""
    single = inspect([as_file(recording(exchange(chunks=frames("a"))))]).exchanges[0]
    assert [caption for caption, _ in text.drawings(single)] == ["events over 120ms"]
    silent = inspect([as_file(recording(exchange(chunks=[b": ping\n\n"])))]).exchanges[0]
    assert text.drawings(silent) == []


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (None, "cut short: the recorder died"),
        ("complete", "complete"),
        ("fin", "closed (FIN) before the body was complete"),
        ("reset", "connection reset (RST)"),
        ("timeout", "the server fell silent and the recorder gave up"),
        ("cancelled", "the client left"),
        ("unreachable", "the server could not be reached"),
        ("protocol_error", "the server broke the protocol"),
        ("h2_reset:CANCEL", "HTTP/2 stream reset (CANCEL)"),
        ("goaway", "the server took the connection back (GOAWAY)"),
        ("eaten\x1b", "eaten\\x1b"),
    ],
)
def test_every_end_has_its_words(cause: str | None, said: str) -> None:
    """Causes of the format are put in words, others are shown as they are, escaped."""
    assert text.ended(cause) == said


def test_a_missing_terminal_event_is_named_where_one_is_due() -> None:
    """Known dialects end with an event; in a generic stream none is missed, but one that came is told of."""
    assert words(exchange(chunks=chat("a")[:-1], end="fin"))["end"] == (
        "closed (FIN) before the body was complete; no terminal event seen"
    )
    assert words(exchange())["end"] == "complete"
    assert words(exchange(chunks=frames("a", "[DONE]")))["end"] == "complete; terminal event seen"


def test_nothing_reaches_a_terminal_unescaped() -> None:
    """Control characters anywhere in a recording are spelt out."""
    evil = "\x1b[2J"
    told = exchange(
        target=f"/{evil}",
        reason=evil,
        headers=(("content-type", evil), ("content-encoding", evil)),
        chunks=[evil.encode()],
        end=Ending(exchange=1, dt_us=0, cause="protocol_error", text=evil),
    )
    header = msgspec.json.encode({"streamsim": 1, "created": evil, "recorder": evil, "redacted": [evil]})
    body = b"".join(as_file(recording(told, told)).splitlines(keepends=True)[1:])
    whole = inspect([header + b"\n" + body], source=evil)
    assert "\x1b" not in text.plain(whole) + text.plain(whole.only(1))


def test_where_all_texts_are_wanted_every_exchange_is_shown_in_detail() -> None:
    """One after the other, each with its texts below; no table."""
    told = as_file(recording(exchange(chunks=chat("a")), exchange(chunks=chat("b\n", "c"))))
    shown = text.plain(inspect([told], source="s", whole=True))
    assert shown.count("\nexchange ") == 2
    assert shown.endswith("\n\n  text\n    b\n    c")
    assert text.HINT not in shown


def test_an_imported_file_says_what_it_does_not_tell() -> None:
    """Of which format it was, and what that lacked, if anything."""
    lacking = inspect([b'{"streamsim":1,"imported":"har","lacks":["times"]}\n'], source="s")
    assert text.file_lines(lacking)[1] == "  imported from har, which does not tell times"
    assert text.file_lines(inspect([b'{"streamsim":1,"imported":"curl-trace"}\n']))[1] == "  imported from curl-trace"
