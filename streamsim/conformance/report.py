"""Findings in words, and as tests to paste.

Law: what stands in a report is enough to see the bug without running anything, and to run it without reading anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamsim.conformance.features import NAMES, feature
from streamsim.conformance.isolation import END, MEANWHILE
from streamsim.conformance.reconnection import RULE as RECONNECT
from streamsim.conformance.rules import rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.conformance.finding import Finding
    from streamsim.conformance.reading import Seen


def report(name: str, findings: Sequence[Finding], tried: str) -> str:
    """Return everything there is to say about ``findings`` in the parser ``name``."""
    broken = [each for each in findings if each.label != "by design"]
    heading = f"{name} breaks {_count(len(broken))} ({tried})"
    return "\n\n".join([heading, *(described(number, each) for number, each in enumerate(broken, start=1))])


def described(number: int, finding: Finding) -> str:
    """Return one finding with its example and its test."""
    kept = rule(finding.rule)
    lines = [f"{number}. {kept.name} (section {kept.section}): {kept.law}  [{finding.label}]"]
    says = [feature(name).says for name in finding.features if name in NAMES]
    if says:
        lines.append(f"   with: {'; '.join(says)}")
    lines.append(f"   {finding.what}")
    if finding.also:
        lines.append(f"   so it is with: {'; '.join(feature(name).says for name in finding.also if name in NAMES)}")
    if finding.before:
        other = "the stream before" if finding.rule == RECONNECT else "the other instance"
        lines.append(f"   {other}: {_listed(finding.before)}")
    if finding.shape:
        lines.append(f"   shape: {finding.shape}, {finding.size} bytes")
    else:
        lines.append(f"   fed:      {_listed(finding.chunks)}")
        lines.append(f"   expected: {_events(finding.expected)}")
        lines.append(f"   got:      {_events(finding.got)}")
    lines += ["", *(f"       {line}" for line in pytest_source(finding).splitlines())]
    return "\n".join(lines)


def pytest_source(finding: Finding) -> str:
    """Return a test; ``parse`` is the parser, as it was given to `check_parser`."""
    name = re.sub(r"\W+", "_", f"{finding.rule} {' '.join(finding.features[-1:])}").strip("_")
    if not finding.direct:
        return f"def test_{name}():\n    check_parser(parse, rules=[{finding.rule!r}])\n"
    lines = [f"def test_{name}():", f'    """{rule(finding.rule).law[0].upper()}{rule(finding.rule).law[1:]}."""']
    lines += ["    target = adapt(parse)", *(f"    {line}" for line in reading_it(finding))]
    return "\n".join([*lines, ""])


def reading_it(finding: Finding) -> list[str]:
    """Return the lines of a test in which ``target`` reads the example, and gives what is expected."""
    before, chunks = _spelt(finding.before), _spelt(finding.chunks)
    lines = [f"target.read({before})"] if finding.before else []
    lines.append(f"reading = target.read({chunks})")
    if finding.rule == RECONNECT:
        lines = [f"reading = target.read_on({before}, {chunks})"]
    elif MEANWHILE in finding.what:
        lines = [f"_, reading = target.read_within({_spelt((*finding.before, END))}, {chunks}, 1)"]
    fields = _fields((*finding.expected, *finding.got))
    return [
        *lines,
        'assert (reading.error, reading.hung) == ("", False)',
        f"assert [{_picked(fields)} for event in reading.events] == [",
        *(f"    {_values(each, fields)}," for each in finding.expected),
        "]",
    ]


def _fields(events: Sequence[Seen]) -> list[str]:
    return [
        "data",
        *(name for name in ("type", "id", "retry") if any(getattr(each, name) is not None for each in events)),
    ]


def _picked(fields: Sequence[str]) -> str:
    return f"({', '.join(f'event.{name}' for name in fields)},)"


def _values(event: Seen, fields: Sequence[str]) -> str:
    return f"({', '.join(ascii(getattr(event, name)) for name in fields)},)"


def _listed(chunks: Sequence[bytes]) -> str:
    return ", ".join(map(spelt, chunks)) or "nothing"


def _spelt(chunks: Sequence[bytes]) -> str:
    return f"[{', '.join(map(spelt, chunks))}]"


def spelt(data: bytes) -> str:
    """Return ``data`` in Python, with the length of long runs of one byte instead of the runs."""
    parts: list[str] = []
    done = 0
    for run in _RUN.finditer(data):
        parts += [repr(data[done : run.start()]), f"{run[1]!r} * {len(run[0])}"]
        done = run.end()
    return " + ".join([*parts, repr(data[done:])])


_RUN: Final = re.compile(rb"(.)\1{39,}", re.DOTALL)


def _events(events: Sequence[Seen]) -> str:
    return ", ".join(map(_event, events)) or "nothing"


def _event(event: Seen) -> str:
    told = [ascii(event.data)]
    if event.type not in (None, "message"):
        told.append(f"type={event.type!a}")
    if event.id:
        told.append(f"id={event.id!a}")
    if event.retry is not None:
        told.append(f"retry={event.retry!a}")
    return f"({', '.join(told)})"


def _count(number: int) -> str:
    return "1 rule" if number == 1 else f"rules in {number} ways"
