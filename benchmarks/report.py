"""What a run gave, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.goals import Outcome
from benchmarks.rows import Row
from streamsim.clock.drivers.realtime import wall_clock

PACKAGES = ("streamsim", "msgspec", "httptools", "click", "prometheus-client", "httpx-sse")

_ARROWS = {"lower": "↓", "higher": "↑", "": ""}
_GOALS_HEAD = "| goal | bar | measured | |\n|---|---:|---:|---|"
_LEGEND = (
    "Each number is the median of the rounds (smallest … largest). A ratio is streamsim ÷ the other, the median of the "
    "rounds' ratios. ↓ marks what is better when lower, ↑ when higher. What must hold is checked: a run in which it "
    "does not ends with exit code 1. Absolute numbers depend on what else the machine was doing: compare inside a row."
)
_HEAD = "| case | measured | ratio | streamsim | against | theirs |\n|---|---|---:|---:|---|---:|"


class Machine(msgspec.Struct, frozen=True):
    """Where a run took place."""

    system: str
    processor: str
    cores: int
    load_before: float
    load_after: float


class Section(msgspec.Struct, frozen=True):
    """One shape: its docstring, its rows, and what became of its goals."""

    name: str
    about: str
    rows: tuple[Row, ...]
    goals: tuple[Outcome, ...] = ()
    failed: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run; ``samples`` is the file beside its page that holds it as data, if there is one."""

    date: str
    command: str
    rounds: int
    versions: dict[str, str]
    machine: Machine
    sections: tuple[Section, ...]
    samples: str = ""

    @property
    def broken(self) -> list[str]:
        """What should hold and does not."""
        told = ((section, row) for section in self.sections for row in section.rows)
        broken = [f"{section.name}: {row.case}: {row.metric.name}" for section, row in told if row.holds is False]
        return broken + [f"{section.name}: {section.failed}" for section in self.sections if section.failed]


def load_average() -> float:
    """Return how many processes wanted to run in the last minute, on average."""
    return round(os.getloadavg()[0], 2)


def machine(load_before: float) -> Machine:
    """Return this machine."""
    return Machine(
        f"{platform.system()} {platform.release()}", _processor(), os.cpu_count() or 0, load_before, load_average()
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    named = [line for line in told.read_text().splitlines() if line.startswith("model name")] if told.exists() else []
    return named[0].partition(":")[2].strip() if named else platform.machine()


def versions(met: dict[str, str]) -> dict[str, str]:
    """Return what was measured, and with what; ``met`` are those of others that took part."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    try:
        told = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=False).stdout
        found["gcc"] = told.strip() or "unknown"
    except FileNotFoundError:
        found["gcc"] = "not installed"
    return {**found, **dict(sorted(met.items(), key=lambda each: each[0].lower()))}


def today() -> str:
    """Return the date."""
    return wall_clock()[:10]


def number(value: float) -> str:
    """Return ``value`` with three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.4f}"


def _spread(values: tuple[float, ...], unit: str) -> str:
    if not values:
        return ""
    told = f"{number(median(values))} {unit}".rstrip()
    low, high = number(min(values)), number(max(values))
    return told if low == high else f"{told} ({low} … {high})"


def line(row: Row) -> str:
    """Return ``row`` as a line of the table."""
    case = f"{row.case} ({row.note})" if row.note else row.case
    if row.skipped:
        return f"| {case} | skipped: {_one_line(row.skipped)} | | | {row.peer} | |"
    metric = row.metric
    measured = f"{metric.name} {_ARROWS[metric.better]}".rstrip()
    ratio = "" if row.ratio is None else f"**{number(row.ratio)}**"
    ours = _spread(row.ours, metric.unit)
    if row.holds is not None:
        ours += f"<br>{_law(row)}"
    return f"| {case} | {measured} | {ratio} | {ours} | {row.peer} | {_spread(row.theirs, metric.unit)} |"


def _law(row: Row) -> str:
    low, high = row.metric.low, row.metric.high
    bounds = [(sign, bound) for sign, bound in (("≥", low), ("≤", high)) if bound is not None]
    return f"{', '.join(f'{sign} {number(bound)}' for sign, bound in bounds)}: {'holds' if row.holds else '**BROKEN**'}"


def page(report: Report) -> str:
    """Return the whole report as Markdown."""
    told = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    load = f"load average {told.load_before} before and {told.load_after} after"
    head = [
        "# Performance",
        f"Measured on {report.date} by `{report.command}`: all in one run, {report.rounds} interleaved rounds.",
        *([f"[`{report.samples}`]({report.samples}) holds every sample."] if report.samples else []),
        f"Machine: {told.processor}, {told.cores} cores, {told.system}; {load}. Versions: {versions}.",
    ]
    return (
        "\n\n".join([*head, *_goals(report), "## How to read the tables", _LEGEND, *map(_section, report.sections)])
        + "\n"
    )


def _goals(report: Report) -> list[str]:
    """Return the goals of all sections as a table, and what is to say of those that were missed."""
    outcomes = [outcome for section in report.sections for outcome in section.goals]
    if not outcomes:
        return []
    met = sum(outcome.met is True for outcome in outcomes)
    table = "\n".join([_GOALS_HEAD, *map(goal_line, outcomes)])
    missing: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.met is False and outcome.goal.limit:
            missing.setdefault(outcome.goal.limit, []).append(f"*{outcome.goal.says}*")
    limits = [f"- {', '.join(goals)}: {limit}" for limit, goals in missing.items()]
    missed = ["What limits those that are missed, and what was tried:", "\n".join(limits)] if limits else []
    return ["## Goals", f"{met} of {len(outcomes)} are met.", table, *missed]


def goal_line(outcome: Outcome) -> str:
    """Return a goal as a line of the table."""
    goal = outcome.goal
    unit = f" {goal.unit}".rstrip() if goal.of in {"ours", "theirs"} else ""
    bounds = [(sign, bound) for sign, bound in (("≥", goal.least), ("≤", goal.most)) if bound is not None]
    bar = ", ".join(f"{sign} {number(bound)}{unit}" for sign, bound in bounds)
    measured = "" if outcome.measured is None else f"{number(outcome.measured)}{unit}"
    case = f" ({goal.cases[0]})" if len(goal.cases) == 1 else ""
    return f"| {goal.says}{case} | {bar} | {measured} | {_verdict(outcome)} |"


def _verdict(outcome: Outcome) -> str:
    told = {True: "met", False: "**missed**", None: "not measured"}[outcome.met]
    if outcome.short is not None:
        told += f" by {number(100 * (outcome.short - 1))} %"
    return f"{told}; without {_one_line(outcome.missing)}" if outcome.missing else told


def _one_line(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:200]


def _section(section: Section) -> str:
    failed = ["", f"**It could not be measured to the end**: {_one_line(section.failed)}"] if section.failed else []
    return "\n".join([f"## {section.name}", "", section.about.strip(), *failed, "", _HEAD, *map(line, section.rows)])
