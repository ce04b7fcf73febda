"""``streamsim inspect``: what a recording holds, how it felt and how it ended.

Law: inspecting reports and does not judge the recording, so what can be read exits with 0, however its streams ended.
"""

from __future__ import annotations

import sys

import click

from streamsim.analysis import inspect
from streamsim.cli.options import echo_json, exchange_option, json_option, salvage_option
from streamsim.shells import files, terminal


@click.command("inspect")
@click.argument("recording")
@exchange_option
@json_option
@click.option("--text", "whole", is_flag=True, help="Show all that was said, not only how it begins.")
@salvage_option
def command(recording: str, *, exchange: int | None, as_json: bool, whole: bool, salvage: bool) -> None:
    """Tell what RECORDING (a file, or a shipped name) holds.

    Several exchanges are listed in a table; one, or that of --exchange, is shown in detail. Times count from the
    request's last byte: TTFB to the first response byte, TTFT to the first content; ITL is the gap between successive
    chunks with content. Tokens are those that the provider counts; where it tells none, deltas are counted (~).
    """
    inspection = inspect(files.blocks(recording), source=recording, salvage=salvage, whole=whole or as_json)
    if exchange is not None:
        inspection = inspection.only(exchange)
    if as_json:
        echo_json(inspection)
    else:
        terminal.show(inspection, terminal.forgive(sys.stdout))
