"""Which recorded exchanges answer a request.

``auto``: same method and path, then the closest body and query; all that are equally close match, in recorded order.
``strict``: same method, target and JSON value of the body. ``order``: whatever comes gets the next one.
A recorded ``[redacted]`` stands for anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from streamsim.engine.likeness import Leaves, differences, leaves
from streamsim.plan.planner import Planner
from streamsim.recording.model import Exchange

if TYPE_CHECKING:
    from streamsim.engine.requests import Request

Mode: TypeAlias = Literal["auto", "order", "strict"]


class Candidate(msgspec.Struct, frozen=True, eq=False):
    """A recorded exchange, made ready for comparison."""

    planner: Planner
    exchange: Exchange
    path: str
    query: Leaves
    body: Leaves

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.planner.name}:{self.exchange.number}"

    @property
    def succeeds(self) -> bool:
        """Whether it was recorded as complete, with a 2xx."""
        response, end = self.exchange.response, self.exchange.end
        return response is not None and 200 <= response.status < 300 and end is not None and end.cause == "complete"


class Miss(msgspec.Struct, frozen=True):
    """A recorded request that came near, and why it was not taken."""

    label: str
    method: str
    target: str
    differs: tuple[str, ...]


def candidates(planners: list[Planner]) -> list[Candidate]:
    """Return every exchange of every recording, in order."""
    return [
        Candidate(planner, exchange, *_split(exchange.request.target), leaves(exchange.request.data))
        for planner in planners
        for exchange in planner.recording.exchanges
    ]


def _split(target: str) -> tuple[str, Leaves]:
    """Return path and query; of a whole URL, which a client sends that takes us for its proxy, just the same."""
    scheme, found, rest = target.partition("://")
    if found and "/" not in scheme and "?" not in scheme:
        target = "/" + rest.partition("/")[2]
    path, _, query = target.partition("?")
    return path, dict(parse_qsl(query, keep_blank_values=True))


def find(known: list[Candidate], request: Request, mode: Mode) -> list[Candidate]:
    """Return the exchanges that answer ``request``, in the order they are to be used; none when none does."""
    if mode == "order":
        return known
    path, query = _split(request.target)
    near = [c for c in known if c.path == path and _method(c, request)]
    if not near or (mode == "auto" and len(near) == 1):
        return near
    body = leaves(request.body)
    distances = [_distance(candidate, query, body) for candidate in near]
    best = 0 if mode == "strict" else min(distances)
    return [candidate for candidate, distance in zip(near, distances, strict=True) if distance == best]


def _method(candidate: Candidate, request: Request) -> bool:
    recorded = candidate.exchange.request.method
    return recorded == request.method or (request.method == "HEAD" and recorded == "GET")


def _distance(candidate: Candidate, query: Leaves, body: Leaves) -> int:
    return len(differences(candidate.query, query)) + len(differences(candidate.body, body))


def nearest(known: list[Candidate], request: Request, most: int = 3) -> list[Miss]:
    """Return the recorded requests that come nearest, and in what they differ."""
    path, query = _split(request.target)
    body = leaves(request.body)
    misses = [_miss(candidate, request.method, path, query, body) for candidate in known]
    return [_brief(miss) for miss in sorted(misses, key=_remoteness)[:most]]


def _remoteness(miss: Miss) -> int:
    """Count differences; another path weighs most, then another method."""
    return len(miss.differs) + 2 * ("path" in miss.differs) + ("method" in miss.differs)


def _miss(candidate: Candidate, method: str, path: str, query: Leaves, body: Leaves) -> Miss:
    recorded = candidate.exchange.request
    differs = ["method"] if recorded.method != method else []
    if candidate.path != path:
        differs.append("path")
    differs += [f"query {name}" for name in differences(candidate.query, query)]
    differs += [f"body {name}".strip() for name in differences(candidate.body, body)]
    return Miss(candidate.label, recorded.method, recorded.target, tuple(differs))


def _brief(miss: Miss) -> Miss:
    return msgspec.structs.replace(miss, differs=tuple(name[:100] for name in miss.differs[:8]))
