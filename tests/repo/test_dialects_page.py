"""The pages of dialects and of scripts say what the code says."""

from __future__ import annotations

import re

from streamsim.dialects.known import BY_NAME
from streamsim.plan.say import USUAL
from streamsim.plan.script_file import ANSWER_KEYS, PART_KEYS, SCRIPT_KEYS, USAGE_KEYS, read_script
from tests.repo.consoles import blocks
from tests.repo.dialects_page import PAGE, generated
from tests.repo.tree import ROOT

SCRIPTS = (ROOT / "docs" / "reference" / "scripts.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_today() -> None:
    """Whoever adds or changes a dialect writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert generated(page) == page, "write it anew: python -m tests.repo.dialects_page"


def test_every_dialect_has_its_row() -> None:
    """In the order of their names."""
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(BY_NAME)


def test_the_page_of_scripts_has_every_key() -> None:
    """Those of the file, of an answer, of each part and of usage; and the usual dialect."""
    keys = {*SCRIPT_KEYS, *ANSWER_KEYS, *(key for keys in PART_KEYS.values() for key in keys)}
    assert [key for key in sorted(keys) if f"| `{key}`" not in SCRIPTS] == []
    assert [key for key in USAGE_KEYS if f"`{key}`" not in SCRIPTS] == []
    assert f"`{USUAL}`" in SCRIPTS


def test_the_scripts_shown_are_scripts() -> None:
    """Each can be read."""
    shown = [block for _, block in blocks(SCRIPTS, "toml")]
    assert [len(read_script(block, source="scripts.md").answers) for block in shown] == [1, 2]
