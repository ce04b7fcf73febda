"""A server that decodes token by token, and sends U+FFFD for every piece of a character."""

from __future__ import annotations

import re
from typing import ClassVar

from streamsim.plan.faults.altering import Altering

_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_REPLACEMENT = "\ufffd".encode()


class ReplacementDeltas(Altering, frozen=True, kw_only=True, tag="replacement_deltas"):
    r"""Send one U+FFFD for each byte of every character beyond ASCII, by default in every event.

    A character that JSON escapes (``\u2603``) has no such bytes and stays.
    """

    by_default = "all"
    sees: ClassVar[str] = "replacement characters that no decoder can mend"
    rows: ClassVar[tuple[str, ...]] = ("C9",)
    incidents: ClassVar[tuple[str, ...]] = ("Blaizzy/mlx-vlm#1076", "exo-explore/exo#1691")

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with its characters gone."""
        return _BEYOND_ASCII.sub(_REPLACEMENT, frame)
