"""A client that reads a stream with httpx, and records it with vcrpy if it is told where.

    python -m benchmarks.programs.read URL [CASSETTE]

Prints, as JSON, when each event was there, in milliseconds since the request, and the CPU time that took.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any


def read(client: Any, url: str) -> list[float]:
    """Return when each event was there."""
    arrivals: list[float] = []
    asked = time.monotonic()
    last = b""
    with client.stream("POST", url, json={"model": "gpt-4o", "stream": True}) as response:
        for data in response.iter_raw():
            # An event ends in two LF, which may come in two reads.
            arrivals += [(time.monotonic() - asked) * 1000] * (last + data).count(b"\n\n")
            last = data[-1:]
    return arrivals


def main(url: str, cassette: str = "") -> None:
    httpx: Any = import_module("httpx")
    recording: AbstractContextManager[Any] = nullcontext()
    if cassette:
        recording = import_module("vcr").use_cassette(cassette)
    with httpx.Client(timeout=60) as client:
        began = time.process_time()
        with recording:
            arrivals = read(client, url)
        spent = time.process_time() - began
    print(json.dumps({"arrivals_ms": arrivals, "cpu_s": spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
