"""Every chunk gives the reason to finish, or an early one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.json_values import unquoted
from streamsim.plan.faults.json_spans import ANY, matching, put
from streamsim.plan.faults.shapes import LISTS, reasons
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene

_KEYS = {"choices": "finish_reason", "candidates": "finishReason"}


class FinishEveryChunk(Telling, frozen=True, kw_only=True, tag="finish_every_chunk"):
    """Write a reason to finish into every chunk that says something, or into that of the place.

    Attributes:
        word: The reason; empty: the one that the stream gives in the end, or else ``stop``.

    """

    word: str = ""

    by_default = "all"
    about: ClassVar[str] = "that says something and has room for a reason to finish"
    sees: ClassVar[str] = "the end of the answer told before its end"
    rows: ClassVar[tuple[str, ...]] = ("F7",)
    incidents: ClassVar[tuple[str, ...]] = ("gcli2api#403", "open-webui/open-webui#16377")

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has content, no reason yet, and choices or a line's ``done``."""
        del scene
        data = item.event.data
        return bool(item.content) and not reasons(data) and bool(_places(data))

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the chunk with the reason in each choice."""
        del item
        word = msgspec.json.encode(self.word or _own(scene)).decode()
        for path, key in _places(data):
            data = put(data, path, key, word)
        return data


def _places(data: str) -> list[tuple[tuple[str | int, ...], str]]:
    """Return the objects into which a reason goes, and its key there."""
    found = [(value.path, _KEYS[key]) for key in LISTS if f'"{key}"' in data for value in matching(data, (key, ANY))]
    if not found and '"done"' in data and matching(data, ("done",)):
        return [((), "done_reason")]
    return found


def _own(scene: Scene) -> str:
    """Return the reason that the stream gives."""
    for item in scene.anatomy.landed:
        for value in reasons(item.event.data):
            return unquoted(item.event.data[value.start : value.stop])
    return "stop"
