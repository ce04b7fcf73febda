"""Nobody listens: the connection is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.no_answer import NoAnswer
from streamsim.wire import Refuse as Refusal

if TYPE_CHECKING:
    from streamsim.wire import Action


class Refuse(NoAnswer, frozen=True, kw_only=True, tag="refuse"):
    """Refuse the connection, before any byte; only in-process transports can, a server that listens cannot."""

    sees: ClassVar[str] = "ECONNREFUSED"
    rows: ClassVar[tuple[str, ...]] = ("refuse",)

    def action(self) -> Action:
        """Refuse."""
        return Refusal()
