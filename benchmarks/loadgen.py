"""The load generator in C: many connections in one thread, counting and timing every event."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Literal

import msgspec

from benchmarks.native import program

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.processes import Server


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask of a server.

    Attributes:
        connections: Each asks for a stream again as soon as it has got one, on the same connection.
        target: What to ask for; by default what the server answers to.
        events: How many events a whole stream has.
        gap_ms: Time between them; event n is due n gaps after the first, which is due when the server says.
        mode: ``flat`` times nothing; ``paced`` takes the lateness of each event; ``stamped`` takes the age of each
            chunk, which holds the time of its sending.
        seconds: How long to measure.
        warm_s: How long to run before that.
        ramp_s: How long to take for opening the connections.

    """

    connections: int
    target: str = ""
    events: int = 100
    gap_ms: int = 20
    mode: Literal["flat", "paced", "stamped"] = "flat"
    seconds: float = 1.5
    warm_s: float = 0.4
    ramp_s: float = 0.0


class Times(msgspec.Struct, frozen=True):
    """Lateness of events, or age of chunks."""

    count: int
    min_us: float
    p50_us: float
    p99_us: float
    max_us: float


class Load(msgspec.Struct, frozen=True):
    """What the load generator saw.

    Attributes:
        window_s: How long it measured.
        streams: That were over in that time, ``broken`` of which had too few or too many events.
        failed: Requests and connections that failed.
        events: That came in that time.
        server_cpu_s: What the server's processes spent in it.
        times: Of events or chunks, if any were asked for and came.

    """

    window_s: float
    streams: int
    broken: int
    failed: int
    events: int
    server_cpu_s: float
    times: Times | None = None

    @property
    def lost(self) -> int:
        """Streams that did not come whole."""
        return self.broken + self.failed

    @property
    def cpu_us(self) -> float:
        """CPU of the server in microseconds an event."""
        if not self.events:
            raise RuntimeError("the load generator saw no event at all")
        return self.server_cpu_s * 1e6 / self.events

    @property
    def timed(self) -> Times:
        """The times that were asked for."""
        if self.times is None:
            raise RuntimeError("the load generator saw no event at all")
        return self.times


def load(bench: Bench, server: Server, demand: Demand) -> Load:
    """Ask ``server`` for ``demand``.

    Raises:
        AbsentError: There is no load generator here.

    """
    words = (
        server.port,
        ",".join(map(str, server.pids())),
        demand.target or server.target,
        demand.mode,
        demand.connections,
        demand.events,
        demand.gap_ms * 1000,
        round(server.first_ms * 1000),
        round(demand.ramp_s * 1000),
        round(demand.warm_s * 1000),
        round(demand.seconds * 1000),
    )
    done = subprocess.run([program(bench, "load"), *map(str, words)], stdout=subprocess.PIPE, timeout=300, check=True)
    return msgspec.json.decode(done.stdout, type=Load)
