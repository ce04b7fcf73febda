"""One row of the table of what faults do: a fault with its parameters, and what is true on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.shells.fault_streams import CHUNKED, FRAMES, TYPE, A, B, C, D, R, S

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.shells.seen import Ended, Seen

    Fact = Callable[[Seen], bool]


@dataclass
class Case:
    """One fault with its parameters, and what is true on the wire.

    Attributes:
        chunks: The whole HTTP chunks; without chunked framing the body as one.
        at_ms: When something is written.
        complete: The framing says that this was all; by default where the connection lives on.
        facts: What else holds.
        of: Which recording.
        asks: A header of the request.

    """

    options: str
    chunks: tuple[bytes, ...] | None = FRAMES
    ended: Ended = "open"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (TYPE, CHUNKED)
    loose: bytes = b""
    complete: bool | None = None
    added: bool = True
    at_ms: tuple[float, ...] | None = None
    facts: tuple[Fact, ...] = ()
    of: str = "chat"
    asks: str = ""


def case(options: str = "", /, *chunks: bytes, **told: Any) -> Case:
    """Return a case; without chunks they are those of the recording."""
    if chunks:
        told["chunks"] = chunks
    return Case(options, **told)


def before_c(told: bytes) -> tuple[bytes, ...]:
    """Return the frames, with ``told`` before the one halfway and in its chunk."""
    return R, A, B, told + C, S, D
