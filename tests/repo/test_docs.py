"""What the README and the docs show is what happens."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from streamsim.recording import codec
from tests.repo.consoles import Command, Ports, Terminal, blocks, commands, missing
from tests.repo.tree import ROOT, name

PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES += [ROOT / "fixtures" / "README.md"]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return what a link can name on ``page``, as the usual renderers spell it."""
    titles = _HEADING.findall(re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def has_commands(page: Path) -> bool:
    return bool(blocks(text_of(page), "console", "python"))


@pytest.mark.skipif(not (Path(sys.executable).parent / "streamsim").exists(), reason="streamsim is not installed here")
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")
@pytest.mark.parametrize("page", [page for page in PAGES if has_commands(page)], ids=name)
def test_commands_do_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """All commands of a page, run from top to bottom in one terminal, say what the page says they do."""
    with Terminal(tmp_path) as terminal:
        for language, block in blocks(text_of(page), "console", "python"):
            if language == "python":
                terminal.script(block)
                continue
            for command in commands(block):
                terminal.run(command)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the project names a file that is there, and a heading that is in it."""
    dead: list[str] = []
    for link in _LINK.findall(_CODE.sub("", text_of(page))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_example_recordings_are_recordings(page: Path) -> None:
    """Every ``jsonl`` block that begins with a header can be read, and is spelt as a writer spells it."""
    for _, block in blocks(text_of(page), "jsonl"):
        if block.startswith('{"streamsim"'):
            recording = codec.decode([block.encode()], source=name(page))
            assert b"".join(codec.encode(recording)).decode() == block


def test_every_page_is_in_the_index() -> None:
    """The index of the docs leads to every page of them."""
    index = text_of(ROOT / "docs" / "README.md")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []


def test_a_console_block_is_read_as_commands_and_lines() -> None:
    """Commands begin with a dollar sign and go on after a greater-than sign; the rest is their output."""
    block = "$ one \\\n> more\nfirst\n…\nlast\n$ two &\n"
    assert commands(block) == [Command("one \\\nmore", ["first", "last"]), Command("two &", [])]


def test_output_is_compared_loosely_but_in_order() -> None:
    """Numbers may differ, digests may not; an ellipsis is anything; lines must come in their order."""
    output = "took 12.5ms\nat http://127.0.0.1:8080\ndigest 0123456789abcdef\n"
    assert missing(["took 9ms", "digest 0123456789abcdef"], output) is None
    assert missing(["at …"], output) is None
    assert missing(["digest 0123456789abcdee"], output) == "digest 0123456789abcdee"
    assert missing(["at …", "took 12.5ms"], output) == "took 12.5ms"


def test_ports_are_replaced_everywhere_alike() -> None:
    """A port that a page names, or that a command takes by default, becomes the same free one each time."""
    ports = Ports()
    served = ports.command("streamsim serve x &")
    free = served.split()[3]
    assert served == f"streamsim serve --port {free} x &"
    assert (
        ports.output("streamsim serve ready at http://127.0.0.1:8080")
        == f"streamsim serve ready at http://127.0.0.1:{free}"
    )
    assert ports.command("streamsim serve x --port 8080") == f"streamsim serve x --port {free}"
    assert ports.command("streamsim record --proxy http://127.0.0.1:8080 -o x").split()[3] not in ("8081", free)


def test_a_command_that_fails_is_a_failure(tmp_path: Path) -> None:
    """Neither a failing command nor one that says something else goes unnoticed."""
    with Terminal(tmp_path) as terminal:
        terminal.run(Command("echo hello", ["hello"]))
        with pytest.raises(AssertionError, match="false"):
            terminal.run(Command("false", []))


def test_a_block_that_begins_with_a_files_name_is_that_file(tmp_path: Path) -> None:
    """It is written, not run; commands find it."""
    with Terminal(tmp_path) as terminal:
        terminal.script("# package/one.py\nprint('one')\n")
        terminal.run(Command("python package/one.py", ["one"]))
