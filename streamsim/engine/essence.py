"""What of a request's body counts when it is compared with a recorded one, sorted by how much.

Law: two bodies with the same essence are the same request. Left out are what the user names (`ignoring`), and what a
client makes anew for each request: nonces, times, ids of its own. The id of a tool's call counts for which call it
is, whatever its name.

- ``turns``: the course of the conversation, in words;
- ``links``: ids of what the provider keeps, such as ``previous_response_id``;
- ``words``: what was said, by users and models;
- ``rest``: all else: model, parameters, tools, instructions, what tools gave.

Time and memory are bounded by the body's size, whoever wrote it: see `likeness`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import msgspec

from streamsim.engine.anyjson import Json, is_list, is_object
from streamsim.engine.ignoring import NOTHING, Ignoring, Place, entered
from streamsim.engine.likeness import EACH, NO_JSON, ROOM, Leaves, around, canonical, named
from streamsim.engine.turns import (
    BESIDE,
    LISTS,
    PARTS,
    REFERENCES,
    aside,
    inside_of,
    is_result,
    labels,
    references,
    turn,
)
from streamsim.engine.varying import ANEW, varies

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMAS: Final = ("input_schema", "inputSchema", "parametersJsonSchema")
_KEPT: Final = ("cache_control", "cacheControl", "signature", "thoughtSignature", "thought_signature")

_LINKS: Final = frozenset({"previous_response_id", "previous_interaction_id", "conversation", "contextId", "taskId"})

# What is said outside of a list of turns.
_SAID: Final = frozenset({"prompt", "input", "inputs", "message", "contents", "params", "suffix", "query"})
# Inside, names belong to a tool, not to the provider.
_FREE: Final = frozenset({"input", "args", "arguments", "response", "output", "parameters", "properties", *_SCHEMAS})
# What stands in a turn and is not said.
_BESIDE_WORDS: Final = frozenset({"annotations", "status", "createdAt", *_KEPT})
_TEXTS: Final = (None, "text", "input_text", "output_text")

# How names are read: not at all, as anybody's, as a conversation's.
_UNREAD, _PLAIN, _SPOKEN = 0, 1, 2
_REFERENCE: Final = "\0reference"

# Path, name, value, what of the user's places is inside, where its leaves go, how names are read.
_Node: TypeAlias = tuple[str, str | int, object, tuple[Place, ...], Leaves, int]


class Essence(msgspec.Struct, frozen=True):
    """What counts of a body.

    Attributes:
        turns: None where the user has it ignored; "*" is a turn of which the same is true.
        links, words, rest: Path and text of every leaf.
        hidden: Paths that the user has ignored.
        places: Where turns and parts really stand whose path says otherwise.

    """

    turns: tuple[str, ...] | None = ()
    links: Leaves = {}
    words: Leaves = {}
    rest: Leaves = {}
    hidden: frozenset[str] = frozenset()
    places: dict[str, str] = {}

    def key(self) -> bytes:
        """Return what is equal for the same request, and for no other."""
        kinds = (self.links, self.words, self.rest)
        told = msgspec.json.encode((self.turns, *(sorted(leaves.items()) for leaves in kinds)))
        return blake2b(told, digest_size=16).digest()

    def place(self, path: str) -> str:
        """Return where in the body ``path`` stands."""
        found = next((at for at in around(path) if at in self.places), None) if self.places else None
        return path if found is None else self.places[found] + path[len(found) :]

    def hides(self, path: str) -> bool:
        """Tell whether the user has ``path``, or what holds it, ignored."""
        return bool(self.hidden) and any(at in self.hidden for at in around(path))


def essence(body: bytes, ignoring: Ignoring = NOTHING) -> Essence:
    """Return what counts of ``body``."""
    if not body:
        return Essence()
    try:
        value = msgspec.json.decode(body)
    except NO_JSON:
        return Essence(rest={"": ignoring.text(body.decode("utf-8", "replace"))})
    reader = _Reader(ignoring)
    try:
        reader.body(value)
    except _TooMuch:
        return Essence(rest={"": ignoring.text(canonical(body).decode("utf-8", "replace"))})
    return reader.essence()


class _TooMuch(Exception):  # noqa: N818 - it is caught right here
    """The leaves would take a lot more than the body."""


class _Reader:
    """Sorts the leaves of one body."""

    def __init__(self, ignoring: Ignoring) -> None:
        self._ignoring = ignoring
        self._room = ROOM
        self._turns: list[str] | None = []
        self._links: Leaves = {}
        self._words: Leaves = {}
        self._rest: Leaves = {}
        self._hidden: list[str] = []
        self._places: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def essence(self) -> Essence:
        """Return what was read."""
        turns = None if self._turns is None else tuple(self._turns)
        return Essence(turns, self._links, self._words, self._rest, frozenset(self._hidden), self._places)

    def body(self, value: object) -> None:
        """Read the whole body."""
        places = self._ignoring.places
        if not is_object(value):
            self._spread(("", "", value, places, self._rest, _PLAIN))
            return
        rpc = "jsonrpc" in value
        if rpc:
            self._turns = [_called(value)]
        for name, child in value.items():
            if name in LISTS and is_list(child) and child:
                self._conversation(name, child, places)
            elif not (rpc and name == "id"):
                into = self._words if name in _SAID else self._rest
                self._enter("", value, (name, child), places, into, _PLAIN)

    def _conversation(self, name: str, items: list[Any], places: tuple[Place, ...]) -> None:
        inside, gone = entered(places, name, items) if places else ((), False)
        if gone:
            self._turns = None
            self._hidden.append(name)
            return
        self._afford(len(items))
        self._afford(inside_of(items))
        self._numbers = references(items)
        for index, (item, label) in enumerate(zip(items, labels(items, self._numbers), strict=True)):
            path = f"{name}[{label}]"
            self._moved(path, f"{name}[{index}]")
            left, gone = entered(inside, index, item) if inside else ((), False)
            if not aside(item) and self._turns is not None:
                self._turns.append("*" if gone else turn(item))
            if gone:
                self._hidden.append(path)
            elif aside(item):
                self._spread((path, index, item, left, self._rest, _SPOKEN))
            else:
                self._item(path, item, left)

    def _item(self, path: str, item: object, places: tuple[Place, ...]) -> None:
        if not is_object(item):
            self._spread((path, "", item, places, self._words, _SPOKEN))
            return
        result = is_result(item)
        for name, child in item.items():
            into = self._rest if result and (name in PARTS or name == "output") else self._words
            if name in PARTS and is_list(child) and child:
                self._parts(path, (name, child), places, into)
            else:
                self._enter(path, item, (name, child), places, into, _SPOKEN)

    def _parts(self, path: str, entry: tuple[str, list[Any]], places: tuple[Place, ...], into: Leaves) -> None:
        name, parts = entry
        real = f"{self._places.get(path, path)}.{name}"
        path = f"{path}.{name}"
        inside, gone = entered(places, name, parts) if places else ((), False)
        if gone:
            self._hidden.append(path)
            return
        for index, (part, label) in enumerate(zip(parts, labels(parts, self._numbers), strict=True)):
            left, gone = entered(inside, index, part) if inside else ((), False)
            where = path if _is_plain(parts) else f"{path}[{label}]"
            self._moved(where, f"{real}[{index}]")
            if gone:
                self._hidden.append(where)
            elif _is_plain(parts):
                self._plain(where, part, left, into)
            else:
                beside = self._rest if aside(part) or is_result(part) else into
                self._spread((where, index, part, left, beside, _SPOKEN))

    def _plain(self, path: str, part: dict[str, Any], places: tuple[Place, ...], into: Leaves) -> None:
        """Take a text that is the only part for the whole: clients write it as they like."""
        left, gone = entered(places, "text", part["text"]) if places else ((), False)
        if gone:
            self._hidden.append(path)
        else:
            self._leaf((path, "text", part["text"], left, into, _SPOKEN))
        for name, child in part.items():
            if name not in ("type", "text"):
                self._enter(path, part, (name, child), places, self._rest, _SPOKEN)

    def _moved(self, path: str, place: str) -> None:
        self._take(path)
        if path != place:
            self._places[path] = place

    def _take(self, path: str) -> None:
        self._room -= len(path) + EACH
        if self._room < 0:
            raise _TooMuch

    def _afford(self, count: int) -> None:
        """Leave room for so many things that will be looked at more than once."""
        self._room -= count * EACH
        if self._room < 0:
            raise _TooMuch

    def _enter(
        self,
        path: str,
        parent: Mapping[str, object] | None,
        entry: tuple[str | int, object],
        places: tuple[Place, ...],
        into: Leaves,
        how: int,
    ) -> None:
        node = self._node(path, parent, entry, places, into, how)
        if node is not None:
            self._spread(node)

    def _node(
        self,
        path: str,
        parent: Mapping[str, object] | None,
        entry: tuple[str | int, object],
        places: tuple[Place, ...],
        into: Leaves,
        how: int,
    ) -> _Node | None:
        """Return a child of ``parent``, None where it does not count."""
        name, child = entry
        path = named(path, name)
        self._take(path)
        if places:
            places, gone = entered(places, name, child)
            if gone:
                self._hidden.append(path)
                return None
        if how == _SPOKEN and parent is not None:
            if name == "id":
                if not parent.keys() & BESIDE or any(other in parent for other in REFERENCES):
                    return None
                name = _REFERENCE
            elif name in REFERENCES:
                name = _REFERENCE
            elif name in _BESIDE_WORDS:
                into = self._rest
        return path, name, child, places, into, how

    def _spread(self, node: _Node) -> None:
        """Take the leaves of a node, in their order."""
        stack = [node]
        while stack:
            node = stack.pop()
            path, name, item, places, into, how = node
            if not (isinstance(item, dict | list) and item):
                self._leaf(node)
                continue
            if name in _FREE:
                how = _UNREAD
            if how == _UNREAD and not places:
                self._unread(path, node[2], into)
                continue
            parent = cast("Json", item) if isinstance(item, dict) else None
            entries = enumerate(cast("list[Any]", item)) if parent is None else parent.items()
            inside = [self._node(path, parent, entry, places, into, how) for entry in entries]
            stack.extend(child for child in reversed(inside) if child is not None)

    def _unread(self, path: str, value: object, into: Leaves) -> None:
        """Take the leaves of what is not read: most of a long body is here, so this is short work."""
        stack = [(path, value)]
        while stack:
            path, item = stack.pop()
            if is_object(item) and item:
                inside = [(named(path, name), child) for name, child in reversed(item.items())]
            elif is_list(item) and item:
                inside = [(f"{path}[{at}]", item[at]) for at in range(len(item) - 1, -1, -1)]
            else:
                into[path] = self._ignoring.text(item if isinstance(item, str) else msgspec.json.encode(item).decode())
                continue
            self._room -= sum(len(one) + EACH for one, _ in inside)
            if self._room < 0:
                raise _TooMuch
            stack += inside

    def _leaf(self, node: _Node) -> None:
        path, name, item, places, into, how = node
        if places and item in ({}, []):
            return  # what is ignored may have been all that it held
        if how and name in _LINKS:
            into = self._links
        elif how == _SPOKEN and name == _REFERENCE and isinstance(item, str):
            self._words[path] = f"#{self._numbers.setdefault(item, len(self._numbers))}"
            return
        elif self._counts_not(node):
            return
        into[path] = self._ignoring.text(_spelt(name, item, how))

    def _counts_not(self, node: _Node) -> bool:
        _, name, item, _, into, how = node
        if how == _SPOKEN and (item is None or item in ("", {}, [])):
            return True
        return how != _UNREAD and varies(name, item) and (into is not self._words or name in ANEW)


def _called(value: Json) -> str:
    """Return the only turn of a JSON-RPC call: its method, and the tool that it names."""
    params = value.get("params")
    tool = params.get("name") if is_object(params) else None
    return " ".join(str(word) for word in (value.get("method"), tool) if word)


def _is_plain(parts: list[Any]) -> bool:
    """Tell whether a text is the only part."""
    part = parts[0] if len(parts) == 1 else None
    return is_object(part) and isinstance(part.get("text"), str) and part.get("type") in _TEXTS


def _spelt(name: str | int, item: object, how: int) -> str:
    """Return a leaf's text; arguments that are JSON in a text in one spelling."""
    if not isinstance(item, str):
        return msgspec.json.encode(item).decode()
    if how == _SPOKEN and name == "arguments":
        return canonical(item.encode()).decode("utf-8", "replace")
    return item
