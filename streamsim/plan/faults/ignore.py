"""Nobody answers: the connection is never established."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.no_answer import NoAnswer
from streamsim.wire import Ignore as Ignored

if TYPE_CHECKING:
    from streamsim.wire import Action


class Ignore(NoAnswer, frozen=True, kw_only=True, tag="ignore"):
    """Never answer the attempt to connect; only in-process transports can, a server that listens cannot."""

    sees: ClassVar[str] = "the connect timeout"
    rows: ClassVar[tuple[str, ...]] = ("ignore",)

    def action(self) -> Action:
        """Ignore."""
        return Ignored()
