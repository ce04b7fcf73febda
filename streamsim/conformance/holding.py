"""Which features a sample holds for a policy, and which a target can never be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.conformance import leading
from streamsim.conformance.anatomy import features
from streamsim.conformance.features import NAMES, OF_LINES
from streamsim.conformance.payload import words_inside

if TYPE_CHECKING:
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Target
    from streamsim.conformance.sample import Sample


def held(sample: Sample, policy: Policy) -> frozenset[str]:
    """Return the features of ``sample``, without those that are in whatever the policy asks for."""
    found = leading.features_beside(sample, policy.block) if policy.block else features(sample)
    if policy.ndjson:
        return _of_lines(sample, found)
    return found - _OF_JSON | words_inside(sample.lines, policy.payload) if policy.payload else found


_OF_JSON: Final = frozenset({"colon", "words"})


def _of_lines(sample: Sample, found: frozenset[str]) -> frozenset[str]:
    """Return what of ``found`` is true of lines of JSON."""
    data = sum(not line.blank for line in sample.lines)
    more = {"unfinished": bool(sample.rest), "blanks": data < len(sample.lines), "events": data > 1}
    cuts = {"cut-blank": "cut-line", "cut-event": "cut-line"}
    named = {cuts.get(name, name) for name in found - more.keys()}
    return frozenset(named - _OF_BLOCKS) | {name for name, is_so in more.items() if is_so}


_OF_BLOCKS: Final = frozenset({"comment-block", "blank-first", "no-data", "no-data-id", "comment", "comment-first"})


def impossible(target: Target, policy: Policy) -> frozenset[str]:
    """Return what ``target`` cannot be given."""
    off = set(leading.names(policy.block))
    if policy.ndjson:
        off |= NAMES - OF_LINES
    if not target.cuts:
        off |= {name for name in NAMES if name.startswith("cut")}
    if not target.prompt:
        off.add("late")
    return frozenset(off)
