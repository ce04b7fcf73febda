"""The spinner, under asyncio."""

from __future__ import annotations

import time

import openai
import pytest

from answers.screen import show


class Log:
    """Keeps what a screen would show, and when."""

    def __init__(self):
        self.frames = []
        self.words = []
        self.stilled = []

    def spin(self):
        self.frames.append(time.monotonic())

    def still(self):
        self.stilled.append(time.monotonic())

    def write(self, text):
        self.words.append((time.monotonic(), text))


@pytest.fixture
def log():
    return Log()


async def watch(replay, log):
    async with openai.AsyncOpenAI(base_url=replay.base_url) as client:
        await show(client, "A story, please.", log)


async def test_it_spins_until_the_first_word(streamsim, log):
    """The spinner turns ten times a second, and is gone at the very moment of the first token."""
    replay = streamsim.replay("llama-chat", ttft="3s")
    await watch(replay, log)
    assert len(log.frames) == 30
    assert log.stilled == [3.0] == [log.words[0][0]]
    assert log.words[0][1] == "The"
    replay.trace.assert_feels("sluggish")


async def test_headers_do_not_still_it(streamsim, log):
    """A head that comes at once and a first event that comes late leave it turning."""
    replay = streamsim.replay("llama-chat", faults="slow_first_event:for=20s")
    await watch(replay, log)
    assert log.stilled == [replay.trace.ttft] > [20.0]
    assert replay.trace.ttfb < 0.1


async def test_an_error_takes_it_away(streamsim, log):
    """A spinner that goes on after an error is a bug that users report as a hang."""
    replay = streamsim.replay("llama-chat", faults="error_event:at_event=0")
    with pytest.raises(openai.APIError):
        await watch(replay, log)
    assert len(log.stilled) == 1
    assert log.words == []
