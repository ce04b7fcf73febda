"""What streamsim gives to the tests of others."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.testing.kit import Streamsim
    from streamsim.testing.replay import Replay

__all__ = ["Replay", "Streamsim"]

_HOMES = {"Replay": "streamsim.testing.replay", "Streamsim": "streamsim.testing.kit"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'streamsim.testing' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
