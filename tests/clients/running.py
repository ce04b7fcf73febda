"""Running streamsim for a client: as the command a user would type, or in a thread of this process."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamsim.engine.core import Engine, Settings
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.files import load
from streamsim.shells.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.model import Recording

PATIENCE_S = 30.0
INSTANT = Profile(pacing=Pacing(mode="instant"))


@contextmanager
def command(*arguments: str) -> Iterator[str]:
    """Run ``streamsim ARGUMENTS`` until the block ends; give the URL of its ready line. It must end cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "streamsim", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(PATIENCE_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        if not ready:
            raise RuntimeError(f"streamsim {' '.join(arguments)} did not start: {process.communicate()[1]}")
        name, _, url = ready.strip().partition(" ready at ")
        assert name == f"streamsim {arguments[0]}"
        yield url
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, "Traceback" in complaints) == (0, False), complaints
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Serve a shipped recording, at once, from a thread of this process; give its URL."""
    with answering(load(name), name=name) as url:
        yield url


@contextmanager
def answering(recording: Recording, *, name: str = "") -> Iterator[str]:
    """Serve a recording, at once, from a thread of this process; give its URL."""
    engine = Engine([Planner(recording, name=name)], Settings(profile=INSTANT))
    url = ""
    up = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def main() -> None:
        nonlocal url
        async with Server(engine) as server:
            url = server.url
            up.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), daemon=True)
    thread.start()
    try:
        assert up.wait(PATIENCE_S)
        yield url
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE_S)
        loop.close()
