"""What came of asking: what a client handed over, compared with what it hands over without a fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES, NOWHERE = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
Kind: TypeAlias = Literal["complete", "silent", "exception", "hang", "absent"]
Call: TypeAlias = tuple[str, str]  # a tool's name and its arguments

_LINE_ENDS = dict.fromkeys(map(ord, "\u2028\u2029\u0085\x0b\x0c"))  # a fault adds them to the text, which is then right


class Observation(msgspec.Struct, frozen=True):
    """What a driver saw: events handed over, their text, the reason to finish, tool calls, and how it ended."""

    events: int
    text: str
    finish: str | None = None
    hung: bool = False
    error: str | None = None
    status: int | None = None
    unhandled: bool = False
    calls: tuple[Call, ...] = ()


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell of the table.

    Attributes:
        kind: ``complete``: no error, the same text, calls and finish; ``silent``: no error, and one of them differs;
            ``exception``; ``hang``: still waiting when time was up; ``absent``: the fault has no place in this stream.
        requests: How many HTTP requests the server saw.
        events, of: How many events the client handed over, with the fault and without.
        text: ``same``, ``cut`` (a beginning of it), ``none``, or ``other``.
        calls: What of the tool calls is not as without the fault; empty where all is.
        finished: Whether the reason to finish was handed over; ``finish``: which other one was.
        error: Name of the exception; ``status``: the HTTP status that it carries.
        unhandled: A promise was rejected with nobody to hear it, which ends a Node program.
        why: Why the cell is ``absent``.

    """

    kind: Kind
    requests: int = 0
    events: int = 0
    of: int = 0
    text: str = ""
    finished: bool = False
    error: str = ""
    status: int | None = None
    unhandled: bool = False
    why: str = ""
    calls: str = ""
    finish: str = ""


def classify(seen: Observation, without: Observation, requests: int) -> Outcome:
    """Return what came of a fault, ``without`` being what the same client sees where there is none."""
    text, finished = _text(seen.text, without.text), seen.finish == without.finish
    calls = _calls(seen.calls, without.calls)
    kind: Kind = "complete" if text == "same" and finished and not calls else "silent"
    if seen.error is not None:
        kind = "exception"
    if seen.hung:
        kind = "hang"
    return Outcome(
        kind=kind,
        requests=requests,
        events=seen.events,
        of=without.events,
        text=text,
        finished=finished,
        error=seen.error or "",
        status=seen.status,
        unhandled=seen.unhandled,
        calls=calls,
        finish="" if finished else seen.finish or "",
    )


def _text(seen: str, without: str) -> str:
    seen = seen.translate(_LINE_ENDS)
    if seen == without:
        return "same"
    if not seen:
        return "none"
    return "cut" if without.startswith(seen) else "other"


def _calls(seen: Sequence[Call], without: Sequence[Call]) -> str:
    """Return what of the tool calls differs: their number, their names, whether arguments are JSON, and which."""
    if not seen and without:
        return "no calls"
    found: list[str] = []
    if len(seen) != len(without):
        found.append("fewer calls" if len(seen) < len(without) else "more calls")
    if {name for name, _ in seen} - {name for name, _ in without}:
        found.append("other names")
    if any(_read(arguments) is None for _, arguments in seen):
        found.append("broken arguments")
    if not found and [(name, _read(told)) for name, told in seen] != [(name, _read(told)) for name, told in without]:
        found.append("other arguments")
    return ", ".join(found)


def _read(arguments: str) -> dict[str, object] | None:
    try:
        told = json.loads(arguments)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def cell(outcome: Outcome, package: str = "") -> str:
    """Return an outcome as it stands in the table; the name of the client's own package is left out."""
    if outcome.kind == "absent":
        return NOWHERE
    told = {"complete": _complete, "silent": _silent, "exception": _exception, "hang": _hang}[outcome.kind](outcome)
    if package and outcome.error.startswith(f"{package}."):
        told = told.replace(f"{package}.", "", 1)
    more = f" {TIMES}{outcome.requests}" if outcome.requests > 1 else ""
    return told + more + (" ⚠" if outcome.unhandled else "")


def _complete(outcome: Outcome) -> str:
    more = outcome.events - outcome.of
    return f"ok ({more:+d})" if more else "ok"


def _silent(outcome: Outcome) -> str:
    return f"**silent**: {lacking(outcome)} {_count(outcome)}".rstrip()


def lacking(outcome: Outcome) -> str:
    """Return what a silent outcome is not: the first of text, tool calls and reason to finish that differs."""
    nothing = "no text" if outcome.events else "nothing"
    text = {"same": "", "none": nothing, "cut": "cut", "other": "other text"}[outcome.text]
    finish = "other finish" if outcome.finish else "no finish"
    return text or outcome.calls or finish


def _exception(outcome: Outcome) -> str:
    status = f" ({outcome.status})" if outcome.status is not None else ""
    return f"`{outcome.error}`{status} {_count(outcome)}".rstrip()


def _hang(outcome: Outcome) -> str:
    return f"**hang** {_count(outcome)}".rstrip()


def _count(outcome: Outcome) -> str:
    """Return how many events came, if any did."""
    return f"{outcome.events}/{outcome.of}" if outcome.events else ""
