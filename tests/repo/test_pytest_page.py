"""The page about the pytest plugin and the plugin say the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from streamsim.testing import pytest_plugin
from streamsim.testing.act import Played
from streamsim.testing.kit import Streamsim
from streamsim.testing.options import KNOWN
from streamsim.testing.replay import Replay
from tests.repo.test_reference import page, section

if TYPE_CHECKING:
    import pytest

PAGE = page("pytest.md")


def names(title: str, column: int = 1) -> set[str]:
    """Return the names, without arguments, in a column of the table in section ``title``."""
    rows = [line.split("|") for line in section(PAGE, title).splitlines() if line.startswith("|")]
    return {found for row in rows for found in re.findall(r"`(?:--)?([\w-]+)[^`]*`", row[column])}


def public(kind: type) -> set[str]:
    """Return the names that ``kind`` itself gives, but for those that begin with an underscore."""
    return {name for name in vars(kind) if not name.startswith("_")}


class Parser:
    """Takes note of what the plugin adds, in the place of pytest's own parser."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self.settings: set[str] = set()

    def getgroup(self, *_: str) -> Parser:
        return self

    def addoption(self, name: str, **told: object) -> None:
        self.options[name.removeprefix("--")] = told

    def addini(self, name: str, *_: object, **__: object) -> None:
        self.settings.add(name)


def added() -> Parser:
    parser = Parser()
    pytest_plugin.pytest_addoption(cast("pytest.Parser", parser))
    return parser


def test_it_has_every_option_of_a_replay() -> None:
    """The table has those that a replay and the marker take, and no others."""
    assert names("Options of a replay") == set(KNOWN)


def test_it_has_all_that_a_replay_is_asked() -> None:
    """The table has the public names of a replay, but for those by which the plugin itself handles it."""
    handled = public(Played) | {"renew", "finish"}
    kept = {"name", "seed", "optional", "leave_open"}
    assert names("Replays") == (public(Replay) - handled) | kept


def test_it_has_all_that_the_fixture_gives() -> None:
    """The table has the public names of the fixture's object."""
    assert names("`streamsim`") == public(Streamsim)


def test_it_has_every_fixture() -> None:
    """The table has the fixtures that the plugin defines."""
    kind = type(pytest_plugin.streamsim)
    assert names("Fixtures") == {name for name, value in vars(pytest_plugin).items() if isinstance(value, kind)}


def test_it_has_every_option_and_setting() -> None:
    """The table has what the command line and the configuration take, and each mode of recording."""
    parser = added()
    assert names("Options and configuration", 1) == set(parser.options)
    assert names("Options and configuration", 2) == parser.settings
    row = next(line for line in PAGE.splitlines() if line.startswith("| `--streamsim-record"))
    assert [mode for mode in parser.options["streamsim-record"]["choices"] if f"`{mode}`" not in row] == []


def test_every_option_is_prefixed() -> None:
    """Nothing of the plugin can be taken for somebody else's."""
    parser = added()
    assert all(name.startswith("streamsim") for name in {*parser.options, *parser.settings})
