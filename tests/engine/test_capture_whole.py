"""What makes recording cheap differs in nothing: a read that is one chunk, and events that are counted together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine import capture as module
from streamsim.engine.capture import Capture
from tests.engine.test_capture import CHUNKED, LAST

sizes = st.sampled_from((b"%x\r\n", b"%X\r\n", b"0%x\r\n", b"%x;a=b\r\n", b"%x \r\n", b"+%x\r\n", b"0x%x\r\n", b"%x\n"))
bodies = st.binary(min_size=1, max_size=40)
pieces = st.one_of(
    st.builds(lambda size, body: size % len(body) + body + b"\r\n", sizes, bodies),
    st.builds(lambda body, more: b"%x\r\n" % (len(body) + more) + body + b"\r\n", bodies, st.integers(-1, 2)),
    st.sampled_from(
        (LAST, b"0\r\n", b"\r\n", b"5\r\n\r\n", b"2\r\n\r\n\r\n", b"3\r\nab", b"c\r\n", b"1\r\na\r\n1\r\nb\r\n")
    ),
)


@given(st.lists(pieces, max_size=8))
def test_a_read_that_is_one_chunk_is_read_as_any_other(reads: list[bytes]) -> None:
    """Taken as a whole or left to llhttp, it makes the same lines, and so does all that follows."""
    quick, slow = Capture(1, "GET", 0), Capture(1, "GET", 0)
    with pytest.MonkeyPatch.context() as patch:
        made = [quick.feed(data, at) for at, data in enumerate([CHUNKED, *reads])] + [quick.end("fin", 99)]
        patch.setattr(module, "_whole_chunk", lambda _: b"")
        assert made == [slow.feed(data, at) for at, data in enumerate([CHUNKED, *reads])] + [slow.end("fin", 99)]
    assert (quick.events, quick.bytes, quick.keep_alive) == (slow.events, slow.bytes, slow.keep_alive)


def test_counters_tell_events_and_first_content() -> None:
    """Bytes are counted as they come, events a little later; TTFT is the first content, not the first event."""
    capture = Capture(1, "GET", 1000)
    capture.feed(CHUNKED, 2000)
    capture.feed(b"8\r\n: ping\n\n\r\n", 3000)
    assert (capture.events, capture.bytes, capture.ttft_us, capture.terminal) == (0, 8, None, False)
    capture.feed(b"9\r\ndata: a\n\n\r\n", 4000)
    capture.feed(b"9\r\ndata: b\n\n\r\n", 5000)
    assert (capture.events, capture.bytes, capture.ttft_us) == (1, 26, 3000)
    capture.feed(b"9\r\ndata: c\n\n\r\n", 5000 + module.HEARD_US)
    assert (capture.events, capture.bytes, capture.ttft_us) == (3, 35, 3000)
    capture.feed(b"9\r\ndata: d\n\n\r\n", 6000 + module.HEARD_US)
    assert (capture.events, capture.terminal, capture.events) == (3, False, 4)
    capture.feed(b"9\r\ndata: e\n\n\r\n", 7000 + module.HEARD_US)
    capture.end("reset", 8000 + module.HEARD_US)
    assert (capture.events, capture.bytes) == (5, 53)
