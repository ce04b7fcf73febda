from __future__ import annotations

import pytest

from streamsim.wire import Framing, Head
from tests.builders import EVENT_STREAM, exchange
from tests.plan.faults.scenes import ONE, TWO, plan

SHORT = (*EVENT_STREAM, ("Content-Length", "35"), ("x", "y"))
LONGER = (*EVENT_STREAM, ("content-length", "48"), ("x", "y"))


def test_a_longer_body_says_so() -> None:
    """Thirteen bytes of comment, and no other header changes."""
    one = exchange(headers=SHORT, framing="content-length")
    assert plan(one, "comment_keepalive").head == Head(200, "OK", LONGER, framing="content-length")


@pytest.mark.parametrize("closing", ["reset_peer", "close_mid_chunked", "stall"])
def test_what_lacks_bytes_goes_on_to_lack_them(closing: str) -> None:
    """A body that grew and is then cut says how long it would have been."""
    one = exchange(headers=SHORT, framing="content-length")
    cut = plan(one, closing, "comment_keepalive:at_event=0")
    if cut.head.framing == "content-length":
        assert cut.head.headers == LONGER
    large = plan(one, "reset_peer:at_event=2", "huge_event:size=9999")
    assert dict(large.head.headers)["content-length"] == str(35 + 9999)


def test_a_recording_that_lacked_bytes_lacks_as_many() -> None:
    """What was recorded broke off after 22 of 35 bytes; with a comment it breaks off after 35 of 48."""
    one = exchange(headers=SHORT, framing="content-length", chunks=[ONE, TWO], end="fin")
    assert plan(one, "comment_keepalive").head.headers == LONGER
    assert plan(one, "drop").head.headers == SHORT


def test_a_length_that_is_no_number_stays() -> None:
    """There is nothing to add to."""
    odd = (*EVENT_STREAM, ("content-length", "many"))
    one = exchange(headers=odd, framing="content-length", end="fin")
    assert plan(one, "comment_keepalive").head.headers == odd


def test_a_length_is_told_in_drops_too() -> None:
    """A head that trickles was fitted before."""
    one = exchange(headers=SHORT, framing="content-length")
    result = plan(one, "comment_keepalive", "trickle:headers=true,bytes=1000")
    assert "content-length: 48\r\n" in str(result.shown[0][1])


def test_other_framings_have_no_length() -> None:
    """Chunked bodies and those that end with the connection stay what they are."""
    framings: tuple[Framing, ...] = ("chunked", "close")
    for framing in framings:
        one = exchange(framing=framing)
        assert plan(one, "comment_keepalive").head == plan(one).head
