"""What a provider counts in its events, kept right where these are added or moved: ``sequence_number`` and padding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from streamsim.dialects import spell
from streamsim.dialects.json_values import Value, found, unquoted
from streamsim.plan.faults.json_spans import replaced

if TYPE_CHECKING:
    from streamsim.rng import Rng

_NUMBER: Final = "sequence_number"
_PADDING: Final = "obfuscation"
_LONGEST: Final = 16


def numbered(data: str, *, like: str) -> str:
    """Return ``data`` with the sequence number that ``like`` has; as it is where one of them has none."""
    own, other = _number(data), _number(like)
    return data if own is None or other is None else replaced(data, [own], like[other.start : other.stop])


def counted_on(data: str, by: int) -> str:
    """Return ``data`` with its sequence number higher by so much; as it is where it has none."""
    own = _number(data) if by else None
    return data if own is None else replaced(data, [own], str(int(data[own.start : own.stop]) + by))


def _number(data: str) -> Value | None:
    if f'"{_NUMBER}"' not in data:
        return None
    value = found(data, (_NUMBER,))
    return value if value is not None and data[value.start : value.stop].isdigit() else None


def padded(data: str, before: str, after: str, dice: Rng, nth: int) -> str:
    """Return ``data`` with padding that makes up for ``after`` in place of ``before``; as it is where it has none.

    Text and padding together are as long as they were, up to a multiple of 16.
    """
    value = found(data, (_PADDING,)) if f'"{_PADDING}"' in data else None
    if value is None or data[value.start] != '"':
        return data
    length = len(unquoted(data[value.start : value.stop])) + _size(before) - _size(after)
    return replaced(data, [value], f'"{spell.name(dice, nth, length % _LONGEST)}"')


def _size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode(errors="surrogatepass"))
