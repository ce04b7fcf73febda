"""A long stream over a real socket, from who holds one chunk of it: what else is held in this process is the client's.

Law: the first request is answered with the chunks, over and over; each later one with 204, as by the usual server.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from streamsim.wire import End, Head, http1

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_PATIENCE_S: Final = 60.0
_CLOSE: Final = ("connection", "close")
_HEAD: Final = http1.head(
    Head(200, "OK", (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"), _CLOSE))
)
_NO_MORE: Final = http1.head(Head(204, "No Content", (_CLOSE,)))


@contextmanager
def sending(chunks: Sequence[bytes], times: int) -> Generator[str]:
    """Serve ``times`` times all ``chunks``, at the URL that is given, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wires = [http1.body(chunk, "chunked") for chunk in chunks]
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, wires * times, over), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/stream"
        finally:
            over.set()
            with suppress(OSError):  # wakes who accepts, on every system
                socket.create_connection(listener.getsockname(), _PATIENCE_S).close()
            thread.join(_PATIENCE_S)


def _serve(listener: socket.socket, wires: Sequence[bytes], over: threading.Event) -> None:
    answer: Sequence[bytes] = (_HEAD, *wires, http1.end(End(), "chunked"))
    while True:
        client, _ = listener.accept()
        with client, suppress(OSError):  # it may leave
            if over.is_set():
                return
            _answer(client, answer)
        answer = (_NO_MORE,)


def _answer(client: socket.socket, wires: Sequence[bytes]) -> None:
    client.settimeout(_PATIENCE_S)
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = client.recv(4096)
        if not more:
            return
        asked += more
    for wire in wires:
        client.sendall(wire)
