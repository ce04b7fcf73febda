"""Which written exchanges answer a request: those of a dialect that is asked there, by the turn of the conversation.

A written recording is one conversation and answers whatever is asked. Its turn is told by the request itself, which
holds what was said before: after n answers of the model comes the next one, and the last one stands for all later.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.recording.model import Header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.engine.match import Candidate
    from streamsim.engine.requests import Request

_VERSION = re.compile(r".*?/v\d\w*(?=/)")
_PLACE = re.compile(r"\{\w+\}")
_MODELS = frozenset(("assistant", "model", "ai", "reasoning", "thought", "model_output"))


def written_in(candidate: Candidate) -> str:
    """Return the dialect in which the exchange was written; "" if it was recorded."""
    header = candidate.planner.recording.header
    return header.written if isinstance(header, Header) else ""


def answering(written: list[Candidate], request: Request) -> list[Candidate]:
    """Return what answers ``request``: where its very path is known, or else one that ends or begins as it does."""
    path = request.target.partition("?")[0]
    places = [(candidate, places_of(written_in(candidate))) for candidate in written]
    for near in (False, True):
        there = [candidate for candidate, known in places if _is_there(known, request.method, path, near=near)]
        if there:
            return list(_turns(there, request.body))
    return []


class Place(NamedTuple):
    """An endpoint: its method, its path, and paths that stand for it, for clients whose base is another one."""

    method: str
    path: re.Pattern[str]
    near: re.Pattern[str]


@lru_cache
def places_of(dialect: str) -> tuple[Place, ...]:
    """Return the endpoints of a dialect."""
    known = BY_NAME.get(dialect)
    endpoints = known.writer.endpoints if known is not None and known.writer is not None else ()
    return tuple(_place(method, target.partition("?")[0]) for method, target in endpoints)


def _place(method: str, path: str) -> Place:
    """Return a place. Near it is what has more before it, no version, or only what stands around the model's name."""
    if path == "/":
        return Place(method, re.compile("/"), re.compile("/.*"))
    short = _VERSION.sub("", path)
    if named := _PLACE.search(path):
        short = path[path.rindex("/", 0, named.start() - 1) :]
    more = ".*" if short.count("/") > 1 else ""  # one word alone says too little
    return Place(method, re.compile(_open(path)), re.compile(f".*{_open(path)}|{more}{_open(short)}"))


def _open(path: str) -> str:
    """Return a pattern in which names in braces stand for anything within one segment."""
    return "[^/]+".join(map(re.escape, _PLACE.split(path)))


def _is_there(places: tuple[Place, ...], method: str, path: str, *, near: bool) -> bool:
    return any(
        place.method == method and (place.near if near else place.path).fullmatch(path) is not None for place in places
    )


def _turns(there: list[Candidate], body: bytes) -> Iterator[Candidate]:
    """Yield of each conversation whose turn it is; all answers of it where the request does not tell."""
    said = answers_in(body)
    for _, group in groupby(there, key=_planner):
        answers = list(group)
        if said is None:
            yield from answers
        else:
            yield answers[min(said, len(answers) - 1)]


def _planner(candidate: Candidate) -> int:
    return id(candidate.planner)


class _Asked(msgspec.Struct):
    messages: object = None
    contents: object = None
    input: object = None


_decoder = msgspec.json.Decoder(_Asked)


def answers_in(body: bytes) -> int | None:
    """Return how many answers a request repeats, each one or more messages of the model; None if it lists none."""
    try:
        asked = _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    for listed in (asked.messages, asked.contents, asked.input):
        if isinstance(listed, list):
            runs = groupby(map(_by_model, cast("list[object]", listed)))
            return sum(by_model for by_model, _ in runs)
    return None


def _by_model(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    told = cast("dict[str, object]", item)
    who = told.get("role") or told.get("type") or ""
    return isinstance(who, str) and (who.lower() in _MODELS or who.endswith("_call"))
