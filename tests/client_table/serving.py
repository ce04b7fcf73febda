"""A server for one case: streamsim's own, or, for what no server can do, a port where nobody answers."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from streamsim.engine.core import Engine, Settings
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.server import Server
from tests.client_table.cases import spelt_for
from tests.client_table.streams import frames, stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.client_table.cases import Case
    from tests.client_table.streams import Form

NOBODY = ("refuse", "ignore")


@asynccontextmanager
async def serving(case: Case, form: Form) -> AsyncIterator[tuple[str, Callable[[], int]]]:
    """Serve one case; give the URL, and what counts the requests so far.

    Raises:
        PlanError: The fault has no place in this stream.

    """
    if case.names and case.names[0] in NOBODY:
        async with _nobody(case.names[0]) as url:
            yield url, lambda: 0
        return
    engine = Engine([Planner(stream(form, calls=case.calls))], Settings(profile=_profile(case, form), mode="order"))
    engine.check()
    async with Server(engine) as server:
        yield server.url, lambda: len(engine.journal)


def _profile(case: Case, form: Form) -> Profile:
    faults = tuple(map(parse_fault, spelt_for(case, len(frames(form, calls=case.calls)))))
    pacing = Pacing(itl=parse_distribution(case.slow, where="itl")) if case.slow else Pacing()
    return Profile(pacing=pacing, faults=faults)


@asynccontextmanager
async def _nobody(how: str) -> AsyncIterator[str]:
    """Give the URL of a port that refuses connections, or of one that never answers an attempt to connect.

    It never answers because its queue of connections is full and nobody accepts them.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = listener.getsockname()
    waiting: list[socket.socket] = []
    if how == "refuse":
        listener.close()
    else:
        listener.listen(0)
        waiting = [_knocking(address) for _ in range(4)]
        await asyncio.sleep(0.1)
    try:
        yield f"http://127.0.0.1:{address[1]}"
    finally:
        for one in (listener, *waiting):
            one.close()


def _knocking(address: tuple[str, int]) -> socket.socket:
    one = socket.socket()
    one.settimeout(0)
    one.connect_ex(address)
    return one
