"""The dialects that are known: one module each, found by being here; a name that begins with ``_`` is no dialect.

Laws: a module knows no other dialect but that of its family. One that has a sign is loaded when somebody asks for it:
there are many, and most streams are of one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from streamsim.dialects.known._signs import SIGNS, near
from streamsim.ondemand import OnDemand

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Clues, Dialect
    from streamsim.sse import Event

WHOLE_AT: Final = (
    ("/converse", "/converse-stream"),
    (":generateContent", ":streamGenerateContent"),
    ("/runs/wait", "/runs/stream"),
    ("/generate", "/generate_stream"),
)
"""How paths of whole answers end, and how those of their streams, in all dialects that have a sign."""


class Known(OnDemand["Dialect"]):
    """The dialects by name, in the order of their names."""

    def __init__(self) -> None:
        modules = {name: sign.module for name, sign in SIGNS.items()}
        here = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
        for module in here.difference(modules.values()):
            modules |= dict.fromkeys(_loaded(module), module)
        super().__init__(sorted(modules), lambda name: _loaded(modules[name])[name])
        self._unsigned = [name for name in self if name not in SIGNS]

    def near(self, event: Event, clues: Clues) -> list[Dialect]:
        """Return those that may own ``event``, be marked by it, or suit ``clues``."""
        return [self[name] for name in sorted({*near(event, clues), *self._unsigned})]


@cache
def _loaded(module: str) -> dict[str, Dialect]:
    dialects: tuple[Dialect, ...] = import_module(f"{__name__}.{module}").DIALECTS
    return {dialect.name: dialect for dialect in dialects}


BY_NAME: Final = Known()
