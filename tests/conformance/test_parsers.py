"""The known faults of others' parsers are found, each without being told where to look, and made small.

What is not installed is skipped; `pip install` the package, in the version given, to run its test.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import pytest

from streamsim.conformance import Policy, find

# Adapter, version ("" for any), rule, most telling feature, and whether size is the point.
KNOWN = [
    ("httpx_sse", "0.4.1", "line-ends", "separators"),
    ("openai", "1.3.0", "line-ends", "separators"),
    ("huggingface_hub", "", "line-ends", "separators"),
    ("requests_sse", "0.5", "chunks", "cut-crlf"),
    ("aiohttp_sse_client", "", "line-ends", "cr"),
    ("httpx_sse", "0.4.3", "no-data", "no-data"),
    ("anthropic", "", "bom", "bom"),
    ("openai", "3.", "utf-8", "invalid"),
    ("sseclient_py", "", "ids", "id-nul"),
    ("speakeasy", "", "end", "unfinished"),
    ("assel", "", "isolation", "shared-state"),
    ("requests_sse", "0.5", "linear-time", "quadratic"),
    ("sseclient", "", "linear-time", "quadratic"),
    ("sseclient", "", "empty-data", "empty-first"),
]


@pytest.mark.full
@pytest.mark.parametrize(("name", "wanted", "rule", "feature"), KNOWN)
def test_the_known_fault_is_found(name: str, wanted: str, rule: str, feature: str) -> None:
    """The fault is found within a minute, with an example of less than 40 bytes."""
    adapter = import_module(f"tests.conformance.parsers.{name}")
    try:
        installed = version(adapter.PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f"{adapter.PACKAGE} is not installed")
    if not installed.startswith(wanted):
        pytest.skip(f"{adapter.PACKAGE} is {installed}, not {wanted}")
    policy = getattr(adapter, "POLICY", Policy())
    found = find(adapter.parse, how=getattr(adapter, "HOW", None), policy=policy, seconds=60)
    matching = [each for each in found if each.rule == rule and each.features[-1] == feature]
    assert matching, [(each.rule, each.features) for each in found]
    assert all(len(each.data) < 40 for each in matching)
