"""Recordings, exchanges and timelines in one line each.

A test says what matters to it and leaves the rest to these defaults: an OpenAI-like request, answered after 100 ms by a
chunked event stream with 20 ms between its chunks, complete.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from streamsim.recording import codec
from streamsim.recording.model import Chunk, Ending, Exchange, Header, Info, Recording, Request, Response, as_text
from streamsim.wire import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.recording.model import Line
    from streamsim.wire import Action, Framing, Headers, Timeline

EVENT_STREAM: Headers = (("content-type", "text/event-stream"),)
HELLO = (b"data: one\n\n", b"data: two\n\n", b"data: three\n\n")


def sse(*data: str, event: str = "") -> list[bytes]:
    """Return one frame for each of ``data``, all with the same event type if one is given."""
    name = f"event: {event}\n" if event else ""
    return [f"{name}data: {item}\n\n".encode() for item in data]


def chat(*words: str, usage: bool = False) -> list[bytes]:
    """Return the frames of an OpenAI chat answer: role, one for each word, finish, usage if asked for, ``[DONE]``."""

    def chunk(delta: dict[str, object] | None, finish: str | None = None) -> str:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        told: dict[str, object] = {"id": "c1", "object": "chat.completion.chunk", "choices": choices}
        if delta is None:
            told["usage"] = {"prompt_tokens": 3, "completion_tokens": len(words), "total_tokens": 3 + len(words)}
        return json.dumps(told, separators=(",", ":"))

    told = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": word}) for word in words)]
    return sse(*told, chunk({}, "stop"), *([chunk(None)] if usage else []), "[DONE]")


def exchange(
    *,
    chunks: Iterable[bytes] = HELLO,
    gaps_us: int | Sequence[int] = 20_000,
    status: int = 200,
    reason: str = "OK",
    framing: Framing = "chunked",
    headers: Headers = EVENT_STREAM,
    http: str = "1.1",
    response_us: int = 100_000,
    infos: Iterable[Info] = (),
    end: str | Ending | None = "complete",
    end_us: int = 0,
    trailers: Headers = (),
    method: str = "POST",
    target: str = "/v1/chat/completions",
    request_headers: Headers = (("host", "example.test"), ("content-type", "application/json")),
    body: bytes = b'{"stream":true}',
    at_us: int = 0,
    connection: int = 1,
) -> Exchange:
    """Return an exchange numbered 1; `recording` numbers it anew.

    ``gaps_us`` is the gap before each chunk, or one gap for all. ``status`` 0 means that no response came. ``end`` is a
    cause, a whole end line, or None where the recorder died.
    """
    pieces = list(chunks)
    gaps = [gaps_us] * len(pieces) if isinstance(gaps_us, int) else gaps_us
    return Exchange(
        number=1,
        request=Request(
            exchange=1,
            connection=connection,
            at_us=at_us,
            method=method,
            target=target,
            headers=request_headers,
            text=as_text(body) if body else None,
            b64=_b64(body),
        ),
        infos=list(infos),
        response=Response(
            exchange=1, dt_us=response_us, status=status, reason=reason, http=http, framing=framing, headers=headers
        )
        if status
        else None,
        chunks=[
            Chunk(exchange=1, dt_us=gap, text=as_text(data), b64=_b64(data))
            for gap, data in zip(gaps, pieces, strict=True)
        ],
        end=Ending(exchange=1, dt_us=end_us, cause=end, trailers=trailers) if isinstance(end, str) else end,
    )


def _b64(data: bytes) -> bytes | None:
    return data if as_text(data) is None else None


def lines(one: Exchange) -> list[Line]:
    """Return the lines of ``one`` in file order."""
    head = [one.response] if one.response is not None else []
    tail = [one.end] if one.end is not None else []
    return [one.request, *one.infos, *head, *one.chunks, *tail]


def recording(*exchanges: Exchange, source: str = "session.jsonl") -> Recording:
    """Return a recording of ``exchanges``, numbered 1, 2, … in this order; of one default exchange if none is given."""
    header = Header(version=1, created="2026-11-22T08:00:00Z", recorder="streamsim test")
    numbered = [
        [replace(line, exchange=number) for line in lines(one)]
        for number, one in enumerate(exchanges or (exchange(),), start=1)
    ]
    told = [codec.write(header), *(codec.write(line) for group in numbered for line in group)]
    return codec.decode(told, source=source)


def as_file(one: Recording) -> bytes:
    """Return the bytes of the file that ``one`` stands in."""
    return b"".join(codec.encode(one))


def timeline(*steps: tuple[int, Action] | tuple[int, Action, int]) -> Timeline:
    """Return the steps as a timeline, unchecked; each is (ns, action) or (ns, action, index of the recorded chunk)."""
    return tuple(Step(*step) for step in steps)
