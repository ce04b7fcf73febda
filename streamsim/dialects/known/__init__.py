"""The dialects that are known: one module each, found by being here; a name that begins with ``_`` is no dialect.

Law: a module knows no other dialect but that of its family.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.protocol import Dialect


def _found() -> Iterator[Dialect]:
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            yield from import_module(f"{__name__}.{module.name}").DIALECTS


KNOWN: Final[tuple[Dialect, ...]] = tuple(sorted(_found(), key=lambda dialect: dialect.name))
"""All of them, by name."""

VARIATIONS: Final = tuple(dialect for dialect in KNOWN if dialect.family)
FAMILIES: Final = tuple(dialect for dialect in KNOWN if not dialect.family)
BY_NAME: Final = {dialect.name: dialect for dialect in KNOWN}
WHOLE_AT: Final = tuple(pair for dialect in KNOWN for pair in dialect.whole_at)
"""How paths of whole answers end, and how those of their streams."""
