"""A named way to behave."""

from __future__ import annotations

import msgspec

from streamsim.plan.faults import Fault, spell_fault
from streamsim.plan.pacing import Pacing


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Pacing and faults under a name; the default keeps everything as recorded."""

    name: str = ""
    pacing: Pacing = Pacing()
    faults: tuple[Fault, ...] = ()


def spelt(profile: Profile) -> bytes:
    """Return what distinguishes ``profile`` from all others: what is not as by default, but for its name.

    Equal profiles are spelt alike, and a pacing option that is added one day changes no spelling of today.
    """
    told: dict[str, object] = msgspec.structs.asdict(profile.pacing)
    default = msgspec.structs.asdict(Pacing())
    different = {name: value for name, value in told.items() if value != default[name]}
    if profile.faults:
        different["faults"] = [spell_fault(fault) for fault in profile.faults]
    return msgspec.json.encode(different)
