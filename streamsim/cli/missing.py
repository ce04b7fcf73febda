"""``serve --record-missing``: what no recording answers is asked for once, recorded, and served ever after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from streamsim.clock.drivers.realtime import RealClock, wall_clock
from streamsim.plan.planner import Planner
from streamsim.recording.assemble import Assembler
from streamsim.recording.model import VERSION, Header, Recording
from streamsim.shells.files import Writer, load
from streamsim.shells.recorder import Relay, Session, Upstream
from streamsim.version import __version__

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from streamsim.engine.core import Engine
    from streamsim.engine.requests import Request
    from streamsim.recording.model import Exchange, Line
    from streamsim.shells.server import Forward

SILENCE_S = 300.0


def missing(engine: Engine, url: str, output: Path, stack: ExitStack) -> Forward:
    """Return what asks ``url`` and records to ``output``; what that file already holds is served too."""
    upstream = Upstream(url, where="--record-missing")
    if output.exists() and output.stat().st_size:
        engine.add(Planner(load(output), name=output.stem))
    recorder = f"streamsim {__version__}"
    header = Header(version=VERSION, created=wall_clock(), recorder=recorder, upstream=upstream.origin)
    writer = Writer(output, header, existing="append")
    session = Session(writer, RealClock())
    stack.callback(lambda: writer.close(session.redactor.removed, discard=not session.exchanges))

    def serve(lines: list[Line]) -> None:
        """Serve an exchange from now on, unless its answer was cut off on our side: then it is asked for again."""
        assembler = Assembler(str(output))
        assembler.add(list(lines), 1)
        exchanges = tuple(filter(_answered, assembler.exchanges.values()))
        if exchanges:
            recording = Recording(header=header, entries=tuple(lines), exchanges=exchanges, source=str(output))
            engine.add(Planner(recording, name=output.stem))

    session.on_exchange = serve
    session.on_failure = lambda: click.echo(f"streamsim: {session.failure}", err=True)

    def forward(request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        relay = Relay(session, upstream, silence_s=SILENCE_S)

        def over(lives: bool) -> None:  # noqa: FBT001 - one fact
            relay.close()
            done(lives and request.keep_alive)

        return relay.exchange(request, client, over).client_left

    return forward


def _answered(exchange: Exchange) -> bool:
    cut_by_us = exchange.end is None or exchange.end.cause in ("cancelled", "timeout", "unreachable")
    return exchange.response is not None and not cut_by_us
