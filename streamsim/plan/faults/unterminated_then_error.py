"""An event that breaks off in its data line, with an error's data line right after it."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_middle, encoded, end_of_line
from streamsim.plan.faults.provider_errors import error_object


class UnterminatedThenError(Altering, frozen=True, kw_only=True, tag="unterminated_then_error"):
    """End an event's data line halfway, and let a data line with an error end the event; by default the one halfway.

    Attributes:
        message: The error's, any text.

    """

    message: str = "upstream error"

    kinds = ("sse",)
    sees: ClassVar[str] = "one event whose data is half a JSON text and a whole one"
    rows: ClassVar[tuple[str, ...]] = ("D13",)
    incidents: ClassVar[tuple[str, ...]] = ("sub2api#1471",)

    def __post_init__(self) -> None:
        """Refuse what is no text."""
        super().__post_init__()
        encoded(self, "message", self.message)

    def altered(self, frame: bytes) -> bytes:
        """Return the broken frame."""
        middle, eol = data_middle(frame), end_of_line(frame)
        return frame if middle is None else frame[:middle] + eol + b"data: " + error_object(self.message) + eol * 2
