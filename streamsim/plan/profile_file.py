"""Profiles as TOML: text in, profile out.

Law: a file that cannot be meant is refused, by file and key, with what may have been meant; nothing in it is ignored.
All values are strings, spelt as on the command line.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

import msgspec

from streamsim.errors import ProfileError, UsageError
from streamsim.plan.pacing import Pacing
from streamsim.plan.profile import Profile, read_fault, repaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.plan.faults import Fault

KEYS = ("name", "about", "faults", "pacing")
PACING_KEYS = tuple(field.name for field in msgspec.structs.fields(Pacing))


def read_profile(text: str, *, source: str, name: str = "") -> Profile:
    """Return the profile that ``text`` tells of; it is called ``name`` unless it says otherwise.

    Raises:
        ProfileError: It is no TOML, or a key or a value means nothing.

    """
    try:
        told: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(source, f"it is not TOML: {error}", "mend it there") from error
    _refuse_unknown(told, KEYS, source, "")
    try:
        return Profile(
            name=_string(told.get("name", name), f"{source}: name"),
            about=_string(told.get("about", ""), f"{source}: about"),
            pacing=_pacing(told.get("pacing", {}), source),
            faults=_faults(told.get("faults", []), f"{source}: faults"),
        )
    except UsageError as error:
        raise ProfileError(error.where, error.problem, error.remedy) from error


def _refuse_unknown(keys: Iterable[str], known: tuple[str, ...], source: str, table: str) -> None:
    """Refuse a key that is none, or that stands in the wrong place."""
    for key in keys:
        if key in known:
            continue
        where = f"{source}: {table}{key}"
        if key in KEYS:
            raise ProfileError(where, "it is part of no table", f"write {key} above [pacing]")
        if key in PACING_KEYS:
            raise ProfileError(where, "it is part of the table pacing", f"write {key} below a line [pacing]")
        near = get_close_matches(key, known, n=1)
        raise ProfileError(
            where, "there is no such key", f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        )


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ProfileError(where, f"{value!r} is not a string", "write it in quotes")
    return value


def _pacing(told: object, source: str) -> Pacing:
    if not isinstance(told, dict):
        raise ProfileError(f"{source}: pacing", "it is not a table", "write a line [pacing], and its keys below")
    table = cast("dict[str, object]", told)
    _refuse_unknown(table, PACING_KEYS, source, "pacing.")
    where = f"{source}: pacing."
    return repaced(Pacing(), {key: _string(value, where + key) for key, value in table.items()}, where=where)


def _faults(told: object, where: str) -> tuple[Fault, ...]:
    """Return the faults of the list; in messages they count from 1."""
    if not isinstance(told, list):
        raise ProfileError(where, "it is not a list of strings", 'write faults = ["reset_peer:at_event=5"]')
    numbered = [(item, f"{where}[{nth}]") for nth, item in enumerate(cast("list[object]", told), start=1)]
    return tuple(read_fault(_string(item, place), where=place) for item, place in numbered)
