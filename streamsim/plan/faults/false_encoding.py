"""A head that says gzip, before a body that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.heads import header_value, replaced
from streamsim.plan.faults.stored import plain

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class FalseEncoding(Fault, frozen=True, kw_only=True, tag="false_encoding"):
    """Say that the body is encoded, and send it as it is.

    Attributes:
        value: The content encoding.

    """

    value: str = "gzip"

    phase: ClassVar[Phase] = Phase.HEAD
    sees: ClassVar[str] = "a body that cannot be decoded"
    rows: ClassVar[tuple[str, ...]] = ("C10",)
    incidents: ClassVar[tuple[str, ...]] = ("nestjs/nest#5762",)

    def __post_init__(self) -> None:
        """Refuse what no header can hold."""
        super().__post_init__()
        header_value(self, "value", self.value)

    def check(self, scene: Scene) -> None:
        """Look whether the header would be false."""
        plain(self, scene.anatomy)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the header."""
        del scene
        return draft.with_head(lambda head: replaced(head, "content-encoding", self.value))
