"""A named way to behave.

Law: the command line, request headers, profiles and Python spell pacing and faults alike, and this is where it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import Fault, parse_fault, spell_fault
from streamsim.plan.pacing import Pacing
from streamsim.traffic.model import NO_LOAD, Load
from streamsim.units import parse_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

Mode = Literal["recorded", "instant"]

KEEP = "recorded"
_KEPT = ("ttfb", "ttft", "itl")


class Profile(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """Pacing, faults and load under a name; the default keeps everything as recorded. ``about`` is one sentence on it.

    Load is no part of a plan: who serves, or simulates, moves the times of plans by it.
    """

    name: str = ""
    about: str = ""
    pacing: Pacing = Pacing()
    faults: tuple[Fault, ...] = ()
    load: Load = NO_LOAD


def spelt(profile: Profile) -> bytes:
    """Return what distinguishes the plans of ``profile`` from all others: its pacing and faults that are not default.

    Equal profiles are spelt alike, and a pacing option that is added one day changes no spelling of today.
    """
    told: dict[str, object] = msgspec.structs.asdict(profile.pacing)
    default = msgspec.structs.asdict(Pacing())
    different = {name: value for name, value in told.items() if value != default[name]}
    if profile.faults:
        different["faults"] = [spell_fault(fault) for fault in profile.faults]
    return msgspec.json.encode(different)


def repaced(pacing: Pacing, texts: Mapping[str, str], *, where: str) -> Pacing:
    """Return ``pacing`` with what ``texts`` say, by its field names; ``recorded`` keeps what was recorded.

    Args:
        pacing: What to start from.
        texts: The values, as users spell them.
        where: What stands before a field's name where they are spelt: ``--``, or a file and a table.

    Raises:
        UsageError: A value means nothing.

    """
    return msgspec.structs.replace(pacing, **{key: _paced(key, text, where + key) for key, text in texts.items()})


def _paced(key: str, text: str, where: str) -> object:
    if key == "mode":
        if text not in get_args(Mode):
            raise UsageError(where, f"{text!r} is no way to start from", f"write {' or '.join(get_args(Mode))}")
        return text
    if key == "speed":
        ratio = parse_ratio(text.strip().removesuffix("x"), where=where)
        return ratio.numerator, ratio.denominator
    if key in _KEPT and text.strip() == KEEP:
        return None
    return parse_distribution(text, where=where)


def read_fault(text: str, *, where: str) -> Fault:
    """Return the fault that ``text`` spells; whatever is wrong with it is found at ``where``.

    Raises:
        UsageError: It spells none.

    """
    try:
        return parse_fault(text, where=where)
    except UsageError as error:
        if error.where.startswith(where):
            raise
        raise UsageError(f"{where}: {error.where}", error.problem, error.remedy) from error
