from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal

import pytest

from streamsim.shells.running import allow_many_sockets, run_until_signalled


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_cleanly(number: signal.Signals) -> None:
    """Either signal cancels what runs, lets it tidy up, and is no error."""
    done: list[str] = []

    async def main() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.get_running_loop().create_future()
        finally:
            done.append("tidied")

    run_until_signalled(main())
    assert done == ["tidied"]


def test_what_ends_by_itself() -> None:
    """A server that ends by itself is over; its error is the caller's."""

    async def ends() -> None:
        pass

    async def fails() -> None:
        raise LookupError("why")

    run_until_signalled(ends())
    with pytest.raises(LookupError, match="why"):
        run_until_signalled(fails())


def test_open_files_are_allowed_to_the_hard_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The soft limit of open files is raised to the hard one; where the system refuses, nothing happens."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, 20))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    allow_many_sockets()
    assert asked == [(20, 20)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (20, 20))
    allow_many_sockets()
    assert asked == [(20, 20)]

    def refuse(*_: object) -> None:
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, 20))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    allow_many_sockets()


def test_the_collector_is_left_as_it_was() -> None:
    """While a server runs the collector comes seldom and looks at nothing older; then all is as before."""
    before, seen = gc.get_threshold(), []

    async def main() -> None:
        seen.append((gc.get_threshold()[0] > before[0], gc.get_freeze_count() > 0))

    run_until_signalled(main())
    assert seen == [(True, True)]
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
