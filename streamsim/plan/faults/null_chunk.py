"""An event whose data is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.inserting import Inserting

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene


class NullChunk(Inserting, frozen=True, kw_only=True, tag="null_chunk"):
    """Insert an event with ``null`` for a chunk: ``data: null``, or a line with that alone."""

    kinds = ("sse", "lines")
    sees: ClassVar[str] = "JSON that is no object"
    rows: ClassVar[tuple[str, ...]] = ("F4",)
    incidents: ClassVar[tuple[str, ...]] = ("pi#2466",)

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the frame."""
        del offset
        return b"null\n" if scene.anatomy.kind == "lines" else b"data: null\n\n".replace(b"\n", scene.anatomy.eol)
