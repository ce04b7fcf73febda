"""Which recorded exchanges answer a request.

``auto``: same method and path, then the same course of the conversation, then the closest words, then the closest rest;
all that are equally close match, in recorded order. ``strict``: same method, target and body, but for what varies.
``order``: whatever comes gets the next one. A recorded ``[redacted]`` stands for anything.

Law: what is found depends on the recordings and on :meth:`Asked.key` alone.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from streamsim.engine.essence import Essence, essence
from streamsim.engine.ignoring import NOTHING, Ignoring
from streamsim.engine.likeness import Leaves, differences
from streamsim.engine.requests import Request
from streamsim.engine.turns import RESULT
from streamsim.engine.varying import varies
from streamsim.plan.planner import Planner
from streamsim.recording.model import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

Mode: TypeAlias = Literal["auto", "order", "strict"]

# Links, words, rest.
Apart: TypeAlias = tuple[list[str], list[str], list[str]]


class Asked(Request):
    """A request, and what counts of it."""

    counts: Essence = Essence()
    ignoring: Ignoring = NOTHING

    @property
    def path(self) -> str:
        """The path, also of a whole URL."""
        return _parted(self.target)[0]

    @property
    def query(self) -> Leaves:
        """What counts of the query."""
        return _counting(_parted(self.target)[1], self.ignoring)

    def key(self) -> bytes:
        """Return what is the same for equal requests, and for no others."""
        told = msgspec.json.encode((self.method, self.path, list(self.query.items())))
        return told + self.counts.key()


def asked_by(request: Request, ignoring: Ignoring = NOTHING) -> Asked:
    """Return ``request`` with what counts of it."""
    return Asked(
        request.method,
        request.target,
        request.headers,
        request.fields,
        request.body,
        request.http,
        request.keep_alive,
        counts=essence(request.body, ignoring),
        ignoring=ignoring,
    )


class Candidate(msgspec.Struct, frozen=True, eq=False):
    """A recorded exchange, made ready for comparison."""

    planner: Planner
    exchange: Exchange
    path: str
    query: Leaves
    body: Essence

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.planner.name}:{self.exchange.number}"

    @property
    def succeeds(self) -> bool:
        """Whether it was recorded as complete, with a 2xx."""
        response, end = self.exchange.response, self.exchange.end
        return response is not None and 200 <= response.status < 300 and end is not None and end.cause == "complete"

    def goes_round(self, asked: Asked) -> bool:
        """Tell whether it would answer the result of a tool with a call that was recorded before any result.

        A client that runs tools would go round for ever.
        """
        if not _brings_result(asked.counts) or not self.body.turns or _brings_result(self.body):
            return False
        answer = self.planner.reading(self.exchange.number).answer()
        return any(choice.calls for choice in answer.choices.values())


def _brings_result(body: Essence) -> bool:
    return (body.turns or ("",))[-1].endswith(RESULT)


def candidates(planners: Sequence[Planner], ignoring: Ignoring = NOTHING) -> list[Candidate]:
    """Return every exchange of every recording, in order."""
    return [_candidate(planner, one, ignoring) for planner in planners for one in planner.recording.exchanges]


def _parted(target: str) -> tuple[str, str]:
    """Return path and query; of a whole URL, which a client sends that takes us for its proxy, just the same."""
    scheme, found, rest = target.partition("://")
    if found and "/" not in scheme and "?" not in scheme:
        target = "/" + rest.partition("/")[2]
    path, _, query = target.partition("?")
    return path, query


def _counting(query: str, ignoring: Ignoring) -> Leaves:
    pairs = parse_qsl(query, keep_blank_values=True) if query else ()
    return {
        name: ignoring.text(value) for name, value in pairs if not (ignoring.leaves_out(name) or varies(name, value))
    }


def _candidate(planner: Planner, exchange: Exchange, ignoring: Ignoring) -> Candidate:
    request = exchange.request
    path, query = _parted(request.target)
    return Candidate(planner, exchange, path, _counting(query, ignoring), essence(request.data, ignoring))


def find(known: Sequence[Candidate], request: Request, mode: Mode) -> list[Candidate]:
    """Return the exchanges that answer ``request``, in the order they are to be used; none when none does."""
    if mode == "order":
        return list(known)
    asked = request if isinstance(request, Asked) else asked_by(request)
    path = asked.path
    near = [candidate for candidate in known if candidate.path == path and _method(candidate, asked)]
    if mode == "strict":
        return [candidate for candidate in near if not any(_distance(candidate, asked)[1:])]
    near = [candidate for candidate in near if not candidate.goes_round(asked)]
    if len(near) < 2:
        return near
    distances = [_distance(candidate, asked) for candidate in near]
    best = min(distances)
    return [candidate for candidate, distance in zip(near, distances, strict=True) if distance == best]


def _method(candidate: Candidate, asked: Asked) -> bool:
    recorded = candidate.exchange.request.method
    return recorded == asked.method or (asked.method == "HEAD" and recorded == "GET")


def _distance(candidate: Candidate, asked: Asked) -> tuple[int, int, int, int]:
    """Return how far apart two requests are: turns, links, words, rest; what comes first weighs more than all else."""
    links, words, rest = bodies_apart(candidate.body, asked.counts)
    query = differences(candidate.query, asked.query)
    return turns_apart(candidate.body.turns, asked.counts.turns), len(links), len(words), len(query) + len(rest)


def turns_apart(recorded: tuple[str, ...] | None, asked: tuple[str, ...] | None) -> int:
    """Return in how many turns two conversations differ; those that are ignored differ in nothing."""
    if recorded is None or asked is None:
        return 0
    pairs = zip_longest(recorded, asked, fillvalue="")
    return sum(one != other and "*" not in (one, other) for one, other in pairs)


def bodies_apart(recorded: Essence, asked: Essence) -> Apart:
    """Return the paths at which two bodies differ, but for what is ignored in one of them."""
    kinds = ((recorded.links, asked.links), (recorded.words, asked.words), (recorded.rest, asked.rest))
    links, words, rest = (
        [path for path in differences(*both) if not (recorded.hides(path) or asked.hides(path))] for both in kinds
    )
    return links, words, rest
