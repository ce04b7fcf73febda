"""Moments as other tools write them, RFC 3339: from and to microseconds since 1970, UTC; no leap seconds.

The arithmetic of days is that of the Gregorian calendar in eras of 400 years, each 146,097 days long.
"""

from __future__ import annotations

import re

_FORM = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?"
    r"(?:Z|z|([+-])([0-9]{2}):?([0-9]{2}))?"
)
_DAY_S = 86_400
_TO_1970 = 719_468  # days from the first of March of the year 0


def moment(text: str) -> int | None:
    """Return the microseconds since 1970 of a moment; None where it is none. Without an offset it is UTC."""
    found = _FORM.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    offset_s = (int(found[9]) * 60 + int(found[10])) * 60 if found[8] else 0
    seconds = _days(year, month, day) * _DAY_S + (hour * 60 + minute) * 60 + second
    seconds += offset_s if found[8] == "-" else -offset_s
    return seconds * 1_000_000 + int((found[7] or "").ljust(6, "0"))


def spelt(us: int) -> str:
    """Return a moment, given in microseconds since 1970, as text."""
    days, rest_us = divmod(us, _DAY_S * 1_000_000)
    seconds, micros = divmod(rest_us, 1_000_000)
    year, month, day = _date(days)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}.{micros:06}Z"


def _days(year: int, month: int, day: int) -> int:
    """Return the days from 1970; a year begins in March here, so that the leap day is its last."""
    year -= month < 3
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - _TO_1970


def _date(days: int) -> tuple[int, int, int]:
    era, day = divmod(days + _TO_1970, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return era * 400 + year + (month >= 10), (month + 2) % 12 + 1, of_year - (153 * month + 2) // 5 + 1
