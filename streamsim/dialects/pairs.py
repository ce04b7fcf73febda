"""The grammar that many dialects share: a first event, blocks that open, grow and close, a last event, ``[DONE]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamsim.dialects.generic import DONE
from streamsim.dialects.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Sign(NamedTuple):
    """What the grammar sees of an event: its name, and of which block it is."""

    name: str
    block: str = ""


class Pairs(msgspec.Struct, frozen=True):
    """The names of a dialect's events.

    Attributes:
        first: Opens the stream; "" where nothing must.
        last: What ends an answer, one of them at least; whatever is told after it is too late.
        opens: What opens a block, and what closes it.
        within: What must stand in an open block, and what opens that.
        known: All names; others are unknown. Nothing is where it is empty.
        failed: What tells an error: then nothing is missing.
        done: ``[DONE]`` must come last.
        implied: Blocks may begin without being opened.

    """

    first: str = ""
    last: frozenset[str] = frozenset()
    opens: Mapping[str, str] = {}
    within: Mapping[str, str] = {}
    known: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    done: bool = False
    implied: bool = False

    def complete(self, signs: Sequence[Sign]) -> bool:
        """Tell whether the answer ended as it must, or an error was told."""
        names = [sign.name for sign in signs]
        if not self.failed.isdisjoint(names):
            return True
        return not self.last.isdisjoint(names) and (not self.done or names[-1] == DONE)

    def problems(self, signs: Sequence[Sign]) -> list[Problem]:
        """Return where the grammar is broken, in the order of the events, then what is missing."""
        names = [sign.name for sign in signs]
        found: list[Problem] = []
        if self.first and (not names or names[0] != self.first):
            found.append(Problem(0 if names else None, "no_message_start", f"the first event is no {self.first}"))
        opened: dict[tuple[str, str], int] = {}
        found += self._blocks(signs, opened)
        found += self._after(names)
        if self.failed.isdisjoint(names):
            found += [
                Problem(index, "block_not_closed", f"{name} has no {self.opens[name]}")
                for (name, _), index in opened.items()
            ]
            found += self._missing(names)
        return found

    def _blocks(self, signs: Sequence[Sign], opened: dict[tuple[str, str], int]) -> Iterator[Problem]:
        closes = {close: name for name, close in self.opens.items()}
        for index, (name, block) in enumerate(signs):
            if name in self.opens:
                if (name, block) in opened:
                    yield Problem(index, "block_opened_twice", f"{name} {block} comes again before it is closed")
                opened[name, block] = index
            elif name in closes:
                if opened.pop((closes[name], block), None) is None and not self.implied:
                    yield Problem(index, "block_not_open", f"{name} {block} closes what is not open")
            elif name in self.within and (self.within[name], block) not in opened and not self.implied:
                yield Problem(index, "delta_before_start", f"{name} {block} comes without {self.within[name]}")
            elif (
                self.known
                and name not in self.known
                and name not in (DONE, self.first, *self.last, *self.failed, *self.within)
            ):
                yield Problem(index, "unknown_event", f"{name or 'an event'} is not known")

    def _after(self, names: Sequence[str]) -> Iterator[Problem]:
        over = done = False
        for index, name in enumerate(names):
            if done:
                rule = "duplicate_done" if name == DONE else "data_after_done"
                yield Problem(index, rule, "something comes after [DONE]")
            elif over and (name in self.opens or name in self.within or name in self.last):
                yield Problem(index, "content_after_finish", f"{name} comes after the end of the answer")
            over = over or name in self.last
            done = done or name == DONE

    def _missing(self, names: Sequence[str]) -> Iterator[Problem]:
        if self.last.isdisjoint(names):
            yield Problem(None, "finish_missing", f"no {' or '.join(sorted(self.last))} comes")
        if self.done and DONE not in names:
            yield Problem(None, "missing_done", "the stream ends without [DONE]")
