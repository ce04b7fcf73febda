"""The link to the reader carries only so many bytes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.values import rate

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Bandwidth(Fault, frozen=True, kw_only=True, tag="bandwidth"):
    """Send each chunk when its last byte would be through: n body bytes take n / rate, one chunk after the other.

    A chunk sets out when it was recorded or when the one before is through, whichever is later; so none comes earlier
    than recorded, and what follows the body keeps its distance from it. Chunks stay whole: cut them smaller to see them
    arrive bit by bit. The head and the framing weigh nothing.

    Attributes:
        rate: Body bytes a second: ``10kB/s``, ``1MB/s``, ``1MiB/s``; or bits: ``56kbit/s``.

    """

    rate: str = "10kB/s"

    phase: ClassVar[Phase] = Phase.LINK
    sees: ClassVar[str] = "every event, later and later the more bytes there are"
    rows: ClassVar[tuple[str, ...]] = ("bandwidth",)

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        super().__post_init__()
        rate(self, "rate", self.rate)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` as the link lets it through."""
        del scene
        ns_per_byte = rate(self, "rate", self.rate)
        times: list[int] = []
        start_ns = through_ns = carried = 0
        for cell in draft.cells:
            if cell.at_ns >= through_ns:
                start_ns, carried = cell.at_ns, 0
            carried += len(cell.data)
            through_ns = start_ns - (-carried * ns_per_byte.numerator // ns_per_byte.denominator)  # rounded up, once
            times.append(through_ns)
        return draft.retimed(times)
