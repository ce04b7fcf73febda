"""The two ways in: one for tests, one for programs."""

from __future__ import annotations

from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any

from streamsim.conformance.campaign import campaign
from streamsim.conformance.finding import Finding, merge
from streamsim.conformance.forms import adapt
from streamsim.conformance.policy import Policy
from streamsim.conformance.report import report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.conformance.forms import Form

EXAMPLES = 6_000
SEED = 0


class ParserBroken(AssertionError):  # noqa: N818 - it says what is so, as the report does
    """What `check_parser` found.

    Attributes:
        findings: All of it, those that are by design included.

    """

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = list(findings)


class Found(list[Finding]):
    """Findings, and how they came about.

    Attributes:
        examples: How many were tried.
        cut: Time was over before all were.

    """

    examples: int = 0
    cut: bool = False


def find(  # noqa: PLR0913 - each is optional
    parse: Callable[..., Any],
    *,
    how: Form | None = None,
    policy: Policy | None = None,
    examples: int = EXAMPLES,
    seconds: float | None = None,
    seed: int = SEED,
    rules: Sequence[str] = (),
) -> Found:
    """Return all distinct ways in which ``parse`` breaks a rule, each with its smallest example.

    Args:
        parse: The parser, in any form.
        how: Its form, a `Form`: what it takes and how; by default that is found out.
        policy: What it does by design.
        examples: How many streams to try; the same number and seed find the same.
        seconds: When to stop, done or not.
        seed: Of everything drawn.
        rules: Names of rules; by default all.

    Raises:
        ValueError: ``how`` or a rule is unknown, or the form cannot be found out.

    """
    began = monotonic()
    found = Found()

    def tried(count: int) -> bool:
        found.examples += count
        found.cut = seconds is not None and monotonic() - began > seconds
        return found.cut

    with closing(adapt(parse, how, probe=(policy or Policy()).simplest)) as target:
        found += merge(list(campaign(target, policy=policy, rules=rules, examples=examples, seed=seed, tried=tried)))
    return found


def check_parser(  # noqa: PLR0913 - each is optional
    parse: Callable[..., Any],
    *,
    how: Form | None = None,
    policy: Policy | None = None,
    examples: int = EXAMPLES,
    seconds: float | None = None,
    seed: int = SEED,
    rules: Sequence[str] = (),
) -> None:
    """Pass if ``parse`` keeps to the standard, or only breaks it where ``policy`` says so.

    The arguments are those of `find`.

    Raises:
        ParserBroken: It does not. The message holds all distinct ways, each with its smallest example and a test.
        ValueError: ``how`` or a rule is unknown, or the form cannot be found out.

    """
    found = find(parse, how=how, policy=policy, examples=examples, seconds=seconds, seed=seed, rules=rules)
    if any(each.label != "by design" for each in found):
        told = f"cut after {found.examples} examples" if found.cut else f"{found.examples} examples"
        name = getattr(parse, "__qualname__", type(parse).__name__)
        raise ParserBroken(report(name, found, f"{told}, seed {seed}"), found)
