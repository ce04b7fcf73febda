"""MCP over streamable HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Problem
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told
from tests.dialects.events import event

if TYPE_CHECKING:
    from streamsim.sse import Event

MCP = BY_NAME["mcp"]
NOTE = event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}})


def response(result: object) -> Event:
    return event({"jsonrpc": "2.0", "id": 1, "result": result})


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (
            response({"content": [{"type": "text", "text": "ok"}], "isError": False}),
            Told((Piece("text", "ok"),), stops=((0, "result"),), id="1", terminal=True),
        ),
        (
            response({"content": [{"type": "image", "data": "eA=="}, 5], "isError": True}),
            Told((Piece("media", '{"type": "image", "data": "eA=="}'),), stops=((0, "error"),), id="1", terminal=True),
        ),
        (response({"tools": []}), Told(id="1", terminal=True)),
        (
            event({"jsonrpc": "2.0", "id": "a", "error": {"code": -32600, "message": "no"}}),
            Told(id="a", failure=Failure("no", code="-32600"), terminal=True),
        ),
        (NOTE, NOTHING),
        (event({"jsonrpc": "2.0", "id": 5}), NOTHING),
        (event(""), NOTHING),
    ],
)
def test_a_response_is_the_answer(one: Event, told: Told) -> None:
    """Contents of a result are its pieces; a notification tells nothing."""
    assert MCP.tell(one) == told


def test_what_is_a2a_is_not_its_own() -> None:
    """JSON-RPC with a result of A2A's kinds is A2A's."""
    assert claimed(NOTE).name == "mcp"
    assert claimed(response({"content": []})).name == "mcp"
    assert not MCP.owns(response({"kind": "task"}))
    assert not MCP.owns(response({"statusUpdate": {}}))
    assert not MCP.owns(event("x"))


def test_problems() -> None:
    """What is no message, what follows the response, and a response that is missing break the grammar."""
    assert MCP.problems([event(""), NOTE, response({})]) == []
    assert MCP.problems([event("x"), NOTE]) == [
        Problem(0, "not_json", "the event is no JSON-RPC message"),
        Problem(None, "finish_missing", "no response comes"),
    ]
    assert MCP.problems([response({}), NOTE]) == [
        Problem(1, "content_after_finish", "a message comes after the response")
    ]


def test_its_only_text_can_be_put_anew() -> None:
    """The text may stand behind other contents."""
    one = response({"content": [{"type": "image"}, {"type": "text", "text": "a"}]})
    assert MCP.with_text(one, "b") == one.data.replace('"a"', '"b"')
