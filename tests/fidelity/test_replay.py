"""Whatever was recorded comes back as it was: from a socket, from memory, and once more through the recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fidelity.replays import from_memory, from_socket, recorded_again, replayed, told
from tests.fidelity.sources import everything, recording_of

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.recording.model import Exchange
    from tests.fidelity.wire import Answer

each_recording = pytest.mark.parametrize("path", everything())


@each_recording
def test_a_socket_receives_what_was_recorded(path: Path) -> None:
    """A raw client receives the recorded head, body bytes, chunk boundaries and kind of end, and nothing else."""
    recording = recording_of(path)
    for exchange, answer in zip(recording.exchanges, from_socket(recording), strict=True):
        assert _as_received(exchange) == _received(answer)


@each_recording
def test_memory_receives_what_a_socket_does(path: Path) -> None:
    """The server without sockets writes the very bytes that a socket receives."""
    recording = recording_of(path)
    assert [one.raw for one in from_memory(recording)] == [one.raw for one in from_socket(recording)]


@each_recording
def test_a_replay_recorded_again_is_the_same_recording(path: Path) -> None:
    """The proxy records of a replay what the recorder had recorded of the original, times aside."""
    recording = recording_of(path)
    assert [told(one) for one in recorded_again(recording)] == [told(one) for one in recording.exchanges]


def _as_received(exchange: Exchange) -> dict[str, object]:
    """Return what a client must see of ``exchange``."""
    response, end = exchange.response, exchange.end
    assert response is not None
    assert end is not None
    pieces = [chunk.data for chunk in exchange.chunks]
    return {
        "status": (response.http, response.status, response.reason),
        "headers": response.headers,
        "infos": [info.status for info in exchange.infos],
        "chunks": pieces if response.framing == "chunked" else [b"".join(pieces)],
        "trailers": end.trailers,
        "loose": end.data,
        "complete": replayed(exchange) == "complete" and response.framing != "close",
        "reset": end.cause == "reset",
    }


def _received(answer: Answer) -> dict[str, object]:
    return {
        "status": (answer.http, answer.status, answer.reason),
        "headers": answer.headers,
        "infos": answer.infos,
        "chunks": answer.chunks if answer.chunked else [answer.body],
        "trailers": answer.trailers,
        "loose": answer.loose,
        "complete": answer.complete,
        "reset": answer.reset,
    }
