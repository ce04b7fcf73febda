"""How ``streamsim serve`` runs once all is loaded: where, in how many processes, until when, and what it writes down.

Law: an answer is the same whichever worker gives it, or that is refused or said before serving.
"""

from __future__ import annotations

import asyncio
import sys
from functools import wraps
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click
import msgspec

from streamsim.clock.drivers.realtime import RealClock
from streamsim.engine.core import MISSES
from streamsim.engine.tally import CELLS, Tally
from streamsim.errors import UsageError
from streamsim.shells.running import run_until_signalled
from streamsim.shells.server import Server
from streamsim.units import SECOND, parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from streamsim.engine.core import Engine
    from streamsim.engine.misses import Missed
    from streamsim.engine.tally import Cells
    from streamsim.engine.trace import Trace
    from streamsim.shells.server import Forward

_R = TypeVar("_R")

_COUNTING = (
    "--workers: each worker counts for itself how often a request was tried; where that matters, clients say which try "
    "it is, with x-streamsim-attempt"
)


class Place(NamedTuple):
    """Where to serve, in how many processes, and how long answers may go on after the signal to end."""

    host: str
    port: int
    workers: int
    grace_s: float


def place_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Add the options of address, workers and the end; ``command`` takes them as one ``place``."""

    @wraps(command)
    def placed(*args: object, host: str, port: int, workers: int, grace: str, **rest: object) -> _R:
        if workers > 1:
            _allow_workers(rest)
        grace_s = parse_duration(grace, where="--grace") / SECOND
        return command(*args, place=Place(host, port, workers, grace_s), **rest)

    for option in reversed(_OPTIONS):
        placed = option(placed)
    return placed


_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free port."),
    click.option(
        "--workers",
        type=click.IntRange(1, 512),
        default=1,
        show_default=True,
        help="Processes that serve together, sharing nothing.",
    ),
    click.option(
        "--grace",
        metavar="TIME",
        default="0",
        show_default=True,
        help="How long answers may go on after SIGTERM or SIGINT; a second one ends them.",
    ),
)


def _allow_workers(options: dict[str, object]) -> None:
    """Do nothing where several processes answer as one would.

    Raises:
        UsageError: They would not.

    """
    if sys.platform != "linux":
        problem = "only Linux spreads connections over processes that listen at one address (SO_REUSEPORT)"
        raise UsageError("--workers", problem, "serve with one, or put several servers behind a balancer")
    if options["mode"] == "order":
        problem = "--match order gives what comes next to whatever is asked, and workers do not know of each other"
        raise UsageError("--workers", problem, "serve with one, or have clients name theirs with x-streamsim-exchange")
    if options["record_missing"]:
        problem = "--record-missing asks once for what is not recorded, and workers do not know of each other"
        raise UsageError("--workers", problem, "record with one, and serve what it recorded with several")


class Diary:
    """What is written down: misses on stderr, and all that happens in the log.

    A line of the log is one write to a file opened for appending, so processes may share it.

    Attributes:
        worker: Which process writes; 0: it is the only one.

    """

    def __init__(self, path: Path | None, stack: ExitStack) -> None:
        self.worker = 0
        self._path = path
        self._seen: set[str] = set()
        try:
            self._file = None if path is None else stack.enter_context(path.open("ab", buffering=0))
        except OSError as error:
            raise UsageError("--log", f"{path} cannot be written: {error.strerror}", "choose another file") from error

    def keep(self, engine: Engine) -> None:
        """Write down what ``engine`` answers, and what it does not."""
        engine.on_miss = self._miss
        if self._file is not None:
            engine.on_trace = self._trace

    def _trace(self, trace: Trace) -> None:
        if self._file is not None:
            self._write(trace.as_json())

    def _miss(self, missed: Missed) -> None:
        told = str(missed)
        if told not in self._seen and len(self._seen) < MISSES:  # who asks the same again is told so already
            self._seen.add(told)
            say(told)
        self._write({"outcome": "no match", **msgspec.structs.asdict(missed)})

    def _write(self, told: dict[str, object]) -> None:
        if self._file is None:
            return
        if self.worker:
            told["worker"] = self.worker
        try:
            self._file.write(msgspec.json.encode(told) + b"\n")
        except OSError as error:
            self._file = None
            say(f"--log: {self._path} cannot be written any more: {error.strerror}")


def say(told: str) -> None:
    """Tell people on stderr, in a line."""
    click.echo(f"streamsim: {told}", err=True)


def serve(engine: Engine, place: Place, diary: Diary, forward: Forward | None) -> None:
    """Serve until SIGINT or SIGTERM; the first line on stdout says where, once clients may come."""
    diary.keep(engine)
    if place.workers > 1:
        _serve_with_workers(engine, place, diary)
        return
    _count(engine, tally := Tally(), [tally.cells])
    run_until_signalled(_serve(engine, place, forward, _ready))


def _serve_with_workers(engine: Engine, place: Place, diary: Diary) -> None:
    from streamsim.shells.workers import Workers, reserved, shared_cells  # noqa: PLC0415 - what one process does without

    engine.resets = shared_cells(1)
    rows: list[Cells] = [shared_cells(CELLS) for _ in range(place.workers)]
    with reserved(place.host, place.port) as port:
        say(_COUNTING)

        async def work(number: int, up: Callable[[str], None]) -> None:
            diary.worker = engine.worker = number
            tally = Tally(rows[number - 1])
            tally.restart()
            _count(engine, tally, rows)
            await _serve(engine, place._replace(port=port), None, up)

        Workers(place.workers, work, report=say).run(_ready)


def _ready(url: str) -> None:
    click.echo(f"streamsim serve ready at {url}")


async def _serve(engine: Engine, place: Place, forward: Forward | None, up: Callable[[str], None]) -> None:
    server = Server(engine, host=place.host, port=place.port, clock=RealClock(), forward=forward)
    server.shared, server.grace_s = place.workers > 1, place.grace_s
    async with server:
        up(server.url)
        await asyncio.get_running_loop().create_future()


def _count(engine: Engine, tally: Tally, rows: Sequence[Cells]) -> None:
    """Have answers counted, and all counts told to who asks, if the library for it is there.

    It is loaded by the first who asks, for that takes longer than all else that a start needs.
    """
    if find_spec("prometheus_client") is None:
        return
    engine.count(tally)

    def written(accepted: str) -> tuple[str, bytes]:
        from streamsim.shells.metrics import Metrics  # noqa: PLC0415 - see above

        return Metrics(rows).written(accepted)

    engine.metrics = written
