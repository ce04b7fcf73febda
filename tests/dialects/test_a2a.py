"""A2A, both versions."""

from __future__ import annotations

import json

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Problem
from streamsim.dialects.reading import claimed
from streamsim.dialects.said import Error, Say, Text
from streamsim.dialects.told import NOTHING, Failure, Piece, Told
from streamsim.rng import Rng
from streamsim.sse import Event, parse
from tests.dialects.events import event

A2A = BY_NAME["a2a"]
HERE = {"taskId": "t", "contextId": "c"}
WORKING = {"kind": "status-update", "status": {"state": "working"}, "final": False} | HERE


def rpc(result: object) -> Event:
    return event({"jsonrpc": "2.0", "id": "1", "result": result})


@pytest.mark.parametrize("wrap", [rpc, event])
@pytest.mark.parametrize(
    ("result", "told"),
    [
        (WORKING, Told(id="t")),
        (
            WORKING | {"status": {"state": "completed", "message": {"parts": [{"text": "Hi"}]}}, "final": True},
            Told((Piece("text", "Hi"),), stops=((0, "completed"),), id="t", terminal=True),
        ),
        (
            {"kind": "artifact-update", "artifact": {"parts": [{"data": {}}]}} | HERE,
            Told((Piece("media", '{"data": {}}'),), id="t"),
        ),
        (
            {"kind": "message", "messageId": "m", "parts": [{"text": "Hi"}]},
            Told((Piece("text", "Hi"),), stops=((0, "message"),), id="m", terminal=True),
        ),
        ({"task": {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_SUBMITTED"}}}, Told(id="t")),
        (
            {
                "task": {
                    "id": "t",
                    "contextId": "c",
                    "status": {"state": "TASK_STATE_FAILED"},
                    "artifacts": [{"parts": []}],
                }
            },
            Told(stops=((0, "TASK_STATE_FAILED"),), id="t", terminal=True),
        ),
        ({"artifactUpdate": {"artifact": {"parts": [{"text": "a"}]}} | HERE}, Told((Piece("text", "a"),), id="t")),
        ({"message": {"messageId": "m", "parts": []}}, Told(stops=((0, "message"),), id="m", terminal=True)),
    ],
)
def test_updates_are_told(wrap: type[Event], result: object, told: Told) -> None:
    """What a message, an artifact or a status says is told, by JSON-RPC and over REST."""
    one = wrap(result)  # type: ignore[arg-type]
    assert A2A.tell(one) == told
    assert claimed(one).name == "a2a"


@pytest.mark.parametrize("data", ["x", {"message": {"content": "Hi"}}, {"task": {"id": "t"}}, {"message": "no"}, {}])
def test_what_others_say_is_not_its_own(data: object) -> None:
    """Messages and tasks of others are neither owned nor told."""
    assert not A2A.owns(event(data))
    assert A2A.tell(event(data)) == NOTHING


def test_an_error_is_told() -> None:
    """A JSON-RPC error ends the answer."""
    wrong = event({"jsonrpc": "2.0", "id": "1", "error": {"code": -32001, "message": "no task"}})
    assert A2A.tell(wrong) == Told(failure=Failure("no task", code="-32001"), terminal=True)


def test_problems() -> None:
    """What is no update, what follows the end, and an end that is missing break the grammar."""
    end = rpc(WORKING | {"final": True})
    assert A2A.problems([rpc(WORKING), end]) == []
    assert A2A.problems([event("x"), end, rpc(WORKING)]) == [
        Problem(0, "unknown_event", "the event is no task, message or update"),
        Problem(2, "content_after_finish", "an update comes after the end"),
    ]
    assert A2A.problems([rpc(WORKING)]) == [
        Problem(None, "finish_missing", "no state that is an end comes, and no message")
    ]


def test_a_text_elsewhere_stays() -> None:
    """Only the first part of each place can be put anew."""
    assert A2A.with_text(rpc(WORKING | {"artifact": {"parts": [{"data": {}}, {"text": "a"}]}}), "b") is None


def test_the_official_models_take_what_is_written() -> None:
    """Every event is what the SDK's StreamResponse can be, with the same text."""
    types = pytest.importorskip("a2a.types")
    json_format = pytest.importorskip("google.protobuf.json_format")
    assert A2A.writer is not None
    for say in (Say((Text("Hi there"),)), Say((Text("Hi"), Error("no")))):
        body = b"".join(one.data for one in A2A.writer.write(say, Rng(1)))
        told = [json_format.ParseDict(json.loads(one.data)["result"], types.StreamResponse()) for one in parse(body)]
        texts = [part.text for one in told for part in one.artifact_update.artifact.parts]
        assert "".join(texts) == say.parts[0].text  # type: ignore[union-attr]
        assert [one.WhichOneof("payload") for one in told][:2] == ["task", "status_update"]


def test_a_whole_answer_is_a_task() -> None:
    """Without streaming the same task is told at its end."""
    assert A2A.writer is not None
    headers = A2A.writer.headers(Rng(1), stream=False)
    assert dict(headers)["content-type"] == "application/json"
