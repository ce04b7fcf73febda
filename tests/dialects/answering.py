"""One answer, served on loopback by the real server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.builders import exchange, recording
from tests.shells.serving import engine, serving

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from streamsim.dialects.protocol import Written
    from streamsim.wire import Headers

CONTENT_TYPES = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json; charset=UTF-8",
    "aws-eventstream": "application/vnd.amazon.eventstream",
}


@contextmanager
def answering(path: str, chunks: Iterable[bytes], headers: Headers, *, status: int = 200) -> Generator[str, None, None]:
    """Serve ``chunks`` to whoever posts to ``path``; give the server's URL."""
    framed = (*(pair for pair in headers if pair[0].lower() != "connection"), ("Transfer-Encoding", "chunked"))
    told = exchange(
        chunks=chunks, headers=framed, target=path, status=status, reason="OK" if status == 200 else "Error"
    )
    with serving(engine(recording(told))) as running:
        yield f"http://127.0.0.1:{running.port}"


def bodies(written: Iterable[Written]) -> list[bytes]:
    """Return the bytes of each write."""
    return [one.data for one in written]
