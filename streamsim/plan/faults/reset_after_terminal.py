"""All was said, and then the connection breaks instead of ending."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.closing import AfterTerminal, close_at
from streamsim.plan.faults.framing import chunked
from streamsim.units import parse_duration
from streamsim.wire import Fin, Reset

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class ResetAfterTerminal(AfterTerminal, frozen=True, kw_only=True, tag="reset_after_terminal"):
    """Send all up to and with the terminal event, without the final chunk, then break the connection.

    Without a terminal event that is the whole body. A body that was not recorded with chunked framing is sent with it.

    Attributes:
        how: ``reset``: wait until all is delivered, then RST; ``fin``: close.
        after: How long after the last byte.

    """

    how: Literal["reset", "fin"] = "reset"
    after: str = "0"

    sees: ClassVar[str] = "the whole stream, then ECONNRESET or end of file before the final chunk"
    rows: ClassVar[tuple[str, ...]] = ("A7",)
    incidents: ClassVar[tuple[str, ...]] = ("BerriAI/litellm#33222", "earendil-works/pi#1524")

    def __post_init__(self) -> None:
        """Refuse what is no duration."""
        super().__post_init__()
        parse_duration(self.after, where=f"{self.name()}: after")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` without its own end."""
        action = Reset() if self.how == "reset" else Fin()
        return close_at(draft.with_head(chunked), self.offset(scene), [action], parse_duration(self.after))
