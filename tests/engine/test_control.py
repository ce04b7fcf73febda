from __future__ import annotations

import json

import pytest

from streamsim.engine.core import Engine
from streamsim.engine.script import Script
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording
from tests.engine.asking import asked


def page(engine: Engine, name: str, method: str = "GET", **headers: str) -> tuple[str, str]:
    """Return the head's first line and the body of a control page."""
    answer = engine.answer(asked(method, f"/__streamsim__/{name}", b"", headers))
    assert isinstance(answer, Script)
    return answer.wires[0].split(b"\r\n")[0].decode(), b"".join(answer.wires[1:]).decode()


def served() -> Engine:
    return Engine([Planner(recording(exchange(end="reset")))])


def test_probes() -> None:
    """A server that answers lives, and is ready for clients until it drains."""
    engine = served()
    assert page(engine, "live") == page(engine, "live") == ("HTTP/1.1 200 OK", '{\n  "status": "live"\n}\n')
    assert page(engine, "ready") == ("HTTP/1.1 200 OK", '{\n  "status": "ready"\n}\n')
    assert page(engine, "ready", "HEAD") == ("HTTP/1.1 200 OK", "")
    engine.draining = True
    assert page(engine, "live")[0] == "HTTP/1.1 200 OK"
    assert page(engine, "ready") == ("HTTP/1.1 503 Service Unavailable", '{\n  "status": "draining"\n}\n')


def test_metrics_are_written_by_somebody_else() -> None:
    """Whoever writes them is told what the client accepts; without anybody the answer says what to install."""
    engine = served()
    missing = (
        "metrics are written by prometheus-client, for 'streamsim serve'; install it: pip install 'streamsim[metrics]'"
    )
    line, body = page(engine, "metrics")
    assert (line, json.loads(body)["error"]["message"]) == ("HTTP/1.1 501 Not Implemented", missing)
    engine.metrics = lambda accepted: ("text/plain", f"for {accepted}\n".encode())
    assert page(engine, "metrics", accept="text/x") == ("HTTP/1.1 200 OK", "for text/x\n")
    assert page(engine, "metrics", "HEAD") == ("HTTP/1.1 200 OK", "")


def test_those_who_serve_together_forget_together() -> None:
    """A reset of one is one of all who share its count of resets, before they answer anything."""
    one, other = served(), served()
    other.resets = one.resets
    for engine in (one, other):
        for attempt in ("1", "2"):
            answer = engine.answer(asked())
            assert isinstance(answer, Script)
            assert f"x-streamsim-attempt: {attempt}\r\n".encode() in answer.wires[0]
    assert page(one, "reset", "POST")[0] == "HTTP/1.1 200 OK"
    for engine in (one, other):
        answer = engine.answer(asked())
        assert isinstance(answer, Script)
        assert b"x-streamsim-attempt: 1\r\n" in answer.wires[0]


def test_a_worker_says_which_it_is() -> None:
    """The page of one of several says so, for it tells of its own answers alone."""
    engine = served()
    assert "worker" not in engine.status()
    engine.worker = 2
    assert engine.status()["worker"] == 2


@pytest.mark.parametrize(("method", "name"), [("GET", "reset"), ("POST", ""), ("GET", "other")])
def test_unknown_pages(method: str, name: str) -> None:
    """Other pages are a 404 that names the known ones."""
    line, body = page(served(), name, method)
    assert line == "HTTP/1.1 404 Not Found"
    assert "known are GET /__streamsim__/, live, ready and metrics under it, and POST /__streamsim__/reset" in body
