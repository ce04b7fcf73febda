"""The connection is closed without a single byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.no_answer import NoAnswer
from streamsim.units import parse_duration
from streamsim.wire import Fin

if TYPE_CHECKING:
    from streamsim.wire import Action


class EmptyReply(NoAnswer, frozen=True, kw_only=True, tag="empty_reply"):
    """Read the request, send nothing, FIN.

    Attributes:
        after: How long after the request.

    """

    after: str = "0"

    sees: ClassVar[str] = "end of file instead of a status line"
    rows: ClassVar[tuple[str, ...]] = ("A9",)
    incidents: ClassVar[tuple[str, ...]] = ("nodejs/undici#583",)

    def __post_init__(self) -> None:
        """Refuse what is no duration."""
        super().__post_init__()
        parse_duration(self.after, where=f"{self.name()}: after")

    def action(self) -> Action:
        """Close."""
        return Fin()

    def delay_ns(self) -> int:
        """Return how long after the request."""
        return parse_duration(self.after)
