"""Linting in one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.analysis.lint import lint
from streamsim.analysis.lint.blocks import Scan
from tests.builders import exchange, recording

if TYPE_CHECKING:
    from streamsim.analysis.lint import ExchangeLint, Finding
    from streamsim.analysis.lint.report import Hit
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers

GOOD: Headers = (("content-type", "text/event-stream"), ("cache-control", "no-cache"))


def one(told: Exchange | None = None, *, dialect: str | None = None, stream: bool = False) -> ExchangeLint:
    """Return the report on ``told``, alone in its recording; on a good answer if none is given."""
    found = lint(recording(told or exchange(headers=GOOD)), dialect=dialect, stream=stream)
    return found.exchanges[0]


def streamed(*chunks: bytes, headers: Headers = GOOD, end: str | None = "complete") -> ExchangeLint:
    """Return the report on an event stream in these chunks."""
    return one(exchange(chunks=chunks, headers=headers, end=end))


def graves(report: ExchangeLint) -> dict[str, str]:
    """Return the rules that are broken, and how grave each is."""
    return {finding.rule: finding.severity for finding in report.findings}


def finding(report: ExchangeLint, rule: str) -> Finding:
    """Return what was found of one rule."""
    (found,) = [finding for finding in report.findings if finding.rule == rule]
    return found


def hits(body: bytes) -> list[Hit]:
    """Return what is wrong with the lines of an event stream."""
    return Scan(body).hits
