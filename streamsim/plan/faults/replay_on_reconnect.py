"""A reader that comes back is sent what it already has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.fault import Fault, Phase

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class ReplayOnReconnect(Fault, frozen=True, kw_only=True, tag="replay_on_reconnect"):
    """Do not look at ``Last-Event-ID``: send the whole stream, as to a reader that has nothing.

    Without this fault a request with an id that the recorded stream gives is answered from after that event.
    """

    phase: ClassVar[Phase] = Phase.RESUME
    sees: ClassVar[str] = "after a reconnect, events that it has already had"
    rows: ClassVar[tuple[str, ...]] = ("I2",)
    incidents: ClassVar[tuple[str, ...]] = ("athrvk/vayu#21", "feder-cr/invisible_playwright_mcp#1263")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return what ``draft`` would be without a resumption; its length is then fitted, like any that changes."""
        del scene
        return draft if draft.whole is None else msgspec.structs.replace(draft.whole, head=draft.head)
