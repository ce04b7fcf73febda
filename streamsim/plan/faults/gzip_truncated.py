"""A gzip body whose end is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.boundaries import shortened
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.numbers import within
from streamsim.plan.faults.stored import gzipped, plain

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class GzipTruncated(Fault, frozen=True, kw_only=True, tag="gzip_truncated"):
    """Send the body as gzip without its last bytes, in framing that is complete; see ``gzip``.

    Attributes:
        cut: How many bytes are missing: the last 13 are gzip's own.

    """

    cut: int = 20

    phase: ClassVar[Phase] = Phase.ENCODING
    sees: ClassVar[str] = "a stream that ends early, which most clients take for its end"
    rows: ClassVar[tuple[str, ...]] = ("C10",)

    def __post_init__(self) -> None:
        """Refuse to cut nothing."""
        super().__post_init__()
        within(self, "cut", self.cut, 1, 1 << 30)

    def check(self, scene: Scene) -> None:
        """Look whether there is something to encode."""
        plain(self, scene.anatomy)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with its body encoded and cut."""
        del scene
        return shortened(gzipped(draft), self.cut)
