"""What a parser under test was seen to do.

Law: a `Seen` is comparable with what the standard says. What a parser has no place for is None and not compared; what
it has a place for but leaves empty is as the standard's default: type ``message``, id "".
"""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class Seen(msgspec.Struct, frozen=True):
    """One event as a parser gave it.

    Attributes:
        data: Its text; of a parser that decodes payloads, the text inside.
        type, id: None where the parser has no place for them.
        retry: In milliseconds, or as the parser gave it; None where there is none.

    """

    data: str
    type: str | None = None
    id: str | None = None
    retry: int | str | None = None


class Reading(msgspec.Struct, frozen=True):
    """What came of one stream.

    Attributes:
        events: What was delivered, in order.
        after: For each event, how many chunks the parser had been given by then; empty where that is not known.
        error: What was raised, ``Type: message``, in one line; "" if nothing was.
        hung: It did not end in time and was stopped.

    """

    events: tuple[Seen, ...] = ()
    after: tuple[int, ...] = ()
    error: str = ""
    hung: bool = False


class Held(NamedTuple):
    """How much memory it took to read a stream, at most.

    Attributes:
        size: In bytes; where it is counted from differs, so only differences say something,
        noise: and none that is less than this many bytes.

    """

    size: int
    noise: int = 0


class Target:
    """A parser under test. Subclass it; each call of `read` is a stream of its own, read by a fresh instance.

    Attributes:
        name: What reports call it.
        cuts: It is given chunks; False for what takes only a whole stream.
        prompt: `Reading.after` is told.
        within: `read_within` is there.
        reconnects: `read_on` is there.
        patience_s: How long one stream may take before it counts as hung.

    """

    name: str
    cuts: bool = True
    prompt: bool = False
    within: bool = False
    reconnects: bool = False
    patience_s: float = 5.0

    def read(self, chunks: Sequence[bytes]) -> Reading:
        """Read one stream. Whatever the parser does, crash or hang, is in the answer: this raises nothing."""
        raise NotImplementedError

    def read_within(self, outer: Sequence[bytes], inner: Sequence[bytes], after: int) -> tuple[Reading, Reading]:
        """Read ``inner`` whole while another instance has read ``after`` chunks of ``outer``; return both."""
        raise NotImplementedError

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Read ``first``, and by the same instance, when it connects again or is reset, ``then``; return all events."""
        raise NotImplementedError

    def held(self, chunks: Sequence[bytes], times: int) -> Held | None:  # noqa: ARG002 - for those that can
        """Read a stream of ``chunks`` so many times over; return what memory that took, None if nobody can tell.

        Its events are not kept, so that what is held is the parser's.
        """
        return None

    def read_as(self, chunks: Sequence[bytes], content_type: str) -> Reading | None:  # noqa: ARG002 - for those that can
        """Read one stream that is served as ``content_type``; None for what is not served."""
        return None

    def apart_s(self, chunks: Sequence[bytes], pause_s: float, content_type: str) -> float | None:  # noqa: ARG002 - as above
        """Read a stream with a pause before each chunk; return the time from the first event to the last."""
        return None

    def at_work_s(self) -> float:
        """Return how many seconds of a processor it took so far."""
        return process_time()

    def close(self) -> None:
        """Let go of what the target holds: processes, servers."""
