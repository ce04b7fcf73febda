from __future__ import annotations

import pickle

import pytest

from streamsim import errors


def test_a_message_is_one_line_of_three_parts() -> None:
    """An error reads where, what is wrong and what to do, and keeps the three apart."""
    error = errors.RecordingError("a.jsonl:3", "a chunk too many", "remove it")
    assert str(error) == "a.jsonl:3: a chunk too many; remove it"
    assert (error.where, error.problem, error.remedy) == ("a.jsonl:3", "a chunk too many", "remove it")


@pytest.mark.parametrize("name", ["UsageError", "RecordingError", "ProfileError", "PlanError", "UpstreamError"])
def test_every_error_can_be_caught_as_one(name: str) -> None:
    """Whatever goes wrong on purpose is a StreamsimError."""
    assert issubclass(getattr(errors, name), errors.StreamsimError)


@pytest.mark.parametrize("name", ["UsageError", "RecordingError", "StreamMismatch", "VirtualDeadlock"])
def test_an_error_is_the_same_in_another_process(name: str) -> None:
    """Work that was done elsewhere fails here as it failed there."""
    error = getattr(errors, name)("here", "it is broken", "mend it")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), again.where, again.problem, again.remedy) == (type(error), "here", "it is broken", "mend it")
