"""Whether a request asks for a stream or for a whole answer: what dialects have in common in telling it.

What says nothing, an empty body or ``{}``, is taken to want whatever is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamsim.dialects.loosely import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


class _Asked(msgspec.Struct):
    stream: bool | None = None


_decoder = msgspec.json.Decoder(_Asked)


def asked(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """Return what a body asks for; None if it is no JSON object, or an empty one."""
    if not body.startswith(b"{") or body[1:].strip() == b"}":
        return None
    try:
        return decoder.decode(body)
    except UNREADABLE:
        return None


def whole_by_field(body: bytes, *, unsaid: bool = True) -> bool:
    """Tell whether ``stream`` is false; ``unsaid`` is what it means that it is not there."""
    said = asked(_decoder, body)
    if said is None:
        return False
    return unsaid if said.stream is None else not said.stream


def whole_by_path(target: str, places: Iterable[tuple[str, str]]) -> bool:
    """Tell whether the path is one of whole answers: ``places`` is how it ends, and how that of the stream."""
    return target.partition("?")[0].endswith(tuple(whole for whole, _ in places))


def streamed_at(target: str, places: Iterable[tuple[str, str]]) -> str:
    """Return where the answer of ``target`` is streamed; "" where that is the same place."""
    path, mark, query = target.partition("?")
    for whole, streamed in places:
        if path.endswith(whole):
            return path.removesuffix(whole) + streamed + mark + query
    return ""
