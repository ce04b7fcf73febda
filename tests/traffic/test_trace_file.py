from __future__ import annotations

import pytest

from streamsim.errors import UsageError
from streamsim.traffic.trace_file import read_trace
from streamsim.traffic.workload import Asked

LINE = b'{"timestamp": 27.5, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}\n'
REMEDY = "write timestamp (ms), input_length and output_length (tokens)"


def test_a_trace_is_read_in_the_order_of_time() -> None:
    """Milliseconds and tokens; keys that mean nothing here are left alone."""
    data = LINE + b'\n{"timestamp": 0, "input_length": 0, "output_length": 1}\n'
    assert read_trace(data, source="t.jsonl") == (Asked(0, 0, 1), Asked(27_500_000, 6758, 500))


MOST = "a trace is no longer than a century, and a prompt or an answer has 100000000 tokens at most"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\n", "t.jsonl: it holds no request; write one a line, with timestamp, input_length, output_length"),
        (
            LINE + b"{}",
            f"t.jsonl:2: it is no request of a trace: Object missing required field `timestamp`; {REMEDY}",
        ),
        (
            b'{"timestamp": 0, "input_length": 3, "output_length": 0}',
            "t.jsonl:1: a time or a number of tokens is too small; answers have one token at least",
        ),
        *(
            (data, f"t.jsonl:1: a time or a number of tokens is too great; {MOST}")
            for data in (
                b'{"timestamp": 1e300, "input_length": 3, "output_length": 1}',
                b'{"timestamp": 3153600000001, "input_length": 3, "output_length": 1}',
                b'{"timestamp": 0, "input_length": 100000001, "output_length": 1}',
                b'{"timestamp": 0, "input_length": 3, "output_length": 100000001}',
            )
        ),
    ],
)
def test_what_is_no_trace_is_refused(data: bytes, message: str) -> None:
    """By file and line."""
    with pytest.raises(UsageError) as caught:
        read_trace(data, source="t.jsonl")
    assert str(caught.value) == message
