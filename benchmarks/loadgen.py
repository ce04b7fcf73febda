"""The load generator in C: many connections in one thread, counting and timing every event."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Literal

import msgspec

from benchmarks.inputs import TARGET

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.processes import Server


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask of a server.

    Attributes:
        connections: Each asks for a stream again as soon as it has got one, on the same connection.
        target: What to ask for.
        events: How many events a whole stream has.
        gap_ms: Time between them; lateness counts from the request: event n is due n gaps after it.
        mode: ``flat out`` times nothing; ``paced`` takes the lateness of each event; ``stamped`` takes the age of each
            chunk, which holds the time of its sending.
        seconds: How long to measure.
        warm_s: How long to run before that.
        ramp_s: How long to take for opening the connections.

    """

    connections: int
    target: str = TARGET
    events: int = 100
    gap_ms: int = 20
    mode: Literal["flat out", "paced", "stamped"] = "flat out"
    seconds: float = 2.0
    warm_s: float = 0.5
    ramp_s: float = 0.0


class Percentiles(msgspec.Struct):
    """Times in microseconds."""

    n: int
    min: float
    p50: float
    p99: float
    mean: float


class Load(msgspec.Struct):
    """What the load generator saw.

    Attributes:
        streams: Whole streams, ``bad`` of which had too few or too many events.
        errs: Requests and connections that failed.
        srv_us_ev: CPU of the server in microseconds an event.
        lat_us: Lateness of events, or age of chunks.

    """

    streams: int
    streams_s: float
    events_s: float
    errs: int
    bad: int
    srv_us_ev: float
    lat_us: Percentiles | None = None

    @property
    def lost(self) -> int:
        """Streams that did not come whole."""
        return self.bad + self.errs

    @property
    def times(self) -> Percentiles:
        """The times that were asked for."""
        if self.lat_us is None:
            raise RuntimeError("the load generator saw no event at all")
        return self.lat_us


def load(bench: Bench, server: Server, demand: Demand) -> Load:
    """Ask ``server`` for ``demand``.

    Raises:
        AbsentError: There is no load generator here.

    """
    flags = {"flat out": [], "paced": ["-t"], "stamped": ["-S"]}[demand.mode]
    numbers = {
        "-p": server.port,
        "-P": server.pid,
        "-c": demand.connections,
        "-n": demand.events,
        "-g": demand.gap_ms,
        "-d": demand.seconds,
        "-w": demand.warm_s,
        "-r": demand.ramp_s,
    }
    options: list[str | Path] = [text for flag, number in numbers.items() for text in (flag, str(number))]
    done = subprocess.run(
        [bench.program("loadgen"), *options, *flags, "-u", demand.target],
        capture_output=True,
        timeout=300,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Load)
