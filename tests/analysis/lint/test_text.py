"""The report in words is pinned: people read it."""

from __future__ import annotations

from streamsim.analysis.lint import lint
from streamsim.analysis.lint.text import plain
from tests.analysis.lint.linted import GOOD
from tests.builders import chat, exchange, recording

REPORT = """\
session.jsonl: 3 exchanges, 2 errors, 1 warning, 1 note

exchange 1: POST /v1/chat/completions
  dialect  openai-chat, 5 events
  verdict  complete

exchange 2: POST /\\x1b[2J
  dialect  openai-chat, 1 event
  verdict  truncated: choice 0 has no finish_reason; the stream ends without [DONE]
  error    finish_missing: choice 0 has no finish_reason
           tell why each choice ended (all dialects)
  error    missing_done: the stream ends without [DONE]
           send data: [DONE] last (OpenAI Chat and its variations)
  warning  unknown_field at event 1, line 3, byte 139: no field is called '\\x1b[2J': readers ignore the line (2 times)
           mend the name, or begin the line with a colon to make it a comment (HTML 9.2.6)

exchange 3: POST /v1/chat/completions
  verdict  no stream: the body is no stream of events
  note     not_a_stream: the body is no stream of events; where a stream was asked for, an error
           ask for a stream, and answer with content-type: text/event-stream (HTML 9.2.3)"""


def test_a_report_is_plain_text() -> None:
    """A heading, then each exchange with its verdict and findings; nothing a terminal would obey."""
    told = recording(
        exchange(chunks=chat("a", "b"), headers=GOOD),
        exchange(chunks=[chat()[0], b"\x1b[2J\n\x1b[2J\n\n"], headers=GOOD, target="/\x1b[2J"),
        exchange(headers=(), chunks=[b"hello"]),
    )
    assert plain(lint(told)) == REPORT
