"""Why no recorded exchange answers a request: the nearest ones, and each place in which they differ from it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from streamsim.engine.likeness import differences
from streamsim.engine.match import bodies_apart, turns_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.engine.essence import Essence
    from streamsim.engine.match import Asked, Candidate

# So many requests, and so many differences of each, are told; of a text so many characters.
NEAREST = 3
DIFFERENCES = 8
WIDTH = 80
_BEFORE = 20  # characters that are the same, before those that are not


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in which two requests differ; None where one of them has nothing there.

    ``at`` is ``method``, ``path``, ``turns``, ``query:NAME`` or ``body:PLACE``, the last two as
    ``--ignore`` takes them.
    """

    at: str
    recorded: str | None = None
    asked: str | None = None

    def __str__(self) -> str:
        return f"{self.at} ({_quoted(self.recorded)} recorded, {_quoted(self.asked)} asked)"


class Miss(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recorded request that came near, and why it was not taken; ``more`` counts what is not told."""

    label: str
    method: str
    target: str
    differs: tuple[Difference, ...]
    more: int = 0


class Missed(msgspec.Struct, frozen=True):
    """A request that no recorded exchange answers, and those that came near."""

    method: str
    target: str
    nearest: tuple[Miss, ...]

    @property
    def message(self) -> str:
        """What is wrong, in one line, without what was recorded or asked."""
        return self._told(lambda difference: difference.at)

    def __str__(self) -> str:
        return self._told(str)

    def _told(self, spelt: Callable[[Difference], str]) -> str:
        told = f"no recorded exchange answers {self.method} {self.target}"
        if not self.nearest:
            return f"{told}; nothing is recorded"
        near = self.nearest[0]
        differs = [*map(spelt, near.differs), *([f"{near.more} more"] if near.more else [])]
        return f"{told}; the nearest, {near.label}, differs in {', '.join(differs)}"


def missed(known: Sequence[Candidate], asked: Asked) -> Missed:
    """Return the recorded requests that come nearest to ``asked``, and in what they differ."""
    near = sorted(known, key=lambda candidate: _remoteness(candidate, asked))[:NEAREST]
    return Missed(asked.method, cut(asked.target), tuple(_miss(candidate, asked) for candidate in near))


def _remoteness(candidate: Candidate, asked: Asked) -> tuple[int, ...]:
    apart = bodies_apart(candidate.body, asked.counts)
    return (
        candidate.path != asked.path,
        candidate.exchange.request.method != asked.method,
        turns_apart(candidate.body.turns, asked.counts.turns),
        *map(len, apart),
        len(differences(candidate.query, asked.query)),
    )


def _miss(candidate: Candidate, asked: Asked) -> Miss:
    recorded = candidate.exchange.request
    differs = _differences(candidate, asked)
    told = tuple(islice(differs, DIFFERENCES))
    return Miss(candidate.label, recorded.method, cut(recorded.target), told, sum(1 for _ in differs))


def _differences(candidate: Candidate, asked: Asked) -> Iterator[Difference]:
    method, ours, theirs = candidate.exchange.request.method, candidate.body, asked.counts
    if method != asked.method:
        yield Difference("method", method, asked.method)
    if candidate.path != asked.path:
        yield _difference("path", candidate.path, asked.path)
    if turns_apart(ours.turns, theirs.turns):
        yield _difference("turns", _course(ours), _course(theirs))
    for name in differences(candidate.query, asked.query):
        yield _difference(f"query:{name}", candidate.query.get(name), asked.query.get(name))
    kinds = ((ours.links, theirs.links), (ours.words, theirs.words), (ours.rest, theirs.rest))
    for paths, (recorded, wanted) in zip(bodies_apart(ours, theirs), kinds, strict=True):
        for path in paths:
            place = (theirs if path in wanted else ours).place(path)
            yield _difference(f"body:{place}", recorded.get(path), wanted.get(path))


def _course(body: Essence) -> str:
    return ", ".join(body.turns or ())


def _difference(at: str, recorded: str | None, asked: str | None) -> Difference:
    """Return a difference of two texts; of long ones the part where it begins."""
    begin = 0
    if recorded is not None and asked is not None and max(len(recorded), len(asked)) > WIDTH:
        begin = max(0, _alike(recorded, asked) - _BEFORE)
    return Difference(cut(at), _cut_off(recorded, begin), _cut_off(asked, begin))


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut_off(text: str | None, begin: int) -> str | None:
    return text if text is None else ("…" if begin else "") + cut(text[begin:])


def cut(text: str) -> str:
    """Return ``text``, or how it begins."""
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else msgspec.json.encode(text).decode()
