from __future__ import annotations

from streamsim.dialects import Clues
from streamsim.engine.capture import Capture

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"finish_reason":"stop","delta":{}}]}\n\n'


def test_the_terminal_event_is_that_of_the_provider() -> None:
    """Perplexity, known by its host, ends with a reason to finish; of others more is due."""
    seen = []
    for host in ("example.test", "api.perplexity.ai"):
        capture = Capture(1, "POST", 0, Clues(host=host))
        capture.feed(HEAD + b"%x\r\n%b\r\n" % (len(LAST), LAST), 1)
        seen.append(capture.terminal)
    assert seen == [False, True]
