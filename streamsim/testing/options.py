"""What a replay can be told, by the fixture and by the marker alike.

Law: values are spelt as at the command line and in profiles, and a wrong one is named by its option.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, cast

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.faults import Fault
from streamsim.plan.profile import Profile, read_fault, repaced
from streamsim.shells.files import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AnyProfile: TypeAlias = str | Path | Profile | None
AnyFault: TypeAlias = str | Fault

# Options of pacing, and what the same is called in a profile.
_PACING = {"pacing": "mode", "ttfb": "ttfb", "ttft": "ttft", "itl": "itl", "jitter": "jitter", "speed": "speed"}


class Options(TypedDict, total=False):
    """Options of a replay.

    Attributes:
        pacing: ``recorded`` or ``instant``: where times start from.
        ttfb, ttft: Request to first byte, and to first content, like ``"300ms"``.
        itl: Gap between content chunks, like ``"30ms"`` or ``"lognormal(30ms,0.4)"``.
        jitter: How far each chunk may move, both ways.
        speed: Divides all times, like ``"2"``.
        faults: One fault or several, which strike together, like ``"reset_peer:at_event=5"``.
        profile: Name or file of a profile, or one; instead of the fixture ``streamsim_profile``.
        seed: Of everything drawn; instead of the fixture ``streamsim_seed``.
        match: How requests find their exchange, as ``streamsim serve --match``.
        upstream: The real server, as the base URL that the client would get: asked when there is no recording yet.
        real: Play in real time, on a real server for any client, other processes too.
        optional: It need not be requested.
        leave_open: Its streams need not be read to the end or closed.

    """

    pacing: str
    ttfb: str
    ttft: str
    itl: str
    jitter: str
    speed: str
    faults: AnyFault | Sequence[AnyFault]
    profile: AnyProfile
    seed: int | None
    match: Literal["auto", "order", "strict"]
    upstream: str
    real: bool
    optional: bool
    leave_open: bool


KNOWN = tuple(Options.__annotations__)


def checked(told: Mapping[str, object], where: str, *more: str) -> Options:
    """Return ``told`` if all of it are options, or one of ``more``.

    Raises:
        UsageError: One is not; names that come near are listed.

    """
    for name in told:
        if name not in KNOWN and name not in more:
            near = get_close_matches(name, (*KNOWN, *more), n=2)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join((*KNOWN, *more))}"
            raise UsageError(where, f"there is no option {name!r}", remedy)
    return cast("Options", {name: value for name, value in told.items() if name in KNOWN})


def profile_of(options: Options, default: AnyProfile, where: str) -> Profile:
    """Return what ``options`` ask for: their profile, or ``default``, with their pacing, and their faults after its.

    Raises:
        UsageError: A value means nothing.
        ProfileError: There is no such profile, or it cannot be understood.

    """
    base = _profile(options.get("profile", default))
    texts = {field: _text(options, name, where) for name, field in _PACING.items() if name in options}
    faults = (*base.faults, *_faults(options.get("faults", ()), where))
    return msgspec.structs.replace(base, pacing=repaced(base.pacing, texts, where=f"{where}: "), faults=faults)


def _profile(given: AnyProfile) -> Profile:
    if given is None:
        return Profile()
    return given if isinstance(given, Profile) else load_profile(given)


def _text(options: Options, name: str, where: str) -> str:
    value = cast("Mapping[str, object]", options)[name]
    if not isinstance(value, str):
        raise UsageError(f"{where}: {name}", f"{value!r} is not a string", "write it in quotes, with its unit: '300ms'")
    return value


def _faults(given: AnyFault | Sequence[AnyFault], where: str) -> Iterator[Fault]:
    for fault in (given,) if isinstance(given, str | Fault) else given:
        yield fault if isinstance(fault, Fault) else read_fault(fault, where=f"{where}: faults")
