"""Protocols in which every block has to have certain lines: an event name, an id.

Law: those lines are in all samples, in front of the data, and no feature of them; other lines of the same names are in
none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from streamsim.conformance.anatomy import blocks, features, of_cuts, of_ends
from streamsim.conformance.sample import line_of
from streamsim.conformance.tokens import BLANK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.conformance.sample import Line, Sample

Block = tuple[str, ...]


@lru_cache
def leading(block: Block) -> tuple[Line, ...]:
    """Return the lines of `Policy.block`."""
    return tuple(line_of(line.encode()) for line in block)


def names(block: Block) -> frozenset[str]:
    """Return the fields that they are of."""
    return frozenset(line.name.decode() for line in leading(block))


def completed(lines: Sequence[Line], block: Block) -> list[Line]:
    """Return ``lines`` with those that every block with data has to have, and no others of their names."""
    lead = leading(block)
    taken = {line.name for line in lead}
    found: list[Line] = []
    for body, ended in blocks(lines):
        rest = [line for line in body if line.name not in taken]
        found += [*lead, *rest] if any(line.name == b"data" for line in rest) else rest
        if ended:
            found.append(BLANK)
    return found


def complete(lines: Sequence[Line], block: Block) -> bool:
    """Tell whether ``lines`` are such."""
    lead = leading(block)
    taken = {line.name for line in lead}
    for body, ended in blocks(lines):
        there = tuple(line for line in body if line.name in taken)
        if there != lead and (there or any(line.name == b"data" for line in body)):
            return False
        if there and ended and not any(line.name == b"data" for line in body):
            return False
    return True


def features_beside(sample: Sample, block: Block) -> frozenset[str]:
    """Return the features of ``sample`` but for those lines."""
    lead = frozenset(leading(block))
    left = [(line, end) for line, end in zip(sample.lines, sample.ends, strict=True) if line not in lead]
    rest = sample._replace(lines=tuple(line for line, _ in left), ends=tuple(end for _, end in left), cuts=())
    return features(rest) | {*of_ends(sample), *of_cuts(sample)}
