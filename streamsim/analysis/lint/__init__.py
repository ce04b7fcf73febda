"""Linting: recorded answers against what HTTP, HTML and their dialects ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.analysis.lint.judge import Wanted, dialect_named, judge
from streamsim.analysis.lint.report import ExchangeLint, Finding, Lint, summed
from streamsim.analysis.survey import header_of
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

__all__ = ["ExchangeLint", "Finding", "Lint", "lint"]


def lint(
    recording: Recording, *, dialect: str | None = None, stream: bool = False, exchange: int | None = None
) -> Lint:
    """Return what falls short in the answers of ``recording``.

    Args:
        recording: What was recorded.
        dialect: The dialect that all of them have to speak; None: whichever each shows.
        stream: They have to be streams.
        exchange: Only this one.

    Raises:
        UsageError: There is no such dialect.
        RecordingError: There is no such exchange.

    """
    asked = None if dialect is None else dialect_named(dialect)
    if dialect is not None and asked is None:
        known = ", ".join(sorted((*BY_NAME, GENERIC.name)))
        raise UsageError("--dialect", f"no dialect is called {dialect!r}", f"known are {known}")
    header = header_of(recording.header)
    wanted = Wanted(asked, stream, header.lacks, header.upstream)
    chosen = recording.exchanges if exchange is None else (recording.exchange(exchange),)
    return summed(recording.source, tuple(judge(one, wanted) for one in chosen))
