"""Does a parser keep to the standard? A kit for those who write one.

`check_parser` stands in a test; `find` gives a program the same findings; `campaign`, `batches`, `run_batch` and
`merge` are for those who share the work among processes.
"""

from __future__ import annotations

from streamsim.conformance.campaign import Batch, batches, campaign, run_batch
from streamsim.conformance.check import Found, ParserBroken, check_parser, find
from streamsim.conformance.finding import Finding, Label, merge
from streamsim.conformance.forms import Form, adapt
from streamsim.conformance.policy import Policy
from streamsim.conformance.reading import Reading, Seen, Target
from streamsim.conformance.rules import RULES, Rule, rule

__all__ = [
    "RULES",
    "Batch",
    "Finding",
    "Form",
    "Found",
    "Label",
    "ParserBroken",
    "Policy",
    "Reading",
    "Rule",
    "Seen",
    "Target",
    "adapt",
    "batches",
    "campaign",
    "check_parser",
    "find",
    "merge",
    "rule",
    "run_batch",
]
