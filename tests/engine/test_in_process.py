"""What only a shell in process can do with a connection: refuse it, and ignore it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.engine.connection import Connection, Deed
from streamsim.engine.core import Engine, Settings
from streamsim.plan.faults import parse_fault
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from tests.builders import exchange, recording

if TYPE_CHECKING:
    from streamsim.engine.trace import Trace

ASKED = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


def played(fault: str, *, in_process: bool) -> tuple[Deed, list[Trace]]:
    """Return what is done about a request, and the traces of what is over."""
    profile = Profile(faults=(parse_fault(fault),))
    engine = Engine([Planner(recording(exchange(body=b"")), name="r")], Settings(profile=profile))
    over: list[Trace] = []
    engine.on_trace = over.append
    connection = Connection(engine, 1, 0, in_process=in_process)
    connection.receive(ASKED, 5)
    return connection.play(5), over


@pytest.mark.parametrize("name", ["refuse", "ignore"])
def test_a_shell_in_process_is_told_to(name: str) -> None:
    """Nothing is written, the deed is to refuse or ignore, and the trace says so."""
    deed, over = played(name, in_process=True)
    assert deed == Deed(b"", None, "refuse" if name == "refuse" else "ignore")
    told = over[0].as_json()
    assert (told["outcome"], told["bytes_written"]) == (name, 0)
    assert told["faults"] == [{"fault": name, "outcome": "applied"}]


@pytest.mark.parametrize("name", ["refuse", "ignore"])
def test_a_shell_that_listens_answers_501(name: str) -> None:
    """The answer says what cannot be done, and of which exchange."""
    deed, over = played(name, in_process=False)
    assert deed.data.startswith(b"HTTP/1.1 501 Not Implemented\r\n")
    assert f"r: exchange 1 asks to {name} the connection, which a listening server cannot do".encode() in deed.data
    assert deed.close is None
    assert over == []
