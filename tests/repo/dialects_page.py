"""The generated table of docs/reference/dialects.md.

The page itself is written by hand; what stands between its marks comes from the dialects. After a change there write it
anew:

    python -m tests.repo.dialects_page
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from streamsim.dialects.known import BY_NAME
from tests.repo.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.protocol import Dialect

PAGE = ROOT / "docs" / "reference" / "dialects.md"

_PART = re.compile(r"(<!-- generated: dialects -->\n).*?(<!-- end -->\n)", re.DOTALL)
_SENTENCE = re.compile(r"(.*?)(?::|\.)(?=\s|$)", re.DOTALL)


def generated(page: str) -> str:
    """Return ``page`` with its table as the dialects are now."""
    return _PART.sub(lambda found: "\n".join((found[1], *_table(), "", found[2])), page)


def _table() -> Iterator[str]:
    yield "| dialect | varies | what it is | endpoints when written |"
    yield "|---|---|---|---|"
    for dialect in BY_NAME.values():
        family = f"`{dialect.family}`" if dialect.family else ""
        yield f"| `{dialect.name}` | {family} | {_about(dialect)} | {_endpoints(dialect)} |"


def _about(dialect: Dialect) -> str:
    """Return how the module's docstring begins: its first sentence, up to a colon."""
    told = (sys.modules[type(dialect).__module__].__doc__ or "").replace("``", "`").partition("\n\n")[0]
    found = _SENTENCE.match(" ".join(told.split()))
    return (found[1] if found else told).replace("|", "\\|")


def _endpoints(dialect: Dialect) -> str:
    if dialect.writer is None:
        return "only read"
    return "<br>".join(f"`{target}`" for _, target in dialect.writer.endpoints)


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
