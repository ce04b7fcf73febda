"""``streamsim export``: a recording as another tool reads it, and what that tool has no place for."""

from __future__ import annotations

from pathlib import Path

import click

from streamsim.cli.options import exchange_option, salvage_option
from streamsim.recording.exporters import FORMATS, export_recording
from streamsim.shells import files


@click.command("export")
@click.argument("recording")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The file.")
@click.option("--format", "name", type=click.Choice(FORMATS), required=True, help="What to write.")
@exchange_option
@click.option("--force", is_flag=True, help="Replace an existing file.")
@salvage_option
def command(recording: str, output: Path, *, name: str, exchange: int | None, force: bool, salvage: bool) -> None:
    """Write RECORDING (a file, or a shipped name) for another tool.

    The bytes of bodies are kept. What the format has no place for is told in one line.
    """
    exported = export_recording(files.load(recording, salvage=salvage), format=name, exchange=exchange)
    files.save(output, exported.data, force=force)
    count = exported.exchanges
    told = f"exported {count} {'exchange' if count == 1 else 'exchanges'} to {output}"
    lost = f"; {name} has no place for {', '.join(exported.lost)}" if exported.lost else ""
    click.echo(f"streamsim: {told}{lost}", err=True)
