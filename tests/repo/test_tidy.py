"""What is true of every file, whatever it says. There are no exemptions: a list of them would only grow."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.repo.tree import ROOT, files, name, text_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40

# Brackets keep these patterns from being their own first findings.
PLACES = re.compile(
    r"[/]root/|[/]work/|[/]home/\w|[/]Users/\w|pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|deb[.]debian[.]org"
)
UNFINISHED = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of ``path``."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """Yield all functions of ``path``, nested ones too."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Return how many lines the body has, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def is_test(path: Path) -> bool:
    """Tell whether pytest collects ``path``."""
    return path.name.startswith("test_")


def test_the_walk_finds_the_project() -> None:
    """The other tests here look at something."""
    found = {name(path) for path in files()}
    assert {"README.md", "pyproject.toml", "streamsim/rng.py", "tests/repo/tree.py"} <= found


def test_modules_are_short() -> None:
    """A module that has outgrown its limit has more than one concern."""
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(".py")}
    assert {path: size for path, size in sizes.items() if size > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    """A function fits on a screen."""
    sizes = {
        f"{name(path)}:{function.lineno} {function.name}": body_lines(function)
        for path in files(".py")
        for function in functions(path)
    }
    assert {place: size for place, size in sizes.items() if size > FUNCTION_LINES} == {}


def test_modules_open_with_a_docstring() -> None:
    """A module says first what it is for; a test module's name and its tests do."""
    silent = [
        name(path)
        for path in files(".py")
        if parsed(path).body and not is_test(path) and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_tests_say_what_is_true() -> None:
    """Every test opens with the sentence that it proves."""
    silent = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in files(".py")
        if is_test(path)
        for function in functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []


@pytest.mark.parametrize(("pattern", "told"), [(UNFINISHED, "unfinished"), (PLACES, "a place of one machine")])
def test_no_file_holds(pattern: re.Pattern[str], told: str) -> None:
    """Nothing is left for later without a name, and nothing names a folder or a host that others do not have."""
    found = [
        f"{name(path)}:{number}: {told}: {line.strip()[:80]}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").split("\n"), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_changelog_keeps_its_form() -> None:
    """It has a place for what comes next, and a section for each release."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert titles[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", title) for title in titles[1:])


def test_the_decisions_are_numbered_and_listed() -> None:
    """Decisions have successive numbers, and the index of the docs names each."""
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in decisions if f"(decisions/{path.name})" not in index] == []
