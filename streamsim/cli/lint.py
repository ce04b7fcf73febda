"""``streamsim lint``: what falls short in a recording, in a bare body, or in the answer of a server.

Law: exit code 0 says that nothing falls short, 1 that something does; an error that a provider tells as its dialect
says falls not short.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from streamsim.analysis.lint import bare, lint, text
from streamsim.cli.options import echo_json, exchange_option, json_option, salvage_option
from streamsim.cli.request import build_request
from streamsim.clock.drivers.realtime import RealClock
from streamsim.errors import UsageError
from streamsim.recording import codec
from streamsim.recording.importers import import_recording
from streamsim.shells import files, terminal
from streamsim.shells.recorder import Kept, Relay, Session, Upstream, fetch
from streamsim.shells.running import run_until_signalled
from streamsim.units import SECOND, parse_duration

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

_BODY = ".sse"
_RECORDING = b'{"streamsim"'


@click.command("lint")
@click.argument("recording", metavar="RECORDING|URL")
@click.option("--dialect", metavar="NAME", help="The dialect that every answer has to speak.")
@exchange_option
@json_option
@salvage_option
@click.option("-X", "--request", "method", metavar="METHOD", help="GET, or POST where there is a body.")
@click.option("-d", "--data", metavar="BODY|@FILE", help="The body.")
@click.option("--json-body", metavar="BODY|@FILE", help="The body, sent and asked for as JSON.")
@click.option("-H", "--header", "headers", multiple=True, metavar="'K: V'", help="A header; 'K:' removes one.")
@click.option("--timeout", metavar="TIME", help="Silence of the server that ends the exchange: 5m if not given.")
@click.pass_context
def command(  # noqa: PLR0913 - click's signature
    ctx: click.Context,
    recording: str,
    *,
    dialect: str | None,
    exchange: int | None,
    as_json: bool,
    salvage: bool,
    method: str | None,
    data: str | None,
    json_body: str | None,
    headers: tuple[str, ...],
    timeout: str | None,
) -> None:
    """Check RECORDING (a file, a shipped name, a bare body) or what a server at URL answers.

    Against HTML's rules for event streams, HTTP's for their transport, and the grammar of the dialect; a stream that
    ends too early is called truncated. Exit code 1: something falls short.
    """
    live = "://" in recording
    if not live and (headers or any(option is not None for option in (method, data, json_body, timeout))):
        raise UsageError("lint", "-X, -d, --json-body, -H and --timeout are for a URL", "leave them out with a file")
    if live:
        found = _asked(recording, method, data, json_body, headers, timeout or "5m")
    else:
        found = _read(recording, salvage=salvage)
    report = lint(found, dialect=dialect, stream=live, exchange=exchange)
    if as_json:
        echo_json(report)
    else:
        print(text.plain(report), file=terminal.forgive(sys.stdout), flush=True)
    ctx.exit(0 if report.passed else 1)


def _read(name: str, *, salvage: bool) -> Recording:
    """Return the recording in a file of ours or of another tool; a file of bytes named as a body is one."""
    path = files.resolve(name)
    content = b"".join(files.read_blocks(path))
    if content.startswith(_RECORDING) or path.suffix == files.SUFFIX:
        return codec.decode([content], source=name, salvage=salvage)
    if path.suffix == _BODY and not content.startswith(b"HTTP/"):
        return bare.recording_of(content, name)
    return import_recording(content, source=name).recording


def _asked(
    url: str, method: str | None, data: str | None, json_body: str | None, headers: tuple[str, ...], timeout: str
) -> Recording:
    """Return what the server answers; Ctrl-C ends it."""
    silence_s = parse_duration(timeout, where="--timeout") / SECOND
    if not silence_s:
        raise UsageError("--timeout", "no server answers in no time", "give it some, like 5m")
    upstream = Upstream(url, where="URL", with_path=False)
    request = build_request(url, upstream, method, data, json_body, headers, json_option="--json-body")
    upstream.host_header = request.fields.get(b"host", upstream.host_header.encode()).decode()
    kept = Kept()
    session = Session(kept, RealClock())

    async def ask() -> None:
        await fetch(Relay(session, upstream, silence_s=silence_s, keep_encoding=True), request)

    run_until_signalled(ask())
    return kept.recording(upstream.origin)
