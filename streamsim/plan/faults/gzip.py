"""The stream compressed, as a proxy does that does not know what it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.stored import gzipped, plain

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Gzip(Fault, frozen=True, kw_only=True, tag="gzip"):
    """Send the body as gzip, flushed after each chunk, and say so in the head.

    It is stored rather than compressed, in blocks that we write ourselves: no build of zlib has a say in the bytes.
    """

    phase: ClassVar[Phase] = Phase.ENCODING
    sees: ClassVar[str] = "the same events, once decoded"
    rows: ClassVar[tuple[str, ...]] = ("C10",)
    incidents: ClassVar[tuple[str, ...]] = ("nestjs/nest#5762", "terrapod#71")

    def check(self, scene: Scene) -> None:
        """Look whether there is something to encode."""
        plain(self, scene.anatomy)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with its body encoded."""
        del scene
        return gzipped(draft)
