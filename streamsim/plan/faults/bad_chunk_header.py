"""Where the size of the next chunk should stand, there is something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import UsageError
from streamsim.plan.faults.closing import Closing
from streamsim.plan.faults.framing import chunked
from streamsim.wire import Fin, Raw

if TYPE_CHECKING:
    from streamsim.wire import Action, Head

_SIZE = re.compile(r"[0-9A-Fa-f]+\s*(?:;.*)?", re.DOTALL)


class BadChunkHeader(Closing, frozen=True, kw_only=True, tag="bad_chunk_header"):
    """Send what precedes the place as whole chunks, then a line that is no chunk size, then FIN.

    By default halfway through the events, and at once (``after=0``). A body that was not recorded with chunked framing
    is sent with it.

    Attributes:
        text: The line, without its CR LF.

    """

    text: str = "ZZ"

    sees: ClassVar[str] = "a protocol error: invalid chunk size"
    rows: ClassVar[tuple[str, ...]] = ("A10",)
    incidents: ClassVar[tuple[str, ...]] = ("Oaklight/zerodep#100",)

    def __post_init__(self) -> None:
        """Refuse a line that is a chunk size after all."""
        super().__post_init__()
        if _SIZE.fullmatch(self.text):
            raise UsageError(f"{self.name()}: text", f"{self.text!r} is a chunk size", "write what is none, such as ZZ")

    def framed(self, head: Head) -> Head:
        """Return ``head`` with chunked framing."""
        return chunked(head)

    def actions(self) -> tuple[Action, ...]:
        """Send the line, then close."""
        return Raw(self.text.encode(errors="surrogateescape") + b"\r\n"), Fin()
