"""What a request asks for, as far as it says so itself.

Law: it depends on nothing but the request, so it is found once, however often the same request is heard.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.engine.overrides import NONE, PREFIX, Overrides, overrides
from streamsim.plan.planner import Given

if TYPE_CHECKING:
    from streamsim.engine.requests import Request


class Sought(msgspec.Struct, frozen=True):
    """What a request asks for.

    Attributes:
        chosen: What its ``x-streamsim-…`` headers choose.
        given: What it changes in its own plan; whether it wants no stream is for the recording to tell.
        cors: Whether a browser asks from another origin.
        manner: The same for all who are to be answered in the same manner by the same attempt at the same exchange.
        spelling: What only requests share that are equal to the byte.

    """

    chosen: Overrides
    given: Given
    cors: bool
    manner: str
    spelling: bytes


_USUAL: Final = Given()


def sought_by(request: Request) -> Sought:
    """Return what ``request`` asks for.

    Raises:
        UsageError: A header of ours is not known, or its value is wrong.

    """
    known = request.sought
    if not isinstance(known, Sought):
        known = request.sought = _seek(request)
    return known


def _seek(request: Request) -> Sought:
    fields = request.fields
    chosen = overrides(request) if PREFIX in b"\n".join(fields) else NONE
    given = Given(
        head_only=request.method == "HEAD",
        unchunked=request.http == "1.0",
        last_event_id=fields.get(b"last-event-id", b"").decode("utf-8", "replace"),
    )
    cors = b"origin" in fields
    usual = chosen is NONE and given == _USUAL and not cors
    manner = "" if usual else repr((chosen.seed, chosen.pacing, chosen.faults, given, cors))
    said = f"{request.method} {request.target}\n".encode() + request.body
    return Sought(chosen, given, cors, manner, key_of(chosen, said))


def key_of(chosen: Overrides, said: bytes) -> bytes:
    """Return what equal requests share: their ``x-streamsim-key``, or else what they say."""
    if chosen.key is not None:
        said = b"key " + chosen.key.encode()
    if chosen.exchange is not None:
        said = f"exchange {chosen.exchange}\n".encode() + said
    return blake2b(said, digest_size=16).digest()
