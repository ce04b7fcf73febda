"""``streamsim serve``: recordings as a fake provider."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from streamsim.cli.options import pacing_options, salvage_option, seed_option
from streamsim.clock.drivers.realtime import RealClock
from streamsim.engine.core import Engine, Settings, ignore
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.shells.files import load
from streamsim.shells.running import run_until_signalled
from streamsim.shells.server import Server

if TYPE_CHECKING:
    from streamsim.engine.match import Mode
    from streamsim.engine.trace import Trace
    from streamsim.plan.profile import Profile
    from streamsim.recording.model import Recording
    from streamsim.shells.server import Forward


@click.command("serve")
@click.argument("recordings", nargs=-1, metavar="[RECORDING|NAME]…")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free port.")
@pacing_options
@seed_option
@click.option(
    "--match",
    "mode",
    type=click.Choice(["auto", "order", "strict"]),
    default="auto",
    show_default=True,
    help="auto: method, path, closest body; strict: all equal; order: as recorded, whatever is asked.",
)
@click.option(
    "--log", type=click.Path(path_type=Path), metavar="FILE", help="Append a trace of each answer, as JSON Lines."
)
@click.option("--no-headers", is_flag=True, help="Add no x-streamsim-… headers to answers.")
@click.option(
    "--record-missing", metavar="UPSTREAM", help="Ask this server, once, for a request that is not recorded; needs -o."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where --record-missing records.")
@salvage_option
def command(  # noqa: PLR0913 - click's signature
    recordings: tuple[str, ...],
    host: str,
    port: int,
    profile: Profile,
    seed: int,
    mode: Mode,
    *,
    log: Path | None,
    no_headers: bool,
    record_missing: str | None,
    output: Path | None,
    salvage: bool,
) -> None:
    """Serve recordings, each request answered by the exchange that fits it best, byte for byte and on time."""
    if not recordings and not record_missing:
        remedy = "name a recording, or what to ask with --record-missing URL -o FILE"
        raise UsageError("serve", "nothing to serve", remedy)
    if bool(record_missing) != bool(output):
        raise UsageError("serve", "--record-missing and -o go together", "give both, or neither")
    settings = Settings(
        profile=profile, seed=seed, mode=mode, headers=not no_headers, forward=record_missing is not None
    )
    loaded = [load(name, salvage=salvage) for name in recordings]
    for recording in loaded:
        _warn(recording)
    engine = Engine([Planner(recording, name=Path(recording.source).stem) for recording in loaded], settings)
    with ExitStack() as stack:
        forward = None
        if record_missing is not None and output is not None:
            from streamsim.cli.missing import missing  # noqa: PLC0415 - what only recording needs

            forward = missing(engine, record_missing, output, stack)
        engine.check()
        if log is not None:
            _log_to(engine, log, stack)
        run_until_signalled(_serve(engine, host, port, forward))


async def _serve(engine: Engine, host: str, port: int, forward: Forward | None) -> None:
    async with Server(engine, host=host, port=port, clock=RealClock(), forward=forward) as server:
        click.echo(f"streamsim serve ready at {server.url}")
        await asyncio.get_running_loop().create_future()


def _warn(recording: Recording) -> None:
    """Say what of the recording is less than whole."""
    if recording.torn:
        click.echo(f"streamsim: {recording.source}: its last line is torn; what precedes it is served", err=True)
    for exchange in recording.exchanges:
        if exchange.end is None:
            told = f"exchange {exchange.number} was cut short by the recorder's death; it is served as far as it goes"
            click.echo(f"streamsim: {recording.source}: {told}", err=True)


def _log_to(engine: Engine, path: Path, stack: ExitStack) -> None:
    try:
        file = stack.enter_context(path.open("ab", buffering=0))
    except OSError as error:
        raise UsageError("--log", f"{path} cannot be written: {error.strerror}", "choose another file") from error

    def log(trace: Trace) -> None:
        try:
            file.write(msgspec.json.encode(trace.as_json()) + b"\n")
        except OSError as error:
            engine.on_trace = ignore
            click.echo(f"streamsim: --log: {path} cannot be written any more: {error.strerror}", err=True)

    engine.on_trace = log
