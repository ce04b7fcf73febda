from __future__ import annotations

import re

import pytest

from streamsim.wire import Action, End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send, Step, Timeline, check
from streamsim.wire.timeline import rendered
from tests.builders import timeline

OK = Head(200, "OK")


@pytest.mark.parametrize(
    "steps",
    [
        timeline((0, OK), (5, Send(b"a"), 0), (5, End())),
        timeline((0, Head(103)), (1, OK), (2, Fin())),
        timeline((0, Raw(b"garbage")), (0, Fin())),
        timeline((0, OK), (1, Raw(b"5\r\nab"), 0), (2, Reset())),
        timeline((9, Hang())),
        timeline((0, Refuse())),
        timeline((0, Ignore())),
    ],
)
def test_what_keeps_the_laws_is_returned_as_it_is(steps: Timeline) -> None:
    """A lawful timeline passes untouched."""
    assert check(steps) is steps


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (timeline(), "a timeline has at least one step"),
        (timeline((-1, OK), (0, End())), "step 0 goes back in time: -1 ns after 0 ns"),
        (timeline((5, OK), (4, End())), "step 1 goes back in time: 4 ns after 5 ns"),
        (timeline((0, OK), (1, Send(b"a"))), "step 1, the last, is a Send and so the timeline does not end"),
        (timeline((0, OK), (1, End()), (2, Fin())), "step 1 is a End and more steps follow"),
        (timeline((0, Refuse()), (0, OK), (1, End())), "step 0 is a Refuse and more steps follow"),
        (timeline((0, Send(b"a")), (1, Fin())), "step 0 is a Send before any final head"),
        (timeline((0, Head(100)), (1, Send(b"a")), (2, Fin())), "step 1 is a Send before any final head"),
        (timeline((0, End())), "step 0 is a End before any final head"),
        (timeline((0, OK), (1, OK), (2, End())), "step 1 is a head after the final head"),
        (timeline((0, OK), (1, Head(103)), (2, End())), "step 1 is a head after the final head"),
    ],
)
def test_each_broken_law_is_named_with_its_step(steps: Timeline, problem: str) -> None:
    """An unlawful timeline is a ValueError that says which step breaks which law."""
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        check(steps)


def test_a_step_comes_from_no_chunk_unless_told() -> None:
    """Origin -1 means that no recorded chunk stands behind the action."""
    assert Step(0, OK).origin == -1


@pytest.mark.parametrize("last", [End(), Fin(), Reset(), Hang(), Hang(5)])
def test_only_end_writes_at_the_end(last: Action) -> None:
    """Of the closing deeds only End puts bytes on the wire."""
    *_, wire = rendered(timeline((0, OK), (1, last)))
    assert wire == (b"0\r\n\r\n" if isinstance(last, End) else b"")


def test_a_timeline_renders_step_by_step() -> None:
    """Each step's bytes are those of an HTTP/1.1 connection, framed as the head says."""
    steps = timeline((0, Head(103)), (1, OK), (2, Send(b"hi")), (3, Raw(b"zz")), (4, End((("t", "1"),))))
    assert list(rendered(steps)) == [
        b"HTTP/1.1 103 \r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"2\r\nhi\r\n",
        b"zz",
        b"0\r\nt: 1\r\n\r\n",
    ]
