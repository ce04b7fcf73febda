r"""Faults as strings: ``NAME`` or ``NAME:key=value,key=value``.

Commas inside parentheses belong to the value; so does any character after a backslash. ``\n``, ``\r`` and ``\t`` are
line ends and tab, ``\xNN`` is a character by its number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import UsageError, nearest
from streamsim.plan.faults.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamsim.plan.faults.fault import Fault

_PART = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|.", re.DOTALL)
_EDGE = re.compile(r"^ | \Z")
_SHORT = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}
_ESCAPES = {value: key for key, value in _SHORT.items()}
_BALANCED = re.compile(r"[^(),]*(?:\([^()]*\)[^(),]*)*")


def parse_fault(text: str, *, where: str = "fault") -> Fault:
    """Return the fault that ``text`` spells.

    Raises:
        UsageError: There is none of that name, or a parameter is not one of its.

    """
    name, _, rest = text.strip(" \t").partition(":")
    values: dict[str, object] = {}
    for item in filter(None, _items(rest)):
        key, sign, value = item.partition("=")
        if not sign:
            raise UsageError(where, f"{item!r} in {text!r} has no value", "write NAME:key=value,key=value")
        if key.strip() in values:
            raise UsageError(where, f"{key.strip()!r} stands twice in {text!r}", "give each parameter once")
        values[key.strip()] = _unescaped(value.strip(" \t"))
    return make_fault(name.strip(), values, where=where)


def _items(text: str) -> Iterator[str]:
    """Yield what stands between the commas outside parentheses, escapes as they are."""
    depth = start = 0
    for match in _PART.finditer(text):
        depth += {"(": 1, ")": -1 if depth else 0}.get(match[0], 0)
        if match[0] == "," and not depth:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _unescaped(value: str) -> str:
    return _PART.sub(lambda match: _character(match[0]), value)


def _character(part: str) -> str:
    return bytes.fromhex(part[2:]).decode("latin-1") if len(part) == 4 else _SHORT.get(part, part[-1])


def make_fault(name: str, values: Mapping[str, object], *, where: str) -> Fault:
    """Return the fault ``name`` with these parameters.

    Raises:
        UsageError: There is none of that name, or a parameter is not one of its.

    """
    kind = CATALOGUE.get(name)
    if kind is None:
        remedy = nearest(name, CATALOGUE) or "'streamsim faults' lists them"
        raise UsageError(where, f"there is no fault {name!r}", remedy)
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for key in values:
        if key not in known:
            raise UsageError(where, f"{name} has no parameter {key!r}", f"it has {', '.join(known)}")
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(where, f"{name}: {error}", f"'streamsim faults {name}' tells what it takes") from error


def spell_fault(fault: Fault) -> str:
    """Return the spelling of ``fault``, which parses back to an equal one."""
    given = msgspec.to_builtins(fault)
    parts = [f"{key}={_spelt(value)}" for key, value in given.items() if key != "fault"]
    return fault.name() + (":" + ",".join(parts) if parts else "")


def _spelt(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    special = "" if _BALANCED.fullmatch(text) else "(),"
    return _EDGE.sub(r"\\x20", "".join([_escaped(char, special) for char in text]))


def _escaped(char: str, special: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char < " " or "\x7f" <= char <= "\xa0":
        return f"\\x{ord(char):02x}"
    return f"\\{char}" if char == "\\" or char in special else char
