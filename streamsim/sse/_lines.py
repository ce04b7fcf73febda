"""The edges of a stream: its byte order mark and its line ends.

Law: what is decided here does not depend on where the bytes were cut, and nothing waits that need not. Only U+000A and
U+000D end a line; both are single bytes in UTF-8 and never part of another character, so all of this works on bytes.
"""

from __future__ import annotations

from typing import Final

BOM: Final = b"\xef\xbb\xbf"
CR: Final = 0x0D
LF: Final = 0x0A


class Mark:
    """Finds the byte order mark at the very beginning.

    HTML 9.2.6: "Streams must be decoded using the UTF-8 decode algorithm", which "strips one leading UTF-8 Byte Order
    Mark (BOM), if any".
    """

    __slots__ = ("settled", "undecided")

    def __init__(self) -> None:
        self.settled = False
        self.undecided = b""

    def split(self, chunk: bytes) -> tuple[bytes, bytes]:
        """Return the mark, once it is whole, and what comes after it; two times nothing while that is undecided."""
        seen = self.undecided + chunk
        if len(seen) < len(BOM) and BOM.startswith(seen):
            self.undecided = seen
            return b"", b""
        self.settled, self.undecided = True, b""
        return (BOM, seen[len(BOM) :]) if seen.startswith(BOM) else (b"", seen)


class LineEnds:
    """Makes every line end one LF and drops the byte order mark.

    A CR at the end of a chunk is ambiguous: a line end of its own, or the first half of a CRLF. Either way the line
    ends there, so it becomes an LF at once; only the LF that may begin the next chunk is then to be swallowed.

    Attributes:
        settled: The next chunk needs nothing done, unless it holds a CR.

    """

    __slots__ = ("_after_cr", "_mark", "settled")

    def __init__(self) -> None:
        self._mark = Mark()
        self._after_cr = False
        self.settled = False

    def feed(self, chunk: bytes) -> bytes:
        """Return ``chunk`` with LF for every line end that it completes."""
        if not self._mark.settled:
            _, chunk = self._mark.split(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if CR in chunk:
            self._after_cr = chunk[-1] == CR
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self.settled = self._mark.settled and not self._after_cr
        return chunk
