"""What a run lends to its shapes: how many rounds, a folder to work in, and a note of whom it met."""

from __future__ import annotations

from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]


class AbsentError(Exception):
    """What a row needs is not here; the message says what, and how to get it."""


class Bench(msgspec.Struct, frozen=True):
    """One run.

    Attributes:
        folder: Emptied when the run ends.
        rounds: How often everything is measured.
        big: Whether to run what takes minutes, too.
        versions: Of what was compared with, by name; filled as it is met.

    """

    folder: Path
    rounds: int
    big: bool = False
    versions: dict[str, str] = {}
