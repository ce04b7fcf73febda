"""Test suites of others, run inside ours: what they hold is text, and what comes of it is compared.

All that they import is imported here first, so that it is imported once for all of them.
"""

from __future__ import annotations

import gc
import warnings
from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

import aiohttp  # noqa: F401 - see above
import anthropic  # noqa: F401 - see above
import httpx  # noqa: F401 - see above
import httpx2  # noqa: F401 - see above
import openai  # noqa: F401 - see above
import requests  # noqa: F401 - see above
import trio  # noqa: F401 - see above

import streamsim.clock.drivers.asyncio_loop
import streamsim.clock.drivers.freezing
import streamsim.clock.drivers.trio_run
import streamsim.shells.inprocess.clients
import streamsim.shells.inprocess.sockets
import streamsim.shells.missing
import streamsim.testing.bodies
import streamsim.testing.kit
import streamsim.testing.report
import streamsim.testing.reroute  # noqa: F401 - the last name of the package stands for all

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

QUIET = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "-o",
    "asyncio_default_fixture_loop_scope=function",
    "-q",
    "-W",
    "ignore::ResourceWarning",
    "-W",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)

# What every suite begins with.
HEAD = """\
import asyncio, time
import aiohttp, anthropic, httpx, httpx2, openai, pytest, requests

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}

def ask(client):
    return list(client.chat.completions.create(**HI))

async def aask(client):
    return [chunk async for chunk in await client.chat.completions.create(**HI)]

def sdk(replay, **more):
    return openai.OpenAI(api_key="sk-1", http_client=replay.http_client(), max_retries=0, timeout=600, **more)

def asdk(replay, **more):
    return openai.AsyncOpenAI(api_key="sk-1", http_client=replay.http_client(), max_retries=0, timeout=600, **more)

"""


class Suite(Protocol):
    """Runs a suite."""

    def __call__(self, source: str, *options: str, **outcomes: int) -> str:
        """Run ``source``, look whether it came out with ``outcomes`` if any are given, and return what was printed."""
        ...


def suite(pytester: pytest.Pytester) -> Suite:
    """Return what runs suites, in the folder that ``pytester`` gives each test."""

    def run(source: str, *options: str, **outcomes: int) -> str:
        path: Path = pytester.makepyfile(test_it=HEAD + dedent(source))
        result = pytester.runpytest_inprocess(path, *QUIET, *options)
        with warnings.catch_warnings():  # what a suite leaves open must not be found in the middle of another
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        if outcomes:
            result.assert_outcomes(**outcomes)
        return result.stdout.str()

    return run
