"""An event whose data is empty, as keep-alives and stream primers send."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.inserting import Inserting

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene

_FORMS = {"bare": b"data:\n\n", "quotes": b'data: ""\n\n', "primer": b"id: 0\ndata: \n\n"}


class EmptyData(Inserting, frozen=True, kw_only=True, tag="empty_data"):
    """Insert an event without content.

    Attributes:
        form: ``bare`` is ``data:``, ``quotes`` is ``data: ""``, ``primer`` is ``id: 0`` and ``data: ``, by default
            before everything else.

    """

    form: Literal["bare", "quotes", "primer"] = "bare"

    kinds = ("sse",)
    sees: ClassVar[str] = "an event whose data is empty: the standard dispatches it"
    rows: ClassVar[tuple[str, ...]] = ("D4",)
    incidents: ClassVar[tuple[str, ...]] = (
        "modelcontextprotocol/python-sdk#1672",
        "modelcontextprotocol/go-sdk#768",
        "hermes-agent#111887",
    )

    def offset(self, scene: Scene) -> int:
        """Return where to insert it."""
        offset = super().offset(scene)
        return offset if self.placed or self.form != "primer" else 0

    def inserted(self) -> bytes:
        """Return the frame."""
        return _FORMS[self.form]
