from __future__ import annotations

import pytest

from streamsim.engine.claims import PACES, STARTS, Wrong, incomplete, unlike
from streamsim.engine.contents import Contents
from streamsim.errors import UsageError
from tests.builders import chat, sse
from tests.engine.answers import script

MS = 1_000_000
ERROR = "leave out the fault, or expect the client's error"


def lacks(outcome: str, *chunks: bytes, steps: int = 99) -> Wrong | None:
    return incomplete(outcome, Contents(script(chunks).wires), steps)


@pytest.mark.parametrize("outcome", ["complete", "fin", "reset", "client left", "playing"])
def test_an_answer_with_its_last_event_is_complete(outcome: str) -> None:
    """Once the dialect's last event was sent, it does not matter how the connection ends."""
    assert lacks(outcome, *chat("a")) is None


def test_a_generic_answer_is_complete_with_its_body() -> None:
    """Where no last event is due, the end of the body is the end."""
    assert lacks("complete", *sse("a")) is None
    assert lacks("complete") is None


@pytest.mark.parametrize(
    ("outcome", "wrong"),
    [
        ("playing", Wrong("is not over yet", "read to the end first")),
        ("fin", Wrong("was cut off by a FIN, as planned", ERROR)),
        ("reset", Wrong("was cut off by a RST, as planned", ERROR)),
        ("hang", Wrong("fell silent, as planned", "leave out the fault, or expect the client's timeout")),
        ("refuse", Wrong("was a refused connection, as planned", ERROR)),
        (
            "ignore",
            Wrong("was a connection never answered, as planned", "leave out the fault, or expect the client's timeout"),
        ),
        ("client left", Wrong("was left by the client", "read to the end, or assert on client_left_at")),
        ("client stuck", Wrong("was not read by the client", "read to the end")),
        (
            "server stopped",
            Wrong("was given up, as the server stopped", "read to the end before the server stops"),
        ),
    ],
)
def test_each_way_to_be_incomplete_is_told(outcome: str, wrong: Wrong) -> None:
    """An answer without its last event says how it ended, and what to do."""
    assert lacks(outcome, *chat("a"), steps=3) == wrong


def test_a_clean_truncation_is_incomplete() -> None:
    """A body that is complete as HTTP but lacks its dialect's last event is not a complete answer."""
    assert lacks("complete", *chat("a")[:2]) == Wrong(
        "has no last event of openai-chat", "play a whole recording without the fault, or expect a cut answer"
    )


def test_an_error_event_is_no_completion() -> None:
    """An answer whose last event tells a failure is not complete."""
    frames = [*chat("a")[:2], *sse('{"error":{"message":"overloaded"}}')]
    assert lacks("complete", *frames) == Wrong("ended with an error event", ERROR)


@pytest.mark.parametrize(
    ("ttft_ns", "feeling"),
    [
        (500 * MS - 1, "instant"),
        (500 * MS, "noticeable"),
        (2000 * MS, "noticeable"),
        (2000 * MS + 1, "sluggish"),
    ],
)
def test_feelings_of_the_start(ttft_ns: int, feeling: str) -> None:
    """A start feels in one way exactly, by its TTFT."""
    assert [each for each in STARTS if unlike(each, ttft_ns, None) is None] == [feeling]


@pytest.mark.parametrize(
    ("itl_ns", "feeling"),
    [(20 * MS - 1, "fast"), (20 * MS, "natural"), (50 * MS, "natural"), (50 * MS + 1, "slow")],
)
def test_feelings_of_the_pace(itl_ns: int, feeling: str) -> None:
    """A pace feels in one way exactly, by its median ITL."""
    assert [each for each in PACES if unlike(each, None, itl_ns) is None] == [feeling]


def test_another_feeling_is_told_with_its_bounds() -> None:
    """What was claimed, what is felt, the number and the bounds are in one line."""
    assert unlike("instant", 812 * MS, None) == Wrong(
        "does not feel instant, but noticeable: its TTFT is 812ms, and instant is below 500ms",
        "pace it by ttft=, or assert that it feels noticeable",
    )
    assert unlike("natural", None, 70 * MS) == Wrong(
        "does not feel natural, but slow: its median ITL is 70ms, and natural is from 20ms to 50ms",
        "pace it by itl=, or assert that it feels slow",
    )


def test_nothing_feels_like_anything_without_content() -> None:
    """Without content there is no start, and without two chunks of it no pace."""
    remedy = "read on, or leave out the fault"
    assert unlike("sluggish", None, None) == Wrong("does not feel sluggish: no content came", remedy)
    assert unlike("slow", 1, None) == Wrong("does not feel slow: fewer than two chunks with content came", remedy)


def test_an_unknown_feeling_is_refused() -> None:
    """A mistyped feeling is an error that lists the known ones."""
    with pytest.raises(UsageError) as raised:
        unlike("snappy", 1, 1)
    assert str(raised.value) == (
        "assert_feels: there is no feeling 'snappy'; known are instant, noticeable, sluggish, fast, natural, slow"
    )
