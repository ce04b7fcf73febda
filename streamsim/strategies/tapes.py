"""Many choices in one draw: bytes of a tape, each of which chooses from a table.

Law: hypothesis draws a tape as fast as a number, and makes it shorter and its bytes smaller; so tables begin with what
is simplest, and what a tape does not say is that. A failing test shows what was told, never the tape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")


def of(table: Sequence[T], byte: int) -> T:
    """Return the choice from ``table`` that ``byte`` is."""
    return table[byte % len(table)]


@overload
def told(tell: Callable[[A], T], first: st.SearchStrategy[A], /) -> st.SearchStrategy[T]: ...


@overload
def told(
    tell: Callable[[A, B], T], first: st.SearchStrategy[A], second: st.SearchStrategy[B], /
) -> st.SearchStrategy[T]: ...


@overload
def told(
    tell: Callable[[A, B, C], T],
    first: st.SearchStrategy[A],
    second: st.SearchStrategy[B],
    third: st.SearchStrategy[C],
    /,
) -> st.SearchStrategy[T]: ...


def told(tell: Callable[..., T], /, *drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Return what ``tell`` makes of what is ``drawn``. Of a ``map`` hypothesis would show the call in its place."""
    return _told(tell, *drawn)


@st.composite
def _told(draw: st.DrawFn, tell: Callable[..., T], *drawn: st.SearchStrategy[Any]) -> T:
    return tell(*map(draw, drawn))
