"""The known faults of others' parsers are found, each without being told where to look, and made small."""

from __future__ import annotations

import pytest

from tests.conformance.known import KNOWN, Known, found, install


@pytest.mark.full
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.requirements[0])
def test_the_known_faults_are_found(known: Known) -> None:
    """They are found within a minute, with examples of less than 40 bytes, or told by shape and size."""
    install(known)
    findings = found(known)
    print(known.requirements[0])  # noqa: T201 - for the page of the full run
    for each in findings:
        print(f"  {each.rule} {'+'.join(each.features)} {each.shape or each.chunks!r:.90}")  # noqa: T201 - the same
    for rule, feature in known.faults:
        matching = [each for each in findings if each.rule == rule and feature in ("", each.features[-1])]
        assert matching, (rule, feature)
        assert all(each.shape or len(each.data) < 40 for each in matching)
