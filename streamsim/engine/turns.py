"""What the turns of a conversation are, in any provider's JSON: who speaks, which tools are called, what they gave.

An item is one element of ``messages``, ``contents`` or ``input``. Inside it calls of tools and their results are told
apart by names that no provider uses for anything else. What only accompanies a conversation (instructions, thoughts)
is no turn: clients add it and leave it out as they like.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from streamsim.engine.anyjson import Json, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Names of a list of turns, and of the list of parts inside one.
LISTS: Final = frozenset({"messages", "contents", "input"})
PARTS: Final = frozenset({"content", "parts"})

# Where a call or its result says which call it is; and what stands in a call beside a plain ``id``.
REFERENCES: Final = ("tool_call_id", "toolCallId", "tool_use_id", "toolUseId", "call_id", "callId")
BESIDE: Final = frozenset({"function", "name", "input", "args", "arguments"})

_CALLS = frozenset({"tool_use", "server_tool_use", "function_call", "custom_tool_call", "functionCall", "toolUse"})
_RESULTS = frozenset({"tool_result", "functionResponse", "function_response", "toolResult"})
_NESTED = ("functionCall", "function_call", "toolUse", "functionResponse", "function_response", "toolResult")
_INSIDE: Final = ("tool_calls", "toolCalls", "content", "parts")
_INSTRUCTIONS = frozenset({"system", "developer"})
_THOUGHTS = frozenset({"reasoning", "thinking", "redacted_thinking"})

RESULT: Final = "result"
"""The last word of a turn that brings what a tool gave."""


def listed(value: object) -> list[Any]:
    """Return a list as it is, and nothing of anything else."""
    return value if is_list(value) else []


def inside_of(items: Sequence[object]) -> int:
    """Return how many parts and calls there are in all items."""
    told = (len(listed(item.get(name))) for item in items if is_object(item) for name in _INSIDE)
    return sum(told)


def aside(item: object) -> str:
    """Return what accompanies a conversation is called, or "" for what is a turn, or a part of one."""
    if not is_object(item):
        return ""
    if _said(item, "role") in _INSTRUCTIONS:
        return "system"
    return "thought" if _said(item, "type") in _THOUGHTS or item.get("thought") is True else ""


def _said(item: Json, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def spots(item: object) -> Iterator[tuple[str, Json]]:
    """Yield the objects of an item that may be a call or a result, each with the word that says which."""
    if not is_object(item):
        return
    yield _word(item), item
    for call in (one for name in _INSIDE[:2] for one in listed(item.get(name))):
        if is_object(call):
            yield "tool_use", call
    for part in (one for name in _INSIDE[2:] for one in listed(item.get(name))):
        if is_object(part):
            yield _word(part), part
            yield from ((name, part[name]) for name in _NESTED if is_object(part.get(name)))


def _word(item: Json) -> str:
    kind = _said(item, "type")
    if _said(item, "role") in ("tool", "function"):
        return "tool_result"
    if kind.startswith(("tool-", "dynamic-tool")) or kind.endswith("_output"):
        return "tool_result" if "output" in item else "tool_use"
    return kind


def reference(spot: Mapping[str, object]) -> str:
    """Return which call this is, or is the result of; "" where that is not told."""
    named = (spot[name] for name in REFERENCES if isinstance(spot.get(name), str))
    plain = spot.get("id") if spot.keys() & BESIDE else None
    return str(next(named, plain if isinstance(plain, str) else ""))


def references(items: Sequence[object]) -> dict[str, int]:
    """Return the references of a conversation, each with its number, in the order in which they first stand there."""
    found = (reference(spot) for item in items for word, spot in spots(item) if word in _CALLS | _RESULTS)
    return {name: number for number, name in enumerate(dict.fromkeys(filter(None, found)))}


def is_result(item: object) -> bool:
    """Tell whether an item, or a part of one, is nothing but the result of a tool."""
    if not is_object(item):
        return False
    return _word(item) in _RESULTS or any(is_object(item.get(name)) for name in _NESTED if name in _RESULTS)


def turn(item: object) -> str:
    """Return in a few words what happens in an item."""
    if not is_object(item):
        return "text"
    told = list(spots(item))
    names = [_name(spot) for word, spot in told if word in _CALLS]
    return " ".join([*filter(None, [_said(item, "role")]), *names, *(RESULT for word, _ in told if word in _RESULTS)])


def _name(spot: Json) -> str:
    function = spot.get("function")
    name = function.get("name") if is_object(function) else spot.get("name") or spot.get("type")
    return f"calls {name}"


def labels(items: Sequence[object], numbers: Mapping[str, int]) -> list[str]:
    """Return for each item, or part of one, where it stands among its like.

    What only accompanies is counted for itself, so that a turn stands in the same place with and without it; results
    that come together stand in the order of their calls, in whatever order they came.
    """
    seen: Counter[str] = Counter()
    told: list[str] = []
    for item in items:
        kind = aside(item)
        told.append(" ".join([kind, *([str(seen[kind])] if seen[kind] else [])]) if kind else str(seen[""]))
        seen[kind] += 1
    for together, run in groupby(range(len(items)), lambda index: is_result(items[index])):
        places = list(run)
        if together and len(places) > 1:
            ordered = sorted(places, key=lambda index: _rank(items[index], numbers))
            for index, label in zip(ordered, [told[place] for place in places], strict=True):
                told[index] = label
    return told


def _rank(item: object, numbers: Mapping[str, int]) -> int:
    named = filter(None, (reference(spot) for _, spot in spots(item)))
    return min((numbers.get(name, len(numbers)) for name in named), default=len(numbers))
