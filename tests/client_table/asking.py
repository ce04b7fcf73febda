"""Every case put to a client: one driver process, a server for each case, one after the other."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import PlanError
from tests.client_table.cases import LIMIT_S, NO_FAULT, NO_FAULT_IN_CALLS, TIMEOUT_S
from tests.client_table.installing import driver, environment
from tests.client_table.outcome import Observation, Outcome, classify
from tests.client_table.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from tests.client_table.cases import Case
    from tests.client_table.clients import Client

LOADING_S = 60.0
GRACE_S = 15.0


class Driver:
    """A process that asks with one client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *driver(self.client.language), stdin=pipe, stdout=pipe, env=environment()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running()
        if process.returncode is None:
            process.kill()
        await process.wait()

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    async def about(self) -> dict[str, str]:
        """Return the versions of the client and of what carries it."""
        return msgspec.json.decode(await self._say({"api": self.client.name, "about": True}), type=dict[str, str])

    async def ask(self, url: str, *, patient: bool = False) -> Observation:
        """Ask once; the first time, when the client is still being loaded, more patiently."""
        times = (
            {"limit_s": LOADING_S, "timeout_s": LOADING_S} if patient else {"limit_s": LIMIT_S, "timeout_s": TIMEOUT_S}
        )
        return msgspec.json.decode(await self._say({"api": self.client.name, "url": url, **times}), type=Observation)

    async def _say(self, order: dict[str, object]) -> bytes:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = await asyncio.wait_for(process.stdout.readline(), LOADING_S + GRACE_S)
        if not answer:
            raise RuntimeError(f"the driver of {self.client.name} ended while asking {order}")
        return answer


async def ask_all(
    client: Client, cases: Iterable[Case], done: Callable[[Client, Case, Outcome], None]
) -> dict[str, str]:
    """Put every case to ``client``; return its versions."""
    async with Driver(client) as asking:
        about = await asking.about()
        without = {case.calls: await _without(asking, case) for case in (NO_FAULT, NO_FAULT_IN_CALLS)}
        for case in cases:
            done(client, case, await _outcome(asking, case, without[case.calls]))
    return about


async def _without(asking: Driver, case: Case) -> Observation:
    seen, requests = await _ask(asking, case, patient=True)
    if seen.error or seen.hung or requests != 1 or bool(seen.calls) is not case.calls:
        raise RuntimeError(f"{asking.client.name} fails without a fault: {seen}")
    return seen


async def _ask(asking: Driver, case: Case, *, patient: bool = False) -> tuple[Observation, int]:
    async with serving(case, asking.client.form) as (url, count):
        seen = await asking.ask(url, patient=patient)
        return seen, count()


async def _outcome(asking: Driver, case: Case, without: Observation) -> Outcome:
    try:
        seen, requests = await _ask(asking, case)
    except PlanError as error:
        return Outcome("absent", why=str(error))
    return classify(seen, without, requests)
