"""Known answers are pinned: a digest names a schedule in other processes, on other machines and in years to come."""

from __future__ import annotations

import pytest

from streamsim.wire import End, Fin, Hang, Head, Raw, Reset, Send, Timeline, digest
from tests.builders import timeline

OK = Head(200, "OK", (("content-type", "text/event-stream"),))
ONE = timeline((0, OK), (5, Send(b"ab"), 0), (9, End()))


def test_digests_have_known_answers() -> None:
    """The digest of a schedule is the same for good."""
    assert digest(ONE) == "e105cda48ac4be91c63c994c9f656111cb28ef3d928347129d2c74510da28139"
    assert digest(timeline((0, Hang(7)))) == "a4f5310eea696b385ab43ded44f8039bd941e11fa42a43f54031fade4be45602"


@pytest.mark.parametrize("together", [1, 2])
def test_it_does_not_matter_how_many_steps_are_hashed_at_once(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long schedule's digest goes on over the ends of what is hashed at once."""
    whole = digest(ONE)
    monkeypatch.setattr("streamsim.wire.timeline.TOGETHER", together)
    assert digest(ONE) == whole


@pytest.mark.parametrize(
    "other",
    [
        timeline((0, OK), (6, Send(b"ab"), 0), (9, End())),
        timeline((0, OK), (5, Send(b"ab"), 0), (10, End())),
        timeline((0, OK), (5, Send(b"ac"), 0), (9, End())),
        timeline((0, OK), (5, Send(b"a"), 0), (5, Send(b"b"), 1), (9, End())),
        timeline((0, OK), (5, Raw(b"2\r\nab\r\n"), 0), (9, End())),
        timeline((0, OK), (5, Send(b"ab"), 0), (9, Fin())),
        timeline((0, OK), (5, Send(b"ab"), 0), (9, Reset())),
        timeline((0, OK), (5, Send(b"ab"), 0), (9, Hang())),
        timeline((0, OK), (5, Send(b"ab"), 0), (9, Hang(0))),
        timeline((0, OK), (5, Send(b"ab"), 0), (9, End((("t", "1"),)))),
        timeline((0, Head(200, "Ok", OK.headers)), (5, Send(b"ab"), 0), (9, End())),
        timeline((0, Head(200, "OK", OK.headers, framing="close")), (5, Send(b"ab"), 0), (9, End())),
    ],
)
def test_any_difference_on_the_wire_or_in_time_changes_it(other: Timeline) -> None:
    """Times, bytes, boundaries, kinds and ways to end all count."""
    assert digest(other) != digest(ONE)


def test_where_a_step_comes_from_does_not_count() -> None:
    """The digest is of bytes and times, so another origin changes nothing."""
    assert digest(timeline((0, OK), (5, Send(b"ab"), 7), (9, End()))) == digest(ONE)


def test_boundaries_count_where_framing_shows_none() -> None:
    """Two sends are not one even where the wire has the same bytes."""
    head = Head(200, framing="close")
    assert digest(timeline((0, head), (1, Send(b"ab")), (1, End()))) != digest(
        timeline((0, head), (1, Send(b"a")), (1, Send(b"b")), (1, End()))
    )


def test_an_empty_send_counts() -> None:
    """A step that writes nothing is still a step."""
    assert digest(timeline((0, OK), (5, Send(b"ab")), (9, Send(b"")), (9, End()))) != digest(ONE)
