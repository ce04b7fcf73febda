"""The tool loop, on a recording of this project's own."""

from __future__ import annotations

import json

import openai

from answers.tools import converse


def weather(city, unit):
    return f"9 °C, rain in {city}, by {unit}"


def test_the_tool_is_called_and_its_result_sent(streamsim):
    """The second request carries what the tool said, and its answer is the one given."""
    replay = streamsim.replay("weather")
    said = converse(
        openai.OpenAI(base_url=replay.base_url), "Is it raining in Oslo?", {"get_weather": weather}, lambda _: None
    )
    assert said == "Yes, it is raining in Oslo, at 9 °C."
    assert len(replay.requests) == 2
    assert json.loads(replay.requests[1].body)["messages"][-1]["content"] == "9 °C, rain in Oslo, by celsius"


def test_a_pause_in_the_arguments_is_not_silence(streamsim):
    """The tool is announced when its name has come, though its arguments take 20 s more."""
    replay = streamsim.replay("weather", faults="gap:at_event=2,for=20s")
    noticed = []
    converse(
        openai.OpenAI(base_url=replay.base_url, max_retries=0),
        "Is it raining in Oslo?",
        {"get_weather": weather},
        lambda told: noticed.append((streamsim.clock.now(), told)),
    )
    assert noticed == [(replay.traces[0].ttft, "calling get_weather …")]
    assert replay.traces[0].itl.longest > 20
