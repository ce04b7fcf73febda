"""What is on the scoreboard was seen twice."""

from __future__ import annotations

from streamsim.conformance.finding import Finding
from tests.parsers_table.again import doubtful
from tests.parsers_table.parsers import all_parsers


def test_a_mark_that_does_not_show_is_doubtful() -> None:
    """Our own parser strips a byte order mark, so a mark that says it does not is not believed."""
    ours = next(parser for parser in all_parsers() if parser.language == "ours")
    wrong = Finding("bom", ("bom",), "edge", "gave 0 events instead of 1", (b"\xef\xbb\xbfdata: a\n\n",))
    shape = Finding("linear-time", ("quadratic",), "bug", "longer", shape="one line", size=64)
    assert doubtful(ours, [wrong, shape]) == [wrong]
