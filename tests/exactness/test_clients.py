"""One look at each kind of client; the many looks are ``.ci/full exactness``."""

from __future__ import annotations

import pytest

from tests.exactness.clients import EVENTS, ROWS, STREAMS, exact, look


# Under trio openai's SDK leaves its own generators to the collector once it has read [DONE].
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
@pytest.mark.parametrize("row", ROWS)
def test_every_client_sees_every_event_at_its_nanosecond(row: str) -> None:
    """A hundred events of a hundred, each at its planned instant, and in the same order when asked again."""
    seen = look(row)
    assert exact(seen) == len(seen) == EVENTS * STREAMS
    assert look(row) == seen


def test_one_nanosecond_off_is_seen() -> None:
    """What counts events at their instant counts none that is late by the least there is."""
    seen = look(next(iter(ROWS)))
    assert exact([(at_ns + 1, stream) for at_ns, stream in seen]) == 0
