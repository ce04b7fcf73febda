"""The generated part of docs/reference/conformance.md.

After a change of rules or features, write it anew:

python -m tests.conformance.rules_page
"""

from __future__ import annotations

import re

from streamsim.conformance.sheet import sheet
from tests.repo.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "conformance.md"

_PART = re.compile(r"(<!-- generated: rules -->\n).*?(<!-- end -->\n)", re.DOTALL)


def generated(page: str) -> str:
    """Return ``page`` with its part as the rules are now."""
    return _PART.sub(lambda found: "\n".join((found[1], *sheet(), "", found[2])), page)


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
