"""What no recording answers is asked of the real server, and recorded.

Law: what was cut off on our side is no answer: it is asked for again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.clock.drivers.realtime import RealClock, wall_clock
from streamsim.plan.planner import Planner
from streamsim.recording.assemble import Assembler
from streamsim.recording.model import VERSION, Header, Recording
from streamsim.shells.files import Writer, load
from streamsim.shells.recorder import Relay, Session
from streamsim.version import __version__

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from streamsim.engine.core import Engine
    from streamsim.engine.requests import Request
    from streamsim.recording.model import Exchange, Line
    from streamsim.shells.recorder import Upstream

SILENCE_S = 300.0


class Missing:
    """Asks ``upstream`` and records to ``output``, after what that file already holds; secrets stay out of it.

    Attributes:
        session: What is being recorded.
        answered: How many exchanges the upstream answered.

    """

    def __init__(self, upstream: Upstream, output: Path) -> None:
        self.answered = 0
        self._upstream = upstream
        self._output = output
        self._engine: Engine | None = None
        self._header = Header(
            version=VERSION, created=wall_clock(), recorder=f"streamsim {__version__}", upstream=upstream.origin
        )
        self._writer = Writer(output, self._header, existing="append")
        self.session = Session(self._writer, RealClock())
        self.session.on_exchange = self._over

    def serve(self, engine: Engine) -> None:
        """Have ``engine`` answer with what the file holds, and from now on with whatever is recorded."""
        if self._output.stat().st_size and (known := load(self._output)).exchanges:
            engine.add(Planner(known, name=self._output.stem))
        self._engine = engine

    def close(self) -> None:
        """Complete the file; where nothing was recorded there is none."""
        self._writer.close(self.session.redactor.removed, discard=not self.session.exchanges)

    def forward(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        """Ask the upstream for ``request``, as :class:`streamsim.shells.server.Forward` says."""
        relay = Relay(self.session, self._upstream, silence_s=SILENCE_S)

        def over(lives: bool) -> None:  # noqa: FBT001 - one fact
            relay.close()
            done(lives and request.keep_alive)

        return relay.exchange(request, client, over).client_left

    def _over(self, lines: list[Line]) -> None:
        assembler = Assembler(str(self._output))
        assembler.add(list(lines), 1)
        exchanges = tuple(filter(_answered, assembler.exchanges.values()))
        self.answered += len(exchanges)
        if exchanges and self._engine is not None:
            entries = tuple(lines)
            recording = Recording(header=self._header, entries=entries, exchanges=exchanges, source=str(self._output))
            self._engine.add(Planner(recording, name=self._output.stem))


def _answered(exchange: Exchange) -> bool:
    cut_by_us = exchange.end is None or exchange.end.cause in ("cancelled", "timeout", "unreachable")
    return exchange.response is not None and not cut_by_us
