"""A loop that is attached to a fresh clock, for as long as one coroutine runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import Attachment, attach

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_T = TypeVar("_T")


def run(main: Callable[[VirtualClock, Attachment], Awaitable[_T]], *, debug: bool = False) -> _T:
    """Return what ``main`` returns on a loop that is attached to a fresh clock."""

    async def whole() -> _T:
        clock = VirtualClock()
        return await main(clock, attach(clock))

    return asyncio.run(whole(), debug=debug)
