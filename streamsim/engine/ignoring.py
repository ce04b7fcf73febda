r"""What a user says is not to count when requests are compared: ``--ignore``.

::

    metadata.session            a place in the JSON body: names with dots between them; of a list, an index from 0 on
    messages.*.name             ``*`` is any name or index, ``**`` any number of them
    messages[role=tool].content ``[NAME=VALUE]`` is whatever holds that; ``[N]`` and ``[*]`` are indices, too
    query:session               a parameter of the query
    text:salt-[0-9]+            a regular expression: what it matches counts in no text of body or query

A backslash takes the next character for itself: ``a\.b`` is one name. ``body:`` may stand before a place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.engine.anyjson import is_object
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# One step of a place, with what leads to it: a dot, or nothing before the first one and before a bracket.
_STEP = re.compile(r"(?:\A|\.|(?=\[))(?:\[((?:[^\]\\]|\\.)*)\]|((?:[^.\[\]\\]|\\.)+))", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FILTER = re.compile(r"((?:[^=\\]|\\.)+)=(.*)", re.DOTALL)

# What may stand in the way of somebody's computer, and of nobody's wish.
_MOST_STEPS = 64


class Segment(msgspec.Struct, frozen=True):
    """One step of a place."""

    kind: Literal["name", "any", "deep", "filter"]
    name: str = ""
    value: str = ""

    def matches(self, key: str, child: object) -> bool:
        """Tell whether it leads to ``child``, which stands under ``key``."""
        if self.kind == "filter":
            found = child.get(self.name) if is_object(child) else None
            return found is not None and _spelt(found) == self.value
        return self.kind == "any" or self.name == key


Place: TypeAlias = tuple[Segment, ...]


class Ignoring(msgspec.Struct, frozen=True):
    """All that does not count."""

    places: tuple[Place, ...] = ()
    queries: frozenset[str] = frozenset()
    texts: tuple[re.Pattern[str], ...] = ()

    def text(self, text: str) -> str:
        """Return what of ``text`` counts."""
        for pattern in self.texts:
            text = pattern.sub("", text)
        return text

    def leaves_out(self, parameter: str) -> bool:
        """Tell whether a parameter of the query does not count."""
        return parameter in self.queries or "*" in self.queries


NOTHING = Ignoring()


def ignoring(asked: Iterable[str]) -> Ignoring:
    """Return what ``asked`` say is not to count.

    Raises:
        UsageError: One of them says nothing that can be understood.

    """
    places: list[Place] = []
    queries: set[str] = set()
    texts: list[re.Pattern[str]] = []
    for one in asked:
        kind, found, rest = one.partition(":")
        if found and kind == "query" and rest:
            queries.add(rest)
        elif found and kind == "text":
            texts.append(_expression(rest))
        elif found and kind == "header":
            raise UsageError(f"--ignore {one}", "headers are never compared", "leave it out")
        else:
            places.append(_place(one, rest if found and kind == "body" else one))
    return Ignoring(tuple(places), frozenset(queries), tuple(texts))


def _expression(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        problem = f"this is no regular expression: {error}"
        raise UsageError(f"--ignore text:{text}", problem, "write one as Python's re takes it") from error
    if pattern.match("") is not None:
        raise UsageError(f"--ignore text:{text}", "it matches where there is nothing", "say what must be there")
    return pattern


def _place(asked: str, text: str) -> Place:
    where, remedy = f"--ignore {asked}", "write messages.*.name, query:NAME or text:REGEX"
    segments: list[Segment] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at) if at == 0 or text[at] in ".[" else None
        if found is None:
            raise UsageError(where, f"{text[at:]!r} is no step of a place", remedy)
        segments.append(_segment(found[1], found[2]))
        at = found.end()
    if not segments or len(segments) > _MOST_STEPS or segments[-1].kind == "deep":
        raise UsageError(where, "this is no place", remedy)
    return tuple(segments)


def _segment(bracketed: str | None, plain: str | None) -> Segment:
    text = (plain or "") if bracketed is None else bracketed
    if text == "*":
        return Segment("any")
    if text == "**" and bracketed is None:
        return Segment("deep")
    pair = _FILTER.fullmatch(text) if bracketed is not None else None
    if pair is not None:
        return Segment("filter", _ESCAPED.sub(r"\1", pair[1]), _ESCAPED.sub(r"\1", pair[2]))
    return Segment("name", _ESCAPED.sub(r"\1", text))


def entered(places: tuple[Place, ...], key: str | int, child: object) -> tuple[tuple[Place, ...], bool]:
    """Return what is left of ``places`` inside ``child``, and whether one of them is ``child`` itself."""
    left = dict.fromkeys(rest for place in places for rest in _after(place, str(key), child))
    return tuple(left), () in left


def _after(place: Place, key: str, child: object) -> Iterator[Place]:
    head, rest = place[0], place[1:]
    if head.kind == "deep":
        yield place
        yield from _after(rest, key, child)
    elif head.matches(key, child):
        yield rest


def _spelt(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
