"""A whole client: a command that is given a URL and prints the events it gets.

Law: each stream is served once, chunk by chunk, by streamsim's own server; who comes back is told that there is no more
(204, at which an EventSource stops).
"""

from __future__ import annotations

import os
import shlex
import time
from typing import TYPE_CHECKING, Final

from streamsim.conformance.forms.client import Stimulus
from streamsim.conformance.reading import Held, Reading, Target
from streamsim.conformance.recorded import USUAL, Manner
from streamsim.conformance.targets import messages
from streamsim.conformance.targets.child import NOISE, Child, Ended, Silent
from streamsim.conformance.targets.messages import Answer, Said
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE: Final = "{url}"
PER_MEGABYTE_S: Final = 1.0
_PIECE: Final = 64 << 10
_LAST_S: Final = 0.3
"""A stream stays open for so long after its last chunk, so that it can be looked at how much is held."""


class ClientTarget(Target):
    """Runs a command once for each stream.

    Empty chunks are left out: HTTP has none.

    Attributes:
        words: The command; ``{url}`` stands for the URL.
        memory: How many bytes it may hold.

    """

    reconnects = True

    def __init__(self, command: str, *, patience_s: float, memory: int) -> None:
        """Find the command, and start the server.

        Raises:
            UsageError: It has no place for the URL, or cannot be run.

        """
        if PLACE not in command:
            raise UsageError("--client", "the command has no place for the URL", "write {url} where it goes")
        self.words = words(command, "--client")
        self.name = command
        self.patience_s, self.memory = patience_s, memory
        self._stimulus = Stimulus()
        self._printing_s = 0.0

    def read(self, chunks: Sequence[bytes]) -> Reading:
        """Have the command read one stream."""
        return self._served(chunks)

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Have it read one stream, and another if it comes back."""
        return self._served(first, then)

    def held(self, chunks: Sequence[bytes], times: int) -> Held | None:
        """Look at the process from outside, before the stream ends."""
        data = b"".join(chunks) * times
        pieces = [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)]
        self._stimulus.serve(pieces, manner=Manner(last_s=_LAST_S))
        child = self._started()
        try:
            child.output(self._limit_s([data]), self.memory)
        except (Ended, Silent):
            return None
        return Held(child.most, NOISE) if child.most else None

    def _started(self) -> Child:
        return Child([word.replace(PLACE, self._stimulus.url) for word in self.words], "--client")

    def _limit_s(self, chunks: Sequence[bytes]) -> float:
        return self.patience_s + PER_MEGABYTE_S * sum(map(len, chunks)) / 1e6

    def read_as(self, chunks: Sequence[bytes], content_type: str) -> Reading:
        """Serve it, called so."""
        return self._served(chunks, manner=Manner(type=content_type))

    def apart_s(self, chunks: Sequence[bytes], pause_s: float, content_type: str) -> float:
        """Note when the command prints."""
        self._served(chunks, manner=Manner(content_type, pause_s))
        return self._printing_s

    def _served(self, first: Sequence[bytes], *then: Sequence[bytes], manner: Manner = USUAL) -> Reading:
        chunks = [chunk for chunk in first if chunk]
        self._stimulus.serve(chunks, *then, manner=manner)
        child = self._started()
        limit_s = self._limit_s(chunks)
        answer = Answer()
        try:
            out, error = child.output(limit_s, self.memory)
            answer = Answer(events=_events(out), error=error)
        except Ended as ended:
            answer = Answer(error=str(ended))
        except Silent:
            answer = Answer(hung=True)
        self._printing_s = child.printing_s
        return messages.reading(answer)

    def read_within(self, outer: Sequence[bytes], inner: Sequence[bytes], after: int) -> tuple[Reading, Reading]:
        """Refuse: two processes share nothing."""
        raise NotImplementedError

    def at_work_s(self) -> float:
        """Return the processor time of all commands that ended; where the system does not tell, that of the wall."""
        times = os.times()
        spent = times.children_user + times.children_system
        return spent or time.monotonic()

    def close(self) -> None:
        """Stop the server."""
        self._stimulus.stop()


def words(command: str, where: str) -> list[str]:
    """Return the words of a command, as a shell would take them.

    Raises:
        UsageError: There is none, or a quote is not closed.

    """
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise UsageError(where, f"{command!r} is no command: {error}", "close the quotes") from error
    if not found:
        raise UsageError(where, "the command is empty", "name a program and its arguments, as a shell would take them")
    return found


def _events(out: bytes) -> list[Said]:
    """Return the events that were printed.

    Raises:
        UsageError: Something else was.

    """
    found: list[Said] = []
    for line in out.split(b"\n"):
        if line.strip():
            try:
                found.append(messages.decode(line, Said))
            except ValueError as error:
                remedy = 'have it print events only, like {"data": "a", "type": "message", "id": ""}'
                raise UsageError("--client", f"it printed {line[:80]!r}: {error}", remedy) from error
    return found
