"""``streamsim plan``: what would be sent, and when, before any of it is.

Law: the same arguments print the same text, on every machine and at every time.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from streamsim.cli.options import (
    attempt_option,
    echo_json,
    exchange_option,
    json_option,
    pacing_options,
    planned,
    salvage_option,
    seed_option,
)
from streamsim.plan.planner import Given
from streamsim.shells import files, terminal
from streamsim.wire.render import as_data, rendered_lines, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.plan.faults import Applied
    from streamsim.plan.planner import Plan
    from streamsim.plan.profile import Profile

# Where nobody's window says otherwise.
WIDTH = 100


@click.command("plan")
@click.argument("recording")
@pacing_options
@seed_option
@exchange_option
@attempt_option
@click.option("--last-event-id", default="", metavar="ID", help="As a reader that resumes after this event.")
@click.option("--whole", is_flag=True, help="As a client that asks for no stream.")
@json_option
@salvage_option
def command(  # noqa: PLR0913 - click's signature
    recording: str,
    *,
    profile: Profile,
    seed: int,
    exchange: int | None,
    attempt: int,
    last_event_id: str,
    whole: bool,
    as_json: bool,
    salvage: bool,
) -> None:
    """Print what would be sent for each exchange of RECORDING, when, and the digest of it all."""
    loaded = files.load(recording, salvage=salvage)
    given = Given(last_event_id=last_event_id, whole=whole)
    plans = planned(loaded, profile, seed=seed, exchange=exchange, attempt=attempt, given=given)
    if as_json:
        document = {"recording": recording, "plans": [_data(plan) for plan in plans]}
        echo_json(document)
    else:
        out = terminal.forgive(sys.stdout)
        width = shutil.get_terminal_size((WIDTH, 0)).columns if out.isatty() else WIDTH
        for nth, plan in enumerate(plans):
            out.write("\n" if nth else "")
            out.writelines(f"{line}\n" for line in _lines(plan, width))
        out.flush()


def _lines(plan: Plan, width: int) -> Iterator[str]:
    """Yield what is printed of a plan, each line as it is made: a long one is never held whole."""
    yield f"recording {visible(plan.recording)}, exchange {plan.exchange} ({plan.dialect}, events: {plan.events[-1]})"
    yield f"seed {plan.seed}, attempt {plan.attempt}, plan {plan.plan_id}"
    yield f"digest {plan.digest}"
    yield from map(_outcome, plan.faults)
    yield from rendered_lines(plan.timeline, width=width)


def _outcome(applied: Applied) -> str:
    why = f": {applied.problem}; {applied.remedy}" if applied.problem else ""
    return f"fault {visible(applied.fault)}: {applied.outcome}{why}"


def _data(plan: Plan) -> dict[str, object]:
    return {
        "exchange": plan.exchange,
        "dialect": plan.dialect,
        "events": plan.events[-1],
        "seed": plan.seed,
        "attempt": plan.attempt,
        "plan": plan.plan_id,
        "digest": plan.digest,
        "faults": [told.told for told in plan.faults],
        "timeline": as_data(plan.timeline),
    }
