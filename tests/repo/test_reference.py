"""The reference pages and the code say the same."""

from __future__ import annotations

import re
from typing import get_args

import click
import msgspec
import pytest

from streamsim.cli import COMMANDS, cli
from streamsim.engine import overrides
from streamsim.engine.claims import PACES, STARTS
from streamsim.engine.contents import Portion
from streamsim.engine.core import Engine
from streamsim.engine.requests import Limits
from streamsim.engine.trace import Trace
from streamsim.plan.planner import Planner
from streamsim.recording.model import Cause, Header, Line
from streamsim.shells.memory import MemoryClient
from tests.builders import recording
from tests.repo.tree import ROOT, name

REFERENCE = ROOT / "docs" / "reference"


def page(title: str) -> str:
    return (REFERENCE / title).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return what stands under the heading ``title``, up to the next heading of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}$\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {title!r}"
    return found[2]


def rows(command: click.Command) -> list[str]:
    """Return the table rows that describe the options of ``command``."""
    found: list[str] = []
    for option in command.params:
        if isinstance(option, click.Option):
            names = ", ".join(f"`{spelt}`" for spelt in option.opts)
            value = "" if option.is_flag else f"`{_value(option)}`"
            default = f"`{option.default}`" if option.show_default and option.default is not None else ""
            found.append(f"| {names} | {value} | {default} | {option.help} |")
    return found


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(map(str, option.type.choices))
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.IntRange):
        return f"N ({option.type.min} to {option.type.max})" if option.type.max else f"N (from {option.type.min})"
    return option.type.name.upper()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_page_has_every_option(command: str) -> None:
    """The tables of options are what ``--help`` says: names, values, defaults and help."""
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    told = section(page("command-line.md"), f"streamsim {command}")
    table = [line.replace("\\|", "|") for line in told.splitlines() if line.startswith("| `")]
    assert table == rows(found), "write in docs/reference/command-line.md:\n" + "\n".join(rows(found))


def test_every_command_is_in_the_readme() -> None:
    """A newcomer hears of every command."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"streamsim {command}" not in text] == []


def test_the_http_page_has_every_header_and_limit() -> None:
    """Each header that a request may carry, and each limit with its value, is described."""
    text = page("http-interface.md")
    assert [known for known in overrides._KNOWN if f"`x-streamsim-{known}`" not in text] == []
    limits = Limits()
    assert f"{limits.head_bytes >> 10} KiB" in text
    assert f"{limits.request_bytes >> 20} MiB" in text
    for time_ns in (limits.request_ns, limits.idle_ns, limits.stuck_ns):
        assert f"{time_ns // 1_000_000_000} s" in text


def test_the_trace_page_has_every_key() -> None:
    """Each key of a trace, also of one whose client left, is described."""
    engine = Engine([Planner(recording())])
    client = MemoryClient(engine)
    client.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    client.leave()
    (trace,) = engine.journal
    text = page("trace.md")
    assert trace.outcome == "client left"
    assert [key for key in trace.as_json() if f"`{key}`" not in text] == []


def test_the_trace_page_has_every_feeling() -> None:
    """Each word that `assert_feels` knows stands in a row with its bounds."""
    text = page("trace.md")
    rows_of = [(STARTS, "TTFT"), (PACES, "median ITL")]
    wanted = [f"| `{word}` | {of} | {bounds} |" for table, of in rows_of for word, bounds in table.items()]
    assert [row for row in wanted if row not in text] == []


def test_the_trace_page_has_all_that_a_test_may_ask() -> None:
    """Each public name of a trace, of a portion and of a list of durations is described."""
    text = page("trace.md")
    names = [name for name in vars(Trace) if not name.startswith("_") and name not in ("name", "shrink")]
    assert [name for name in (*names, *Portion.__struct_fields__) if f"`{name}" not in text] == []
    assert [name for name in ("ns", "median", "p99", "longest", "percentile") if f"itl.{name}" not in text] == []


@pytest.mark.parametrize("line", [Header, *get_args(Line)], ids=lambda line: str(line.__name__))
def test_the_format_page_has_every_key(line: type[msgspec.Struct]) -> None:
    """Each kind of line has a section, and a row for each of its keys."""
    tag = line.__struct_config__.tag
    told = section(page("recording-format.md"), f"{tag} lines" if tag else "The header line")
    keys = [field.encode_name for field in msgspec.structs.fields(line)]
    assert [key for key in keys if f"| `{key}` |" not in told] == []


def test_the_format_page_has_every_cause() -> None:
    """Each way to end has a row."""
    text = page("recording-format.md")
    assert [cause for cause in get_args(Cause) if f"| `{cause}` |" not in text] == []


def test_reference_pages_are_read() -> None:
    """All pages that these tests are about are there."""
    there = {name(path) for path in REFERENCE.glob("*.md")}
    pages = ("command-line", "http-interface", "pacing", "recording-format", "trace")
    assert {f"docs/reference/{title}.md" for title in pages} <= there
