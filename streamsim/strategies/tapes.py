"""Many choices in one draw: bytes of a tape, each of which chooses from a table.

Law: hypothesis draws a tape as fast as a number, and makes it shorter and its bytes smaller; so tables begin with what
is simplest, and what a tape does not say is that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def of(table: Sequence[T], byte: int) -> T:
    """Return the choice from ``table`` that ``byte`` is."""
    return table[byte % len(table)]
