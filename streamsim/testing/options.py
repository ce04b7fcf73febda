"""What a replay can be told, by the fixture and by the marker alike.

Law: values are spelt as at the command line and in profiles, and a wrong one is named by its option.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict, cast

import msgspec

from streamsim.engine.ignoring import ignoring
from streamsim.errors import UsageError, nearest
from streamsim.plan.faults import Fault
from streamsim.plan.profile import Profile, read_fault, repaced
from streamsim.shells.files import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AnyProfile: TypeAlias = str | Path | Profile | None
AnyFault: TypeAlias = str | Fault

# Options of pacing, and what the same is called in a profile.
_PACING = {"pacing": "mode", "ttfb": "ttfb", "ttft": "ttft", "itl": "itl", "jitter": "jitter", "speed": "speed"}


# Options of what is said, which mean nothing where a recording is named.
_OF_SAYING: Final = ("model", "stop")


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
        ignore: One place or several of requests that do not count, like ``"metadata.session"`` or ``"query:session"``.
        dialect: How strings and parts are written; with it they are what is said, not names of recordings.
        model: The model's name in what is said.
        stop: Why what is said ends.
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
    ignore: str | Sequence[str]
    dialect: str
    model: str
    stop: str
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
            remedy = nearest(name, (*KNOWN, *more), most=2) or f"known are {', '.join((*KNOWN, *more))}"
            raise UsageError(where, f"there is no option {name!r}", remedy)
    return cast("Options", {name: value for name, value in told.items() if name in KNOWN})


def says(options: Options) -> bool:
    """Tell whether strings are what is said.

    Raises:
        UsageError: An option of saying is no string, or stands without a dialect; or a dialect with an upstream.

    """
    told = cast("Mapping[str, object]", options)
    for name in ("dialect", *_OF_SAYING):
        if not isinstance(told.get(name, ""), str):
            raise UsageError(f"replay: {name}", f"{told[name]!r} is not a string", "write it in quotes")
    dialect = options.get("dialect", "")
    alone = [name for name in _OF_SAYING if told.get(name) and not dialect]
    if alone:
        remedy = 'give a dialect too: dialect="openai-chat"'
        raise UsageError(f"replay: {alone[0]}", "it is for what is said, which needs a dialect", remedy)
    if dialect and "upstream" in options:
        raise UsageError("replay", "what is said has no upstream", "give a dialect or an upstream")
    return bool(dialect)


def ignored(options: Options, where: str) -> tuple[str, ...]:
    """Return the places that do not count.

    Raises:
        UsageError: One of them means nothing.

    """
    given = options.get("ignore", ())
    places = (given,) if isinstance(given, str) else tuple(given)
    for place in cast("tuple[object, ...]", places):
        if not isinstance(place, str):
            raise UsageError(f"{where}: ignore", f"{place!r} is not a string", "write a place in quotes: 'a.b'")
    try:
        ignoring(places)
    except UsageError as error:
        raise UsageError(f"{where}: {error.where.removeprefix('--')}", error.problem, error.remedy) from None
    return places


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
        remedy = "write it in quotes: '10'" if name == "speed" else "write it in quotes, with its unit: '300ms'"
        raise UsageError(f"{where}: {name}", f"{value!r} is not a string", remedy)
    return value


def _faults(given: AnyFault | Sequence[AnyFault], where: str) -> Iterator[Fault]:
    if given == "all":
        problem, remedy = "'all' is a run of the test with each fault", "say it in the marker, or name one"
        raise UsageError(f"{where}: faults", problem, remedy)
    for fault in (given,) if isinstance(given, str | Fault) else given:
        yield fault if isinstance(fault, Fault) else read_fault(fault, where=f"{where}: faults")
