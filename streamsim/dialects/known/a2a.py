"""A2A, agent to agent: tasks told in steps, each event a JSON-RPC response or, over REST, what such a response holds.

Version 0.3 names the kind of a result (``kind``: task, message, status-update, artifact-update) and says ``final``;
version 1.0 has the kind as the only key and states such as ``TASK_STATE_COMPLETED``. What a message, an artifact or a
status says in words is text; its data and files are media. The answer ends with a message, or with a state that is an
end.

Source: a2a-protocol.org (0.3 and 1.0), the official SDK, and recorded streams of 0.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from streamsim.dialects.asking import asked
from streamsim.dialects.failing import failure
from streamsim.dialects.known._a2a_writing import A2aWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.protocol import Dialect, Problem
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
_KINDS: frozenset[str] = frozenset(("task", "message", "status-update", "artifact-update"))
_WHOLE = frozenset(("message/send", "SendMessage"))
_ENDS = frozenset(("completed", "failed", "canceled", "cancelled", "rejected", "input_required", "auth_required"))


class _Text(msgspec.Struct):
    text: str | None = None


class _Message(msgspec.Struct, rename="camel"):
    parts: list[msgspec.Raw] | None = None
    message_id: str | None = None


class _Status(msgspec.Struct):
    state: str | None = None
    message: _Message | None = None


class _Update(msgspec.Struct, rename="camel"):
    """Any of the four: what there is tells which."""

    id: str | None = None
    task_id: str | None = None
    context_id: str | None = None
    status: _Status | None = None
    artifact: _Message | None = None
    artifacts: list[_Message] | None = None
    parts: list[msgspec.Raw] | None = None
    message_id: str | None = None
    final: bool = False
    kind: str | None = None


class _Result(msgspec.Struct, rename="camel"):
    kind: str | None = None
    task: _Update | None = None
    message: _Update | None = None
    status_update: _Update | None = None
    artifact_update: _Update | None = None


class _Rpc(msgspec.Struct):
    jsonrpc: str | None = None
    result: msgspec.Raw = _NULL
    error: msgspec.Raw = _NULL


class _Call(msgspec.Struct):
    method: str = ""


_rpc_decoder = msgspec.json.Decoder(_Rpc)
_result_decoder = msgspec.json.Decoder(_Result)
_update_decoder = msgspec.json.Decoder(_Update)
_text_decoder = msgspec.json.Decoder(_Text)
_call_decoder = msgspec.json.Decoder(_Call)
_Found: TypeAlias = tuple[str, _Update]


def _found(event: Event) -> _Found | None:
    """Return the kind of an update, and what it holds."""
    rpc = decoded(_rpc_decoder, event.data)
    if rpc is None:
        return None
    inner = event.data if rpc.jsonrpc is None else inside(rpc.result)
    result = decoded(_result_decoder, inner)
    if result is None:
        return None
    if result.kind is not None and result.kind in _KINDS:
        update = decoded(_update_decoder, inner)
        return None if update is None else (result.kind, update)
    one_of = {
        "task": result.task,
        "message": result.message,
        "status-update": result.status_update,
        "artifact-update": result.artifact_update,
    }
    return next(((kind, update) for kind, update in one_of.items() if update is not None and _real(update)), None)


def _real(update: _Update) -> bool:
    """Tell whether it is A2A's: others have messages and tasks as well."""
    return bool(update.context_id or update.task_id or update.message_id) and bool(
        update.status or update.artifact or update.parts is not None
    )


class A2a(Dialect):
    """``message/stream`` (0.3), ``SendStreamingMessage`` (1.0), ``POST /message:stream`` (REST)."""

    name: ClassVar[str] = "a2a"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = A2aWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the result's kind."""
        return _found(event) is not None

    def asks_whole(self, target: str, body: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell by the method: those that stream have names of their own."""
        call = asked(_call_decoder, body)
        return call is not None and call.method in _WHOLE

    def tell(self, event: Event) -> Told:
        """Return what is said, the state at the end, or an error."""
        found = _found(event)
        if found is None:
            rpc = decoded(_rpc_decoder, event.data)
            wrong = rpc is not None and inside(rpc.error)
            return Told(failure=failure(rpc.error), terminal=True) if rpc is not None and wrong else NOTHING
        kind, update = found
        state = (update.status.state if update.status is not None else None) or ""
        over = kind == "message" or update.final or _ends(state)
        return Told(
            pieces=tuple(_pieces(update)),
            stops=((0, state or "message"),) if over else (),
            id=update.task_id or update.id or update.message_id or "",
            terminal=over,
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is no update, what comes after the end, and whether it is missing."""
        found: list[Problem] = []
        over = False
        for index, event in enumerate(events):
            told = self.tell(event)
            if told == NOTHING and _found(event) is None:
                found.append(Problem(index, "unknown_event", "the event is no task, message or update"))
            elif over:
                found.append(Problem(index, "content_after_finish", "an update comes after the end"))
            over = over or told.terminal
        if not over:
            found.append(Problem(None, "finish_missing", "no state that is an end comes, and no message"))
        return found

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the only part that is text."""
        return regrown(self.tell(event), event.data, _paths(), text)


def _ends(state: str) -> bool:
    word = state.removeprefix("TASK_STATE_").lower().replace("-", "_")
    return word in _ENDS


def _pieces(update: _Update) -> Iterator[Piece]:
    said = update.status.message if update.status is not None else None
    artifacts = ([update.artifact] if update.artifact is not None else []) + (update.artifacts or [])
    for parts in (update.parts, said.parts if said is not None else None, *(one.parts for one in artifacts)):
        for raw in parts or ():
            part = decoded(_text_decoder, bytes(raw).decode())
            if part is not None and part.text is not None:
                yield Piece("text", part.text)
            else:
                yield Piece("media", bytes(raw).decode())


def _paths() -> Iterator[Path]:
    tops: tuple[Path, ...] = ((), ("task",), ("message",), ("statusUpdate",), ("artifactUpdate",))
    for before in ((), ("result",)):
        for top in tops:
            for holder in ((), ("status", "message"), ("artifact",), ("artifacts", 0)):
                yield (*before, *top, *holder, "parts", 0, "text")


DIALECTS = (A2a(),)
