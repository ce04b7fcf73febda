"""A response header that tells some clients not to mind how the connection ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.framing import swapped

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Head


class ConnectionCloseMask(Fault, frozen=True, kw_only=True, tag="connection_close_mask"):
    """Send ``connection: close`` instead of all ``connection`` and ``keep-alive`` headers, and close after the body.

    Alone it is lawful. With a fault that closes early, clients that take the header for a licence report success.
    """

    phase: ClassVar[Phase] = Phase.HEAD
    sees: ClassVar[str] = "with an early close or reset: nothing, in some clients; without one: a normal response"
    rows: ClassVar[tuple[str, ...]] = ("A12",)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the header."""
        del scene
        return draft.with_head(_masked)


def _masked(head: Head) -> Head:
    headers = swapped(head.headers, ("connection", "keep-alive"), (("connection", "close"),))
    return msgspec.structs.replace(head, headers=headers)
