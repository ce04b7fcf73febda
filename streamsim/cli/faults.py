"""``streamsim faults``: every way to break a stream, with what it takes and how it looks on the wire.

Law: all of it is told by the faults themselves, and every picture is a plan.
"""

from __future__ import annotations

import shutil
import sys
from textwrap import TextWrapper
from typing import TYPE_CHECKING

import click
import msgspec

from streamsim.cli.options import echo_json, json_option
from streamsim.plan import handbook
from streamsim.plan.profile import read_fault
from streamsim.shells import terminal
from streamsim.wire.render import as_data, render, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.plan.faults import Fault

# Where nobody's window says otherwise.
WIDTH = 100

_PLACED = "[at…]"
_HINT = (
    f"{_PLACED}: it takes a place: at_event=N, at_byte=N, at_chunk=N, at=headers, at=first_token or at=terminal.",
    "All take attempt=1 or attempt=1-2, and probability=1/20. Written: NAME:key=value,key=value.",
    "One of them on the wire: streamsim faults NAME",
)


@click.command("faults")
@click.argument("fault", required=False, metavar="[NAME[:KEY=VALUE,…]]")
@json_option
def command(fault: str | None, *, as_json: bool) -> None:
    """List all faults: what each is, what the reader sees, what it takes, and where it really happened.

    With NAME, and parameters if you like, show one on a stream of three events.
    """
    chosen = None if fault is None else read_fault(fault, where="faults")
    if as_json:
        document = {"faults": handbook.entries()} if chosen is None else _data(chosen)
        echo_json(document)
        return
    out = terminal.forgive(sys.stdout)
    width = shutil.get_terminal_size((WIDTH, 0)).columns if out.isatty() else WIDTH
    print("\n".join(_catalogue(width) if chosen is None else _page(chosen, width)), file=out, flush=True)


def _catalogue(width: int) -> Iterator[str]:
    group = ""
    for entry in handbook.entries():
        if entry.group != group:
            group = entry.group
            yield from (group, "")
        yield f"  {' '.join([entry.name, *_taken(entry)])}"
        yield _wrapped(entry.title, width, "      ")
        yield from _seen(entry, width, "      ")
        yield ""
    yield from (_wrapped(line, width) for line in _HINT)


def _taken(entry: handbook.Entry) -> list[str]:
    own = [f"{told.name}={told.default}" if told.default else told.name for told in entry.parameters]
    return [_PLACED, *own] if entry.placed else own


def _seen(entry: handbook.Entry, width: int, indent: str) -> Iterator[str]:
    yield _wrapped(f"sees: {entry.sees}", width, indent, hang=6)
    if entry.incidents:
        yield _wrapped(f"seen: {', '.join(entry.incidents)}", width, indent, hang=6)


def _page(fault: Fault, width: int) -> Iterator[str]:
    entry = handbook.entry(fault)
    yield f"{entry.name}: {entry.title}"
    for paragraph in entry.text.split("\n\n"):
        yield from ("", _wrapped(paragraph, width, "  "))
    yield from ("", *_seen(entry, width, "  "), "")
    taken = [(told, f"{told.name}={told.default}" if told.default else told.name) for told in _parameters(entry)]
    widest = max(len(spelt) for _, spelt in taken) + 2
    for told, spelt in taken:
        yield _wrapped(f"{spelt:<{widest}}{told.meaning}", width, "  ", hang=widest)
    plan = handbook.picture(fault)
    (outcome,) = plan.faults
    yield from ("", f"{visible(outcome.fault)} on a stream of three events: {outcome.outcome}", "")
    yield from handbook.shortened(render(plan.timeline, width=width).split("\n"))


def _parameters(entry: handbook.Entry) -> list[handbook.Parameter]:
    """Return all that the fault takes: its own, a place if it takes one, and what all faults take."""
    always, places = handbook.common()
    return [*entry.parameters, *(places if entry.placed else ()), *always]


def _wrapped(text: str, width: int, indent: str = "", hang: int = 0) -> str:
    """Return ``text`` in lines, as plain as a terminal shows it."""
    lines = TextWrapper(
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return lines.fill(text.replace("`", ""))


def _data(fault: Fault) -> dict[str, object]:
    plan = handbook.picture(fault)
    (told,) = plan.faults
    return {
        **msgspec.to_builtins(handbook.entry(fault)),
        "fault": told.fault,
        "outcome": told.outcome,
        "timeline": as_data(plan.timeline),
    }
