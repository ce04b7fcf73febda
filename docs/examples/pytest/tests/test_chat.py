"""Answers, retries, stalls: plain synchronous tests."""

from __future__ import annotations

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.chat import answer

STORY = "The lighthouse stood on a rock in the bay."


def client_of(replay, **options):
    return openai.OpenAI(base_url=replay.base_url, **options)


def test_the_answer_is_whole(streamsim):
    """All words of the recording arrive, in their order and at their times."""
    replay = streamsim.replay("llama-chat")
    assert answer(client_of(replay), "A story, please.").startswith(STORY)
    replay.trace.assert_complete()
    replay.trace.assert_feels("noticeable", "natural")
    assert streamsim.clock.now() == 1.563614


def test_a_busy_provider_is_asked_again(streamsim):
    """A 429 that says when to come back is obeyed to the second, by the SDK."""
    replay = streamsim.replay("llama-chat", pacing="instant", faults="http_error:status=429,retry_after=7,attempt=1-2")
    assert answer(client_of(replay, max_retries=2), "A story, please.").startswith(STORY)
    assert [trace.contents.status for trace in replay.traces] == [429, 429, 200]
    assert streamsim.clock.now() == 14


def test_a_broken_stream_is_begun_anew(streamsim):
    """After a reset in mid-stream the whole answer is asked for again, and no word of the first try is left."""
    replay = streamsim.replay("llama-chat", faults="reset_peer:at_event=20,attempt=1")
    text = answer(client_of(replay), "A story, please.")
    assert text.startswith(STORY)
    assert text.count("lighthouse") == 1
    assert [trace.outcome for trace in replay.traces] == ["reset", "complete"]


def test_patience_has_an_end(streamsim):
    """A stream that stalls costs 30 s of patience and 1 s of pause, to the nanosecond, and no time at all."""
    replay = streamsim.replay("llama-chat", faults="stall:at_event=5,attempt=1")
    assert answer(client_of(replay), "A story, please.").startswith(STORY)
    first, second = replay.traces
    assert first.client_left_at == 30.666391
    assert second.outcome == "complete"
    assert streamsim.clock.now() == pytest.approx(first.client_left_at + 1 + 1.563614)


def test_three_tries_are_enough(streamsim):
    """Who cannot be reached three times is given up, after 1 s and 2 s of pauses."""
    replay = streamsim.replay("llama-chat", faults="refuse")
    with pytest.raises(openai.APIConnectionError):
        answer(client_of(replay, max_retries=0), "A story, please.")
    assert len(replay.requests) == 3
    assert streamsim.clock.now() == 3


@pytest.mark.streamsim("llama-chat", faults="all")
def test_whatever_happens_there_is_an_end(streamsim, streamsim_replay):
    """No fault leads to anything but an answer or an error of the SDK's, nor lets the reader wait for ever."""
    try:
        answer(client_of(streamsim_replay, max_retries=0), "A story, please.")
    except (openai.OpenAIError, ValueError):
        pass
    assert streamsim.clock.now() < 600


@pytest.mark.streamsim("llama-chat", faults=["reset_peer", "close_mid_chunked", "clean_truncation", "finish_missing"])
def test_half_an_answer_is_no_answer(streamsim, streamsim_replay):
    """Whatever cuts a stream short, nobody takes what there was for the whole."""
    with pytest.raises(openai.OpenAIError):
        answer(client_of(streamsim_replay), "A story, please.")


@given(event=st.integers(0, 44), ttft_s=st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_it_does_not_matter_where_a_stream_breaks(streamsim, event, ttft_s):
    """Wherever and whenever the first try ends, the second one gives the whole answer."""
    replay = streamsim.replay("llama-chat", ttft=f"{ttft_s}s", faults=f"reset_peer:at_event={event},attempt=1")
    assert answer(client_of(replay, max_retries=0), "A story, please.") == replay.trace.planned.text
    assert streamsim.clock.now() < 2 * ttft_s + 5
