"""What holds for all recordings, however broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamsim.analysis.lint import lint
from streamsim.analysis.lint.rules import RULES
from streamsim.analysis.lint.text import plain
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Say, Text, ToolCall
from streamsim.rng import Rng
from tests.analysis.lint.linted import GOOD, one
from tests.analysis.lint.test_blocks import BODIES
from tests.builders import chat, exchange, recording

TYPES = st.sampled_from(
    [
        *("text/event-stream", "application/x-ndjson", "application/json", "application/vnd.amazon.eventstream"),
        *("text/plain", "", "text/event-stream; charset=x"),
    ]
)
CAUSES = st.sampled_from(
    ["complete", "fin", "reset", "timeout", "cancelled", "protocol_error", "goaway", "h2_reset:8", None]
)


@given(
    st.lists(st.one_of(BODIES, st.sampled_from(chat("a", "b"))), max_size=4),
    TYPES,
    CAUSES,
    st.sampled_from([200, 206, 400]),
    st.sampled_from([None, "generic", *BY_NAME]),
)
def test_any_bytes_can_be_linted(
    chunks: list[bytes], kind: str, cause: str | None, status: int, dialect: str | None
) -> None:
    """Nothing raises, every rule is known by name, and what is truncated or broken never passes."""
    headers = (("content-type", kind),) if kind else ()
    told = exchange(chunks=[chunk for chunk in chunks if chunk], headers=headers, end=cause, status=status)
    report = lint(recording(told), dialect=dialect)
    (found,) = report.exchanges
    assert {finding.rule for finding in found.findings} <= set(RULES)
    assert plain(report).isprintable() or "\n" in plain(report)
    if found.verdict in ("truncated", "broken"):
        assert any(finding.severity == "error" for finding in found.findings)
        assert found.why


@given(st.integers(0, 2**32), st.text(min_size=1, max_size=40))
def test_what_we_write_ourselves_is_clean(seed: int, text: str) -> None:
    """Each dialect that is written lints as complete and breaks no rule, whatever is said."""
    say = Say((Text(text), ToolCall("look", '{"at":"it"}')))
    for dialect in BY_NAME.values():
        writer = dialect.writer
        if writer is None:
            continue
        dice = Rng(seed, "lint", dialect.name)
        headers = (*writer.headers(dice, stream=True), *GOOD[1:])
        chunks = [written.data for written in writer.write(say, dice)]
        report = one(exchange(chunks=chunks, headers=headers), dialect=dialect.name)
        grave = [finding for finding in report.findings if finding.severity != "note"]
        assert (report.verdict, grave) == ("complete", []), dialect.name
