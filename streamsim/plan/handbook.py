"""The catalogue of faults as people read it: what each does, what it takes, and how it looks on the wire.

Law: nothing is told twice. Words come from the fault's own module, class and fields; its picture is a plan.
"""

from __future__ import annotations

import re
import sys
from inspect import cleandoc
from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.faults import CATALOGUE, Fault
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.plan.faults.fault import Placed
from streamsim.plan.planner import Given, Plan, Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import VERSION, Chunk, Ending, Exchange, Header, Recording, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.recording.model import Line

# Longer pictures are shown without their middle.
MOST_STEPS = 14
_SHOWN_FIRST, _SHOWN_LAST = 9, 3

_ITEM = re.compile(r"^    (\w+): (.*(?:\n(?:        .*|(?=\n))?)*)", re.MULTILINE)
_GIVEN = Given(last_event_id="1")


class Parameter(msgspec.Struct, frozen=True):
    """A parameter: its name and default as users write them, and what it means."""

    name: str
    default: str
    meaning: str


class Entry(msgspec.Struct, frozen=True):
    """A fault.

    Attributes:
        name: As users write it.
        group: One of those of the catalogue.
        title: What happens, in one sentence.
        sees: What the reader sees.
        text: What it does, in paragraphs. Code stands between backticks, here as in what parameters mean.
        placed: It takes a place.
        parameters: Its own; those of places, attempts and chance are :func:`common`.
        incidents: Where it really happened.

    """

    name: str
    group: str
    title: str
    sees: str
    text: str
    placed: bool
    parameters: tuple[Parameter, ...]
    incidents: tuple[str, ...]


def entries() -> list[Entry]:
    """Return all faults, by group."""
    return [_entry(CATALOGUE[name], group) for group, names in GROUPS.items() for name in names]


def entry(fault: Fault) -> Entry:
    """Return what there is to say about the kind of ``fault``."""
    return _entry(type(fault), next(group for group, names in GROUPS.items() if fault.name() in names))


def common() -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return the parameters that every fault takes, and those of places."""
    return _parameters(Fault, ()), _parameters(Placed, msgspec.structs.fields(Fault))


def _entry(kind: type[Fault], group: str) -> Entry:
    text, _, _ = cleandoc(kind.__doc__ or "").partition("\nAttributes:\n")
    placed = issubclass(kind, Placed)
    return Entry(
        name=kind.name(),
        group=group,
        title=_words(sys.modules[kind.__module__].__doc__ or ""),
        sees=kind.sees,
        text="\n\n".join(_words(paragraph) for paragraph in text.strip().split("\n\n")),
        placed=placed,
        parameters=_parameters(kind, msgspec.structs.fields(Placed if placed else Fault)),
        incidents=kind.incidents,
    )


def _parameters(kind: type[Fault], without: Iterable[msgspec.structs.FieldInfo]) -> tuple[Parameter, ...]:
    left_out = {field.name for field in without}
    meanings = dict(_meanings(kind))
    return tuple(
        Parameter(field.encode_name, _spelt(field.default), meanings.get(field.name, ""))
        for field in msgspec.structs.fields(kind)
        if field.name not in left_out
    )


def _meanings(kind: type[Fault]) -> Iterator[tuple[str, str]]:
    """Yield each field's name and what its class says about it; the most special class last."""
    for base in reversed(kind.__mro__):
        _, _, told = cleandoc(base.__doc__ or "").partition("\nAttributes:\n")
        yield from ((name, _words(meaning)) for name, meaning in _ITEM.findall(told))


def _words(text: str) -> str:
    """Return a paragraph of a docstring on one line, with code as Markdown has it."""
    return " ".join(text.replace("``", "`").split())


def _spelt(default: object) -> str:
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def sample() -> Plan:
    """Return the stream on which pictures are drawn, as it is without a fault."""
    return next(_samples()).plan(1)


def picture(fault: Fault) -> Plan:
    """Return a plan that shows ``fault``: of the first sample on which it changes anything, at its first attempt.

    Raises:
        PlanError: It asks for a place that no sample has.

    """
    profile = Profile(faults=(fault,))
    plans: list[Plan] = []
    missing: list[PlanError] = []
    for planner in _samples():
        try:
            plans.append(planner.plan(1, profile, attempt=fault.attempts()[0], given=_GIVEN))
        except PlanError as error:
            missing.append(error)
    if not plans:
        raise missing[0]
    return next((plan for plan in plans if plan.faults[0].outcome == "applied"), plans[0])


def shortened(lines: list[str]) -> list[str]:
    """Return the lines of a rendered timeline, a heading and one a step, without the middle of a long one."""
    steps = len(lines) - 1
    if steps <= MOST_STEPS:
        return lines
    left_out = f"     … {steps - _SHOWN_FIRST - _SHOWN_LAST} more steps …"
    return [*lines[: 1 + _SHOWN_FIRST], left_out, *lines[-_SHOWN_LAST:]]


def _samples() -> Iterator[Planner]:
    """Yield a chat, a stream with event types, one with ids, a chat that calls tools, and a message in blocks."""
    yield _planner(
        'data: {"choices":[{"delta":{"content":"Hé"}}]}\n\n',
        'data: {"choices":[{"delta":{"content":"llo"}}]}\n\n',
        "data: [DONE]\n\n",
    )
    yield _planner(
        'event: content_block_delta\ndata: {"delta":{"text":"Hé"}}\n\n',
        'event: content_block_delta\ndata: {"delta":{"text":"llo"}}\n\n',
        "event: message_stop\ndata: {}\n\n",
        kind="text/event-stream; charset=utf-8",
    )
    yield _planner("id: 1\ndata: one\n\n", "id: 2\ndata: two\n\n", "id: 3\ndata: three\n\n")
    yield _planner(
        *map(
            _called, ('0,"id":"a"', "0", "0", "0", '1,"id":"b"', "1"), ("", '{"x":"', "yz", '"}', "", "{}"), "f    g "
        ),
        'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n',
        "data: [DONE]\n\n",
    )
    yield _planner(
        _typed("message_start", ""),
        _typed("content_block_start", ',"index":0'),
        _typed("content_block_delta", ',"index":0,"delta":{"text":"Hé"}'),
        _typed("content_block_stop", ',"index":0'),
        _typed("message_delta", ',"delta":{"stop_reason":"end_turn"}'),
        _typed("message_stop", ""),
    )


def _called(which: str, arguments: str, name: str) -> str:
    """Return a chunk of a tool call, with its name where one is given."""
    function = {"name": name, "arguments": arguments} if name != " " else {"arguments": arguments}
    spelt = msgspec.json.encode(function).decode()
    return f'data: {{"choices":[{{"delta":{{"tool_calls":[{{"index":{which},"function":{spelt}}}]}}}}]}}\n\n'


def _typed(kind: str, members: str) -> str:
    return f'event: {kind}\ndata: {{"type":"{kind}"{members}}}\n\n'


def _planner(*frames: str, kind: str = "text/event-stream") -> Planner:
    request = Request(exchange=1, connection=1, at_us=0, method="POST", target="/", headers=())
    headers = (("content-type", kind), ("transfer-encoding", "chunked"))
    response = Response(exchange=1, dt_us=100_000, status=200, reason="OK", framing="chunked", headers=headers)
    chunks = [Chunk(exchange=1, dt_us=200_000, text=frame) for frame in frames]
    end = Ending(exchange=1, dt_us=0, cause="complete")
    source = Exchange(number=1, request=request, response=response, chunks=chunks, end=end)
    lines: tuple[Line, ...] = (request, response, *chunks, end)
    return Planner(Recording(header=Header(version=VERSION), entries=lines, exchanges=(source,), source="sample"))
