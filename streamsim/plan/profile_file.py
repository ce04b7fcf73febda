"""Profiles as TOML: text in, profile out.

Law: a file that cannot be meant is refused, by file and key, with what may have been meant; nothing in it is ignored.
All values are strings, spelt as on the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from streamsim.errors import ProfileError, UsageError, nearest
from streamsim.plan.pacing import Pacing
from streamsim.plan.profile import Profile, read_fault, repaced
from streamsim.traffic.model import LOAD_KEYS, NO_LOAD, reloaded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.plan.faults import Fault

KEYS = ("name", "about", "faults", "pacing", "load")
PACING_KEYS = tuple(field.name for field in msgspec.structs.fields(Pacing))
TABLES = {"pacing": PACING_KEYS, "load": LOAD_KEYS}


def read_profile(text: str, *, source: str, name: str = "") -> Profile:
    """Return the profile that ``text`` tells of; it is called ``name`` unless it says otherwise.

    Raises:
        ProfileError: It is no TOML, or a key or a value means nothing.

    """
    import tomllib  # noqa: PLC0415 - most runs read none

    try:
        told: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(source, f"it is not TOML: {error}", "mend it there") from error
    _refuse_unknown(told, KEYS, source, "")
    try:
        return Profile(
            name=_string(told.get("name", name), f"{source}: name"),
            about=_string(told.get("about", ""), f"{source}: about"),
            pacing=repaced(Pacing(), _table(told, "pacing", source), where=f"{source}: pacing."),
            faults=_faults(told.get("faults", []), f"{source}: faults"),
            load=reloaded(NO_LOAD, _table(told, "load", source), where=f"{source}: load."),
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
        for name, keys_of_it in TABLES.items():
            if key in keys_of_it:
                raise ProfileError(where, f"it is part of the table {name}", f"write {key} below a line [{name}]")
        remedy = nearest(key, known, most=1) or f"known are {', '.join(known)}"
        raise ProfileError(where, "there is no such key", remedy)


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ProfileError(where, f"{value!r} is not a string", "write it in quotes")
    return value


def _table(told: dict[str, object], name: str, source: str) -> dict[str, str]:
    """Return what the table ``name`` says."""
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise ProfileError(f"{source}: {name}", "it is not a table", f"write a line [{name}], and its keys below")
    table = cast("dict[str, object]", found)
    _refuse_unknown(table, TABLES[name], source, f"{name}.")
    return {key: _string(value, f"{source}: {name}.{key}") for key, value in table.items()}


def _faults(told: object, where: str) -> tuple[Fault, ...]:
    """Return the faults of the list; in messages they count from 1."""
    if not isinstance(told, list):
        raise ProfileError(where, "it is not a list of strings", 'write faults = ["reset_peer:at_event=5"]')
    numbered = [(item, f"{where}[{nth}]") for nth, item in enumerate(cast("list[object]", told), start=1)]
    return tuple(read_fault(_string(item, place), where=place) for item, place in numbered)
