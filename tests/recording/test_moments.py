"""Moments: those of the calendar, in each form that tools write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.recording.moments import moment, spelt

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.5Z", -SECOND // 2),
        ("2026-11-22T08:00:00Z", 1_795_334_400 * SECOND),
        ("2026-11-22t08:00:00.123456789z", 1_795_334_400 * SECOND + 123_456),
        ("2026-11-22T09:30:00+01:30", 1_795_334_400 * SECOND),
        ("2026-11-22T03:00:00-0500", 1_795_334_400 * SECOND),
        ("2026-11-22 08:00:00", 1_795_334_400 * SECOND),
        ("2000-02-29T00:00:00Z", 951_782_400 * SECOND),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_moment_is_read(text: str, us: int | None) -> None:
    """With or without parts of a second and an offset; what is none is none."""
    assert moment(text) == us


@given(st.datetimes(datetime(1600, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - what hypothesis takes
def test_the_calendar_is_pythons(when: datetime) -> None:
    """What is written is read back, and both are what Python's own calendar says."""
    us = (when.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    assert spelt(us) == when.isoformat(timespec="microseconds") + "Z"
    assert moment(spelt(us)) == us
