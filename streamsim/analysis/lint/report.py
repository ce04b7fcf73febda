"""What linting finds: plain data, which is also the JSON.

The laws: of a rule that is broken often the first place is told, and how often; what a message cites of a stream is
escaped, so that it can be printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec

from streamsim.analysis.lint.rules import Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterable

Outcome: TypeAlias = Literal["complete", "truncated", "failed", "broken", "cancelled", "no stream"]


class Place(NamedTuple):
    """Where in a body, decoded from its content encoding.

    Attributes:
        event: Index of the event, from 0 on; within a block that dispatches none, of the next one.
        line: From 1 on; None where the body has no lines.
        byte: Where the line, block or frame begins, from 0 on.

    """

    event: int | None = None
    line: int | None = None
    byte: int | None = None


NOWHERE = Place()


class Hit(NamedTuple):
    """A rule is broken; ``message`` "" stands for what the rule says in general."""

    rule: str
    message: str = ""
    place: Place = NOWHERE


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong.

    Attributes:
        rule: The rule's name.
        severity: ``error``, ``warning`` or ``note``.
        message: What is wrong, in one line.
        remedy: What to do.
        source: Who says so.
        event, line, byte: The first place; None for what is of the answer as a whole.
        times: How often the rule is broken.

    """

    rule: str
    severity: Severity
    message: str
    remedy: str
    source: str
    event: int | None = None
    line: int | None = None
    byte: int | None = None
    times: int = 1


class ExchangeLint(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange.

    Attributes:
        exchange: Its number.
        method, target: Of the request.
        status: Of the response; None where none came.
        dialect: Whose protocol; "" for what is no stream.
        events: How many events.
        cause: How the exchange ended, as recorded; None when the recorder saw no end.
        verdict: What became of the stream.
        why: What is missing, or went wrong, in one line; "" for what is complete.
        findings: The gravest first.

    """

    exchange: int
    method: str
    target: str
    status: int | None
    dialect: str
    events: int
    cause: str | None
    verdict: Outcome
    why: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing falls short."""
        graves = any(finding.severity == "error" for finding in self.findings)
        return not graves and self.verdict not in ("truncated", "broken")


class Lint(msgspec.Struct, frozen=True, kw_only=True):
    """One recording, body, or answer of a server.

    Attributes:
        source: The file or URL.
        passed: Whether nothing falls short: no error, nothing truncated or broken.
        errors, warnings, notes: How many findings there are of each.
        exchanges: In the order of their requests.

    """

    source: str
    passed: bool
    errors: int
    warnings: int
    notes: int
    exchanges: tuple[ExchangeLint, ...]


_GRAVITY: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def findings(hits: Iterable[Hit], graver: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return one finding for each rule that is broken; those of ``graver`` are errors here."""
    graver = frozenset(graver)
    first: dict[str, Hit] = {}
    times: dict[str, int] = {}
    for hit in hits:
        first.setdefault(hit.rule, hit)
        times[hit.rule] = times.get(hit.rule, 0) + 1
    found = [_finding(hit, times[name], graver=name in graver) for name, hit in first.items()]
    return tuple(sorted(found, key=lambda finding: _GRAVITY[finding.severity]))


def _finding(hit: Hit, times: int, *, graver: bool) -> Finding:
    told = rule(hit.rule)
    return Finding(
        rule=hit.rule,
        severity="error" if graver else told.severity,
        message=hit.message or told.what,
        remedy=told.remedy,
        source=told.source,
        event=hit.place.event,
        line=hit.place.line,
        byte=hit.place.byte,
        times=times,
    )


def summed(source: str, exchanges: tuple[ExchangeLint, ...]) -> Lint:
    """Return the report on all of ``exchanges``."""
    graves = [finding.severity for one in exchanges for finding in one.findings]
    return Lint(
        source=source,
        passed=all(one.passed for one in exchanges),
        errors=graves.count("error"),
        warnings=graves.count("warning"),
        notes=graves.count("note"),
        exchanges=exchanges,
    )
