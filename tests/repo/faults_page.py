"""The generated parts of docs/reference/faults.md.

The page itself is written by hand; what stands between its marks comes from the catalogue. After a change there, write
these parts anew:

    python -m tests.repo.faults_page
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamsim.plan import handbook
from streamsim.plan.faults import parse_fault
from streamsim.wire.render import render
from tests.repo.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.plan.planner import Plan

PAGE = ROOT / "docs" / "reference" / "faults.md"
WIDTH = 160

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_THREAD = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")


def generated(page: str) -> str:
    """Return ``page`` with its parts as the catalogue has them now."""
    parts = {"sample": _sample, "common": _common, "catalogue": _catalogue}
    return _PART.sub(lambda found: "\n".join((found[1], *parts[found[2]](), found[3])), page)


def _sample() -> Iterator[str]:
    yield from _picture(handbook.sample())


def _common() -> Iterator[str]:
    always, places = handbook.common()
    yield from _table((*places, *always))


def _catalogue() -> Iterator[str]:
    group = ""
    for entry in handbook.entries():
        if entry.group != group:
            group = entry.group
            yield from (f"## {group}", "")
        yield from _entry(entry)


def _entry(entry: handbook.Entry) -> Iterator[str]:
    yield from (f"### {entry.name}", "", f"**{entry.title}**", "", entry.text, "")
    yield from (f"The reader sees: {entry.sees}.", "")
    if entry.parameters:
        yield from _table(entry.parameters)
    taken = "Takes [a place](#where)." if entry.placed else "Takes no place."
    seen = f" Seen in {', '.join(map(_linked, entry.incidents))}." if entry.incidents else ""
    yield from (taken + seen, "")
    yield from _picture(handbook.picture(parse_fault(entry.name)))


def _table(parameters: Iterable[handbook.Parameter]) -> Iterator[str]:
    yield from ("| parameter | default | meaning |", "|---|---|---|")
    for told in parameters:
        default = f"`{told.default}`" if told.default else ""
        yield f"| `{told.name}` | {default} | {told.meaning} |"
    yield ""


def _linked(thread: str) -> str:
    found = _THREAD.fullmatch(thread)
    return f"[{thread}](https://github.com/{found[1]}/issues/{found[2]})" if found else thread


def _picture(plan: Plan) -> Iterator[str]:
    yield from ("```text", *handbook.shortened(render(plan.timeline, width=WIDTH).split("\n")), "```", "")


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
