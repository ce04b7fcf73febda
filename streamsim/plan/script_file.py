"""Scripts: what answers shall say, as TOML or as the same plain data in Python.

A string is text; a table is named by what it says: ``{tool = "look_up", arguments = {city = "Oslo"}}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec

from streamsim.dialects.said import Error, Part, Pause, Reasoning, Refusal, Say, Text, ToolCall
from streamsim.dialects.told import Usage
from streamsim.errors import ScriptError, UsageError, nearest
from streamsim.plan.distribution import Distribution, parse_distribution
from streamsim.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Plain: TypeAlias = "str | Mapping[str, object] | Part"
"""A part, as it may be written in Python."""

ANSWER_KEYS = ("say", "model", "prompt", "stop", "usage")
SCRIPT_KEYS = ("dialect", "ttft", "itl", "answer", *ANSWER_KEYS)
USAGE_KEYS = tuple(field.name for field in msgspec.structs.fields(Usage))
_WHOLE = 2**53 - 1


class Script(msgspec.Struct, frozen=True):
    """Answers in their order, and how they are written; what is empty or None is left to the writer.

    Attributes:
        answers: What is said.
        dialect: In which dialect, by its name.
        ttft: From the request to the first content.
        itl: Between two increments.
        source: The file, for messages.

    """

    answers: tuple[Say, ...]
    dialect: str = ""
    ttft: Distribution | None = None
    itl: Distribution | None = None
    source: str = "say"


def read_script(text: str, *, source: str) -> Script:
    """Return the script that ``text`` tells of.

    Raises:
        ScriptError: It is no TOML, or a key or a value means nothing.

    """
    import tomllib  # noqa: PLC0415 - most runs read none

    try:
        told: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScriptError(source, f"it is not TOML: {error}", "mend it there") from error
    _refuse_unknown(told, SCRIPT_KEYS, f"{source}: ")
    try:
        return Script(
            answers=_answers(told, source),
            dialect=_string(told.get("dialect", ""), f"{source}: dialect"),
            ttft=_distribution(told.get("ttft"), f"{source}: ttft"),
            itl=_distribution(told.get("itl"), f"{source}: itl"),
            source=source,
        )
    except UsageError as error:
        raise ScriptError(error.where, error.problem, error.remedy) from error


def _answers(told: dict[str, object], source: str) -> tuple[Say, ...]:
    """Return the answers: those of the list, or the one that the file itself is. In messages they count from 1."""
    own = {key: told[key] for key in ANSWER_KEYS if key in told}
    listed = told.get("answer")
    if listed is None:
        return (read_answer(own, f"{source}: "),)
    if "say" in own:
        raise ScriptError(f"{source}: say", "it stands beside [[answer]]", "write it below one of them")
    if not isinstance(listed, list) or not listed:
        raise ScriptError(f"{source}: answer", "it is not a list of tables", "write lines [[answer]], and keys below")
    answers: list[Say] = []
    for nth, one in enumerate(cast("list[object]", listed), start=1):
        where = f"{source}: answer[{nth}]"
        answers.append(read_answer({**own, **_table(one, where)}, f"{where}."))
    return tuple(answers)


def read_answer(told: Mapping[str, object], where: str) -> Say:
    """Return the answer that a table tells of; ``where`` is what stands before its keys in messages.

    Raises:
        ScriptError: A key or a value means nothing.

    """
    _refuse_unknown(told, ANSWER_KEYS, where)
    if "say" not in told:
        raise ScriptError(where.rstrip(" .:"), "it says nothing", 'write say = "Hello", or a list')
    return Say(
        parts=read_parts(told["say"], f"{where}say"),
        model=_string(told.get("model", ""), f"{where}model"),
        usage=_usage(told.get("usage", {}), f"{where}usage"),
        stop=_string(told.get("stop", ""), f"{where}stop"),
        prompt=_string(told.get("prompt", ""), f"{where}prompt"),
    )


def read_parts(told: object, where: str) -> tuple[Part, ...]:
    """Return the parts that a string, a table or a list of them tells of.

    Raises:
        ScriptError: One means nothing.

    """
    if not isinstance(told, list | tuple):
        return (_part(told, where),)
    listed = cast("list[object] | tuple[object, ...]", told)
    parts = tuple(_part(item, f"{where}[{nth}]") for nth, item in enumerate(listed, start=1))
    for nth, part in enumerate(parts[:-1], start=1):
        if isinstance(part, Error):
            raise ScriptError(f"{where}[{nth + 1}]", "it follows an error, which ends the answer", "leave it out")
    return parts


def _part(told: object, where: str) -> Part:
    if isinstance(told, str):
        return Text(told)
    if isinstance(told, Part):
        return told
    table = _table(told, where)
    kind = next((key for key in table if key in _KINDS), None)
    if kind is None:
        _refuse_unknown(table, tuple(_KINDS), f"{where}.")
        raise ScriptError(where, "it says nothing", f"begin it with one of {', '.join(_KINDS)}")
    more, make = _KINDS[kind]
    _refuse_unknown(table, (kind, *more), f"{where}.")
    return make(table, f"{where}.")


def _text(table: Mapping[str, object], where: str) -> Text:
    return Text(_string(table["text"], f"{where}text"))


def _reasoning(table: Mapping[str, object], where: str) -> Reasoning:
    return Reasoning(_string(table["reasoning"], f"{where}reasoning"))


def _refusal(table: Mapping[str, object], where: str) -> Refusal:
    return Refusal(_string(table["refusal"], f"{where}refusal"))


def _tool(table: Mapping[str, object], where: str) -> ToolCall:
    name = _string(table["tool"], f"{where}tool")
    if not name:
        raise ScriptError(f"{where}tool", "it has no name", "write the tool's name")
    arguments = _arguments(table.get("arguments", {}), f"{where}arguments")
    return ToolCall(name, arguments, _string(table.get("id", ""), f"{where}id"))


def _arguments(told: object, where: str) -> str:
    """Return the text of a JSON object: as it is written, or of a table."""
    if isinstance(told, str):
        try:
            read: object = msgspec.json.decode(told)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ScriptError(where, f"it is not JSON: {error}", "mend it, or write a table") from error
        if not isinstance(read, dict):
            raise ScriptError(where, "it is not a JSON object", 'write {"name": value}')
        return told
    try:
        return json.dumps(dict(_table(told, where)), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(
            where, f"JSON has no such value: {error}", "write numbers, strings, lists and tables"
        ) from error


def _error(table: Mapping[str, object], where: str) -> Error:
    status = _count(table.get("status", 500), f"{where}status")
    if not 400 <= status <= 599:
        raise ScriptError(f"{where}status", f"{status} is no status of an error", "write one from 400 to 599")
    return Error(_string(table["error"], f"{where}error"), _string(table.get("type", ""), f"{where}type"), status)


def _pause(table: Mapping[str, object], where: str) -> Pause:
    return Pause(parse_duration(_string(table["pause"], f"{where}pause"), where=f"{where}pause"))


_KINDS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, object], str], Part]]] = {
    "text": ((), _text),
    "reasoning": ((), _reasoning),
    "refusal": ((), _refusal),
    "tool": (("arguments", "id"), _tool),
    "error": (("type", "status"), _error),
    "pause": ((), _pause),
}
PART_KEYS = {kind: (kind, *more) for kind, (more, _) in _KINDS.items()}
"""The keys of each kind of part, the one that names it first."""


def _usage(told: object, where: str) -> Usage:
    table = _table(told, where)
    _refuse_unknown(table, USAGE_KEYS, f"{where}.")
    return Usage(**{key: _count(value, f"{where}.{key}") for key, value in table.items()})


def _distribution(told: object, where: str) -> Distribution | None:
    return None if told is None else parse_distribution(_string(told, where), where=where)


def _table(told: object, where: str) -> Mapping[str, object]:
    if not isinstance(told, Mapping):
        raise ScriptError(where, f"{told!r} is neither a string nor a table", 'write "text" or {reasoning = "…"}')
    return cast("Mapping[str, object]", told)


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ScriptError(where, f"{value!r} is not a string", "write it in quotes")
    return value


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _WHOLE:
        raise ScriptError(where, f"{value!r} is not a whole number from 0 on", "write one")
    return value


def _refuse_unknown(keys: Iterable[str], known: tuple[str, ...], where: str) -> None:
    for key in keys:
        if key not in known:
            remedy = nearest(key, known, most=1) or f"known are {', '.join(known)}"
            raise ScriptError(f"{where}{key}", "there is no such key", remedy)
