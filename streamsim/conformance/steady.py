"""The same draws in every process.

Law: hypothesis likes to draw numbers and bytes that stand in the user's own modules, as far as those are loaded; here
nothing that is drawn depends on that.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def steady() -> Generator[None]:
    """Draw nothing from loaded modules meanwhile; where hypothesis is of another make, as it does."""
    before = getattr(providers, "_get_local_constants", None)
    none = getattr(providers, "Constants", None)
    if before is None or none is None:
        yield
        return
    setattr(providers, "_get_local_constants", none)  # noqa: B010 - it is not ours
    _forget()
    try:
        yield
    finally:
        setattr(providers, "_get_local_constants", before)  # noqa: B010 - the same
        _forget()


def _forget() -> None:
    """Have it look again which constants are allowed where."""
    cache = getattr(providers, "CONSTANTS_CACHE", None)
    if cache is not None:
        cache.cache.clear()
