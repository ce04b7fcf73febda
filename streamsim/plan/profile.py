"""A named way to behave."""

from __future__ import annotations

import msgspec

from streamsim.plan.pacing import Pacing


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Pacing under a name; the default keeps everything as recorded."""

    name: str = ""
    pacing: Pacing = Pacing()


def spelt(profile: Profile) -> bytes:
    """Return what distinguishes ``profile`` from all others: everything but its name."""
    return msgspec.json.encode(profile.pacing)
