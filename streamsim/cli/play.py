"""``streamsim play``: a recording in the terminal, as a reader would see it appear.

Law: stdout carries content and nothing else; what there is to say about it goes to stderr.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from streamsim.cli.options import attempt_option, exchange_option, pacing_options, planned, salvage_option, seed_option
from streamsim.shells import files, terminal
from streamsim.wire.render import visible

if TYPE_CHECKING:
    from streamsim.plan.profile import Profile


@click.command("play")
@click.argument("recording")
@pacing_options
@seed_option
@exchange_option
@attempt_option
@salvage_option
def command(recording: str, *, profile: Profile, seed: int, exchange: int | None, attempt: int, salvage: bool) -> None:
    """Show the content of RECORDING in real time, one exchange after the other; Ctrl-C ends it."""
    loaded = files.load(recording, salvage=salvage)
    plans = planned(loaded, profile, seed=seed, exchange=exchange, attempt=attempt)
    out = terminal.forgive(sys.stdout)
    clock = terminal.TerminalClock()
    for plan in plans:
        if len(plans) > 1:
            request = loaded.exchange(plan.exchange).request
            click.echo(f"exchange {plan.exchange}: {visible(f'{request.method} {request.target}')}", err=True)
        player = terminal.Player(plan, out, clock)
        click.echo(player.play(), err=True)
        if player.interrupted:
            break
