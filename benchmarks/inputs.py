"""Seeded inputs: the same bytes on every machine and Python."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from streamsim.recording import codec
from streamsim.recording.model import Chunk, Ending, Header, Recording, Request, Response
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from streamsim.recording.model import Line

SEED = 7
TARGET = "/v1/chat/completions"
GAP_US = 20_000

_BODY = '{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}'
REQUEST: Final = (
    f"POST {TARGET} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer any\r\n"
    f"Content-Length: {len(_BODY)}\r\n\r\n{_BODY}"
).encode()
"""Asks for a chat answer as a stream, with what all servers want to see."""

_WORDS = ("the", "of", "a", "stream", "token", "server", "replay", "deterministic", "time", "jitter", "and", "latency")
_ID = "chatcmpl-A1b2C3d4E5f6G7h8I9j0K1L2M3N4O"


def chat_events(count: int, seed: int = SEED) -> list[bytes]:
    """Return a chat answer in ``count`` events of about 200 bytes: role, words, stop, ``[DONE]``."""
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f" {word}"} for word in islice(words(seed), count - 3)]
    told = [_chunk(delta, None) for delta in deltas]
    return [*(f"data: {text}\n\n".encode() for text in (*told, _chunk({}, "stop"))), b"data: [DONE]\n\n"]


def words(seed: int) -> Iterator[str]:
    """Yield words, without end."""
    rng = Rng(seed, "words")
    nth = 0
    while True:
        yield _WORDS[rng.below(nth, len(_WORDS))]
        nth += 1


def _chunk(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"id": _ID, "object": "chat.completion.chunk", "created": 1730000000, "model": "gpt-4o-2024-08-06"}
    return json.dumps({**told, "choices": [choice]}, separators=(",", ":"))


def session(frames: Sequence[bytes], *, gap_us: int = GAP_US, number: int = 1) -> Iterator[Line]:
    """Yield one exchange: ``frames`` as chunks, the first with the head at once, the others ``gap_us`` apart."""
    yield Request(
        exchange=number,
        connection=1,
        at_us=0,
        method="POST",
        target=TARGET,
        headers=(("host", "example.test"), ("content-type", "application/json")),
        text='{"model":"gpt-4o","stream":true}',
    )
    headers = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"))
    framing = ("Transfer-Encoding", "chunked")
    yield Response(exchange=number, dt_us=0, status=200, reason="OK", framing="chunked", headers=(*headers, framing))
    for nth, frame in enumerate(frames):
        yield Chunk(exchange=number, dt_us=gap_us if nth else 0, text=frame.decode())
    yield Ending(exchange=number, dt_us=0, cause="complete")


def file_lines(*sessions: Iterable[Line]) -> Iterator[bytes]:
    """Yield the lines of a file that holds ``sessions``."""
    yield codec.write(Header(version=1, created="2026-11-22T08:00:00Z", recorder="streamsim benchmarks"))
    yield from map(codec.write, chain.from_iterable(sessions))


def recording(frames: Sequence[bytes], *, gap_us: int = GAP_US) -> Recording:
    """Return a recording of one exchange."""
    return codec.decode(file_lines(session(frames, gap_us=gap_us)), source="benchmark.jsonl")


def recording_file(path: Path, frames: Sequence[bytes], *, gap_us: int = GAP_US) -> Path:
    """Write a recording of one exchange to ``path`` and return it."""
    path.write_bytes(b"".join(file_lines(session(frames, gap_us=gap_us))))
    return path


def large_file(path: Path, size: int, *, frames: int = 500) -> Path:
    """Write a recording of at least ``size`` bytes, exchanges of ``frames`` chunks each, and return its path."""
    written = number = 0
    with path.open("wb") as file:
        while written < size:
            number += 1
            told = file_lines(session(chat_events(frames, seed=number), number=number))
            block = b"".join(told if number == 1 else islice(told, 1, None))
            written += file.write(block)
    return path
