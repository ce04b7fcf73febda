"""What was found, in words: stable lines, one exchange after the other.

The law: nothing from a recording reaches a terminal unescaped; messages are escaped already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.analysis.text import counted
from streamsim.wire.render import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.analysis.lint.report import ExchangeLint, Finding, Lint


def plain(lint: Lint) -> str:
    """Return the report as lines."""
    parts = [counted(len(lint.exchanges), "exchange")]
    graves = (("error", lint.errors), ("warning", lint.warnings), ("note", lint.notes))
    parts += [counted(count, noun) for noun, count in graves if count]
    lines = [f"{visible(lint.source)}: {', '.join(parts)}"]
    for exchange in lint.exchanges:
        lines += ["", *_exchange(exchange)]
    return "\n".join(lines)


def _exchange(told: ExchangeLint) -> Iterator[str]:
    yield f"exchange {told.exchange}: {visible(told.method)} {visible(told.target)}"
    if told.dialect:
        yield f"  dialect  {told.dialect}, {counted(told.events, 'event')}"
    yield f"  verdict  {told.verdict}{': ' * bool(told.why)}{told.why}"
    for finding in told.findings:
        yield from _finding(finding)


def _finding(found: Finding) -> Iterator[str]:
    again = f" ({found.times} times)" if found.times > 1 else ""
    yield f"  {found.severity:<7}  {found.rule}{_place(found)}: {found.message}{again}"
    yield f"           {found.remedy} ({found.source})"


def _place(found: Finding) -> str:
    places = (("event", found.event), ("line", found.line), ("byte", found.byte))
    told = [f"{noun} {number}" for noun, number in places if number is not None]
    return f" at {', '.join(told)}" if told else ""
