"""Whether an event loop lives in virtual time: asked of every loop, in real time too, so it takes no more than this."""

from __future__ import annotations

import selectors
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Idling(Protocol):
    """A loop's virtual time, for those who wait for what happens outside the loop."""

    def on_idle(self, look: Callable[[], bool]) -> None:
        """Call ``look`` whenever the loop is idle, before time moves, until it returns true."""
        ...


class AttachedSelector(selectors.BaseSelector):
    """A selector that stands before a loop's own, and so attaches it to a clock.

    Attributes:
        idling: The loop's time.

    """

    idling: Idling


def virtual_time(loop: asyncio.AbstractEventLoop) -> Idling | None:
    """Return the virtual time in which ``loop`` lives, if it does."""
    selector = getattr(loop, "_selector", None)
    return selector.idling if isinstance(selector, AttachedSelector) else None
