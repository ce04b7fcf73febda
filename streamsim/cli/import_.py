"""``streamsim import``: a recording of what another tool recorded, and what that tool did not tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from streamsim.errors import UsageError
from streamsim.recording.importers import FORMATS, import_recording
from streamsim.recording.model import Header, Kept
from streamsim.shells import files
from streamsim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.model import Entry, Recording
    from streamsim.shells.files import Existing

_MEANING: Final = {
    "boundaries": "where chunks ended: each event is one",
    "times": "when they came: all come at once, unless you serve with --ttft 400ms --itl 30ms",
    "framing": "how payloads were framed: they are framed as the provider does",
    "request": "the request: its method and target are those of the provider, where the answer shows it",
    "head": "the response's head",
}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The recording.")
@click.option("--format", "name", type=click.Choice(FORMATS), help="What FILE is; without it, what it looks like.")
@click.option("--append", is_flag=True, help="Add to an existing file.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(file: Path, output: Path, *, name: str | None, append: bool, force: bool) -> None:
    """Make a recording of FILE: vcrpy, go-vcr, Ruby VCR, HAR, curl --trace, a bare body, and more.

    Bytes stay those of the file, out of their compression; secrets are removed. What the file does not tell is said,
    also in the recording's first line, and not made up: pacing supplies times when it is served.
    """
    if append and force:
        raise UsageError("import", "--append and --force contradict each other", "choose one")
    recording, notes = import_recording(b"".join(files.read_blocks(file)), source=str(file), format=name)
    assert isinstance(recording.header, Header)  # noqa: S101 - it was made just now
    header = msgspec.structs.replace(recording.header, recorder=f"streamsim {__version__}")
    existing: Existing = "append" if append else "force" if force else "refuse"
    writer = files.Writer(output, header, existing=existing)
    try:
        writer.write(_renumbered(recording, header, writer))
    finally:
        writer.close(header.redacted)
    for line in (_done(recording, header, output), *notes, *_lacking(header)):
        click.echo(f"streamsim: {line}", err=True)


def _renumbered(recording: Recording, header: Header, writer: files.Writer) -> Iterator[Entry]:
    """Yield the lines with numbers that follow those of the file; what goes on one tells in a comment where from."""
    after = writer.next_exchange - 1
    if after:
        lacks = f", which does not tell {', '.join(header.lacks)}" if header.lacks else ""
        yield Kept(f"# imported from {header.imported}{lacks}".encode())
    for exchange in recording.exchanges:
        connection = writer.next_connection + exchange.number - 1
        number = exchange.number + after
        yield msgspec.structs.replace(exchange.request, exchange=number, connection=connection)
        for line in (exchange.response, *exchange.chunks, exchange.end):
            if line is not None:
                yield msgspec.structs.replace(line, exchange=number)


def _done(recording: Recording, header: Header, output: Path) -> str:
    count = len(recording.exchanges)
    size = sum(len(exchange.body) for exchange in recording.exchanges)
    told = f"{count} {'exchange' if count == 1 else 'exchanges'}, {size} bytes of answers"
    return f"imported {told}, from {header.imported} to {output}"


def _lacking(header: Header) -> Iterator[str]:
    yield from (f"the file does not tell {_MEANING[lack]}" for lack in header.lacks)
