"""Whole sessions through the engine: whose turn it is when a client says things its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.engine import attempts
from streamsim.engine.core import Engine, Settings
from streamsim.engine.script import Script
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording
from tests.engine.asking import asked
from tests.engine.conversations import USER, call, calling, chat, result

if TYPE_CHECKING:
    import pytest

    from streamsim.engine.requests import Request
    from streamsim.recording.model import Exchange


def engine(*exchanges: Exchange, ignore: tuple[str, ...] = ()) -> Engine:
    return Engine([Planner(recording(*exchanges), name="r")], Settings(ignore=ignore))


def turn(served: Engine, request: Request) -> tuple[object, object]:
    answer = served.answer(request)
    assert isinstance(answer, Script)
    return answer.told["exchange"], answer.told["attempt"]


def loop(ident: str, *given: str, question: object = USER) -> list[bytes]:
    """Return the requests of a session in which one tool is called again and again, each time with one result more."""
    told = [question]
    requests = [chat(*told)]
    for nth, text in enumerate(given):
        told += [calling(call("now", f"{ident}{nth}")), result(f"{ident}{nth}", text)]
        requests.append(chat(*told, user=ident))
    return requests


def test_each_request_finds_its_turn() -> None:
    """However its ids and results are, and from whatever session, a request is answered by how far it has come."""
    served = engine(*(exchange(body=body) for body in loop("recorded", "rain", "sun", "snow")))
    for ident in ("a", "b"):
        asked_ = [asked(body=body) for body in loop(ident, "1", "2", "3", question={**USER, "content": ident})]
        assert [turn(served, request) for request in asked_] == [(1, 1), (2, 1), (3, 1), (4, 1)]


def test_sessions_may_run_side_by_side() -> None:
    """Whose turn it is depends on each request alone, not on who else asks meanwhile."""
    served = engine(*(exchange(body=body) for body in loop("recorded", "rain", "sun")))
    pairs = zip(loop("a", "1", "2"), loop("b", "3", "4"), strict=True)
    assert [turn(served, asked(body=body))[0] for pair in pairs for body in pair] == [1, 1, 2, 2, 3, 3]


def test_a_retry_inside_a_session_is_the_next_attempt() -> None:
    """A turn that fails is tried again, though the client names its calls anew."""
    first, second = loop("recorded", "rain")
    served = engine(exchange(body=first), exchange(body=second, end="reset"))
    bodies = [chat(USER, calling(call("now", ident)), result(ident, "rain")) for ident in ("x", "y")]
    assert [turn(served, asked(body=body)) for body in bodies] == [(2, 1), (2, 2)]


def test_the_same_question_twice() -> None:
    """Of two sessions that begin alike the first is answered first; each goes on where its words lead."""
    known = [*loop("r", "rain"), *loop("s", "sun")]
    served = engine(*(exchange(body=body) for body in known))
    assert [turn(served, asked(body=chat(USER)))[0] for _ in range(3)] == [1, 3, 3]
    assert turn(served, asked(body=loop("x", "sun")[1]))[0] == 4
    assert turn(served, asked(body=loop("x", "rain")[1]))[0] == 2


def test_requests_are_equal_but_for_what_varies() -> None:
    """A retry with another nonce, or another value of what is ignored, is the next attempt."""
    planner = Planner(recording(exchange(body=b'{"say":"hi","nonce":1,"user":"a"}', end="reset")))
    served = Engine([planner], Settings(ignore=("user", "query:session")))
    told = [b'{"say":"hi","nonce":%d,"user":"%d"}' % (n, n) for n in range(3)]
    assert [turn(served, asked(body=body)) for body in told] == [(1, 1), (1, 2), (1, 3)]
    target = "/v1/chat/completions?session=1"
    assert turn(served, asked(target=target, body=told[0])) == (1, 4)
    assert turn(served, asked(target=target + "&k=v", body=told[0])) == (1, 1)
    assert served.status()["ignore"] == ("user", "query:session")


def test_many_spellings_are_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many spellings of a request come, its attempts are counted on."""
    monkeypatch.setattr(attempts, "MOST", 4)
    served = engine(exchange(body=b'{"nonce":1}', end="reset"))
    told = [turn(served, asked(body=b'{"nonce":%d}' % n))[1] for n in range(20)]
    assert told == list(range(1, 21))
