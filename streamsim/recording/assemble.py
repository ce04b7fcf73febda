"""From lines in file order to exchanges.

The law: an exchange reads request, infos, response, chunks, end, with the lines of other exchanges in between as they
come. A line that breaks the order, or holds what must not be replayed, is an error that names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.errors import RecordingError
from streamsim.recording.model import Chunk, Ending, Exchange, Info, Kept, Request, Response
from streamsim.recording.validity import flaw

if TYPE_CHECKING:
    from streamsim.recording.model import Entry, Line

MEND = "mend the line, or read up to it with --salvage"


class Assembler:
    """Collects entries, and the exchanges they tell of."""

    def __init__(self, source: str) -> None:
        self.entries: list[Entry] = []
        self.exchanges: dict[int, Exchange] = {}
        self._source = source
        # Exchanges with a response and no end: a chunk can belong to no other, and nearly all lines are chunks.
        self._streaming: dict[int, list[Chunk]] = {}

    def add(self, entries: list[Entry], first_line: int) -> None:
        """Take entries; ``first_line`` is the line number of the first.

        Raises:
            RecordingError: A line is out of place. All before it is taken.

        """
        streaming = self._streaming
        for index, entry in enumerate(entries):
            if type(entry) is Chunk and entry.exchange in streaming and (entry.b64 is None or entry.text is None):
                streaming[entry.exchange].append(entry)
                continue
            line = entry.line if isinstance(entry, Kept) else entry
            if line is not None:
                problem = flaw(line) or self._place(line)
                if problem:
                    self.entries += entries[:index]
                    raise RecordingError(f"{self._source}:{first_line + index}", problem, MEND)
        self.entries += entries

    def _place(self, line: Line) -> str:
        """Put ``line`` where it belongs and return "", or return what is wrong."""
        if isinstance(line, Request):
            return self._open(line)
        exchange = self.exchanges.get(line.exchange)
        if exchange is None:
            return f"a line of exchange {line.exchange}, which has no request line before it"
        if exchange.end is not None:
            return f"a line of exchange {line.exchange} after its end line"
        return self._continue(exchange, line)

    def _open(self, request: Request) -> str:
        if request.exchange in self.exchanges:
            return f"a second request line of exchange {request.exchange}"
        self.exchanges[request.exchange] = Exchange(number=request.exchange, request=request)
        return ""

    def _continue(self, exchange: Exchange, line: Info | Response | Chunk | Ending) -> str:
        if isinstance(line, Ending):
            exchange.end = line
            self._streaming.pop(line.exchange, None)
        elif isinstance(line, Chunk):
            if exchange.response is None:
                return f"a chunk of exchange {line.exchange} before its response line"
            exchange.chunks.append(line)
        elif exchange.response is not None:
            kind = "an info line" if isinstance(line, Info) else "a second response line"
            return f"{kind} of exchange {line.exchange} after its response line"
        elif isinstance(line, Info):
            exchange.infos.append(line)
        else:
            exchange.response = line
            self._streaming[line.exchange] = exchange.chunks
        return ""
