from __future__ import annotations

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
