"""A block that has an id or a retry and no data."""

from __future__ import annotations

from typing import ClassVar, Literal

from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import one_line

_USUAL = {"retry": "3000", "id": "7"}


class MetaOnly(Inserting, frozen=True, kw_only=True, tag="meta_only"):
    """Insert ``FIELD: VALUE`` and a blank line.

    Attributes:
        field: ``retry`` or ``id``.
        value: By default 3000 (ms) for ``retry``, 7 for ``id``.

    """

    field: Literal["retry", "id"] = "retry"
    value: str = ""

    kinds = ("sse",)
    sees: ClassVar[str] = "nothing: a block without data is no event"
    rows: ClassVar[tuple[str, ...]] = ("D5",)
    incidents: ClassVar[tuple[str, ...]] = ("openai/openai-python#2722", "openai/openai-python#3833")

    def __post_init__(self) -> None:
        """Refuse what is not one line."""
        super().__post_init__()
        self.inserted()

    def inserted(self) -> bytes:
        """Return the frame."""
        value = one_line(self, "value", self.value or _USUAL[self.field])
        return self.field.encode() + b": " + value + b"\n\n"
