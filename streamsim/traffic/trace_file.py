"""Traces of what was asked elsewhere: JSON Lines as Mooncake publishes them and AIPerf replays them.

A line has ``timestamp`` (ms since the beginning), ``input_length`` and ``output_length`` (tokens); other keys are left
alone.
"""

from __future__ import annotations

import msgspec

from streamsim.errors import UsageError
from streamsim.traffic.tokens import MOST
from streamsim.traffic.workload import Asked
from streamsim.units import LONGEST, MILLISECOND


class _Line(msgspec.Struct):
    timestamp: int | float
    input_length: int
    output_length: int


_decoder = msgspec.json.Decoder(_Line)


def read_trace(data: bytes, *, source: str) -> tuple[Asked, ...]:
    """Return what a trace tells, in the order of time.

    Raises:
        UsageError: A line is no request, or there is none.

    """
    found: list[Asked] = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            found.append(_read(line, f"{source}:{number}"))
    if not found:
        raise UsageError(source, "it holds no request", "write one a line, with timestamp, input_length, output_length")
    return tuple(sorted(found, key=lambda asked: asked.at_ns))


def _read(line: bytes, where: str) -> Asked:
    try:
        told = _decoder.decode(line)
    except (msgspec.MsgspecError, ValueError) as error:
        remedy = "write timestamp (ms), input_length and output_length (tokens)"
        raise UsageError(where, f"it is no request of a trace: {error}", remedy) from error
    if told.timestamp * MILLISECOND > LONGEST or max(told.input_length, told.output_length) > MOST:
        remedy = f"a trace is no longer than a century, and a prompt or an answer has {MOST} tokens at most"
        raise UsageError(where, "a time or a number of tokens is too great", remedy)
    at_ns = int(told.timestamp * MILLISECOND)
    if at_ns < 0 or told.input_length < 0 or told.output_length < 1:
        raise UsageError(where, "a time or a number of tokens is too small", "answers have one token at least")
    return Asked(at_ns, told.input_length, told.output_length)
