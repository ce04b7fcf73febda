"""The body of one answer by itself, as ``curl -N --compressed`` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.exporters.told import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.recording.model import Exchange, Recording


def write(recording: Recording, exchanges: Sequence[Exchange]) -> bytes:  # noqa: ARG001 - as the other formats
    """Return the bytes."""
    return b"".join(piece for one in exchanges for piece in plain(one)[0])
