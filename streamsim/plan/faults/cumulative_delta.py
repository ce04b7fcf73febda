"""Each delta holds all of the text so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.faults.altering import MOST_BYTES
from streamsim.plan.faults.shapes import growth
from streamsim.plan.faults.telling import Telling, with_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class CumulativeDelta(Telling, frozen=True, kw_only=True, tag="cumulative_delta"):
    """Write all of the text so far into every delta, or into that of the place alone: a snapshot.

    Text, thoughts and the arguments of each tool call are added up apart.
    """

    by_default = "all"
    about: ClassVar[str] = "that grows by one text"
    sees: ClassVar[str] = "text that doubles if it is added up"
    rows: ClassVar[tuple[str, ...]] = ("F11",)
    incidents: ClassVar[tuple[str, ...]] = (
        "QwenLM/qwen-code#3896",
        "openclaw/openclaw#142888",
        "freellmapi#1007",
    )

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has a text of its own."""
        return growth(item, scene) is not None and with_text(scene, item, item.event.data, "x") is not None

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return the frames with all that was said."""
        said: dict[tuple[str, int, str], str] = {}
        told: dict[int, bytes] = {}
        size = 0
        for index, item in enumerate(now.scene.anatomy.landed):
            piece = growth(item, now.scene)
            if piece is None:
                continue
            key = (piece.kind, piece.choice, piece.call)
            said[key] = said.get(key, "") + piece.text
            if index in chosen and now.frame(index):
                size += len(said[key])
                if size > MOST_BYTES:
                    problem = f"its events would be larger than {MOST_BYTES} bytes"
                    raise PlanError(self.name(), problem, "strike fewer")
                told[index] = now.retold(index, with_text(now.scene, item, now.data(index), said[key]))
        return told
