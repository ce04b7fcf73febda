"""The shapes, one a file.

Each has a docstring that says what it measures, ``GOALS``, and ``run``, which yields its rows.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.goals import Goal
    from benchmarks.rows import Row

NAMES = (
    "instant",
    "paced",
    "drift",
    "workers",
    "memory",
    "start",
    "proxy",
    "record",
    "parse",
    "load",
    "plan",
    "simulate",
    "virtual",
    "plugin",
    "fuzz",
)


class Shape(Protocol):
    """What a shape's module gives."""

    __doc__: str | None
    GOALS: tuple[Goal, ...]

    @staticmethod
    def run(bench: Bench) -> Iterator[Row]:
        """Measure, and yield the rows."""
        ...


def shape(name: str) -> Shape:
    """Return the shape ``name``."""
    return cast("Shape", import_module(f"benchmarks.shapes.{name}"))
