"""An error object without ``data:``, between the events of a stream."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import encoded
from streamsim.plan.faults.provider_errors import error_object


class UnframedError(Inserting, frozen=True, kw_only=True, tag="unframed_error"):
    """Insert a line of JSON and a blank line, with no field name before them.

    Attributes:
        message: The error's, any text.

    """

    message: str = "internal error"

    kinds = ("sse",)
    sees: ClassVar[str] = "nothing: the line is a field that nobody knows"
    rows: ClassVar[tuple[str, ...]] = ("D12",)
    incidents: ClassVar[tuple[str, ...]] = ("lemonade-sdk/lemonade#2826",)

    def __post_init__(self) -> None:
        """Refuse what is no text."""
        super().__post_init__()
        encoded(self, "message", self.message)

    def inserted(self) -> bytes:
        """Return the line."""
        return error_object(self.message) + b"\n\n"
