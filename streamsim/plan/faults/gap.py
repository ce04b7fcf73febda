"""The stream falls silent for a while, and then goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.draft import pause
from streamsim.plan.faults.fault import AtPlace, Phase
from streamsim.plan.faults.values import positive

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Gap(AtPlace, frozen=True, kw_only=True, tag="gap"):
    """Pause at the place: all that follows, the end included, comes later. A chunk across the place becomes two.

    By default halfway through the events. With a probability and no place: before each event that chance picks.

    Attributes:
        for_: ``for=301s``: how much later; by default a second more than Node's fetch waits for a body.

    """

    for_: str = msgspec.field(default="301s", name="for")

    phase: ClassVar[Phase] = Phase.TIMES
    sees: ClassVar[str] = "a pause; a body timeout that is shorter"
    rows: ClassVar[tuple[str, ...]] = ("B6",)
    incidents: ClassVar[tuple[str, ...]] = (
        "QwenLM/qwen-code#4604",
        "caozhiyuan/copilot-api#181",
    )

    def __post_init__(self) -> None:
        """Refuse what is no duration."""
        super().__post_init__()
        positive(self, "for", self.for_)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with its pauses."""
        return pause(draft, self.offsets(scene), positive(self, "for", self.for_))
