from __future__ import annotations

from streamsim.engine.ignoring import ignoring
from streamsim.engine.match import Candidate, asked_by, candidates
from streamsim.engine.misses import Difference, Missed, missed
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording
from tests.engine.asking import asked
from tests.engine.conversations import USER, body, call, calling, chat, result


def known(*bodies: bytes, method: str = "POST", target: str = "/v1/chat/completions") -> list[Candidate]:
    told = [exchange(method=method, target=target, body=each) for each in bodies]
    return candidates([Planner(recording(*told), name="r")])


def why(
    recorded: list[Candidate], told: bytes = b"", method: str = "POST", target: str = "/v1/chat/completions"
) -> Missed:
    return missed(recorded, asked_by(asked(method, target, told)))


def test_each_difference_is_told_with_both_sides() -> None:
    """What differs is named as ``--ignore`` takes it, with what was recorded and what was asked, None where nothing."""
    told = why(known(body(model="a", seed=1), target="/a?limit=1"), body(model="b", user="me"), "PUT", "/b?limit=2")
    assert told.nearest[0].differs == (
        Difference("method", "POST", "PUT"),
        Difference("path", "/a", "/b"),
        Difference("query:limit", "1", "2"),
        Difference("body:model", "a", "b"),
        Difference("body:seed", "1", None),
        Difference("body:user", None, "me"),
    )
    assert (told.nearest[0].method, told.nearest[0].target, told.nearest[0].more) == ("POST", "/a?limit=1", 0)


def test_what_is_told_can_be_ignored() -> None:
    """With every place that is told ignored, the requests are equal."""
    one, other = body(model="a", **{"x.y": [1, {"k": 2}]}), body(model="b", **{"x.y": [2, {"k": 3}]})
    places = [difference.at for difference in why(known(one), other).nearest[0].differs]
    assert places == ["body:model", r"body:x\.y[0]", r"body:x\.y[1].k"]
    what = ignoring(places)
    assert asked_by(asked(body=one), what).key() == asked_by(asked(body=other), what).key()


def test_the_course_of_the_conversation_is_told() -> None:
    """Where conversations have not come as far, both courses are shown before what was said in them."""
    told = why(
        known(chat(USER)), chat({"role": "system", "content": "s"}, USER, calling(call("now", "x")), result("x"))
    )
    assert told.nearest[0].differs[:3] == (
        Difference("turns", "user", "user, assistant calls now, tool result"),
        Difference("body:messages[2].role", None, "assistant"),
        Difference("body:messages[2].tool_calls[0].id", None, "#0"),
    )
    assert told.nearest[0].more == 3


def test_the_nearest_come_first() -> None:
    """Another path is farthest, then another method, then another course, then other words; three are told."""
    near = [chat(USER, seed=2), chat({**USER, "content": "Bye"}), chat(USER, USER), chat(USER)]
    told = why(known(*near), chat(USER, seed=3))
    assert [miss.label for miss in told.nearest] == ["r:1", "r:4", "r:2"]


def test_of_long_texts_what_differs_is_shown() -> None:
    """A long text is shown from shortly before the first difference on, and cut."""
    one, other = body(a="x" * 500 + "1" * 200, b="short"), body(a="x" * 500 + "2" * 200, b="y" * 81)
    first, second = why(known(one), other).nearest[0].differs
    assert first == Difference("body:a", f"…{'x' * 20}{'1' * 60}…", f"…{'x' * 20}{'2' * 60}…")
    assert second == Difference("body:b", "short", f"{'y' * 80}…")
    assert why(known(body(a="x" * 90)), body(a="x" * 91)).nearest[0].differs == (
        Difference("body:a", f"…{'x' * 20}", f"…{'x' * 21}"),
    )


def test_at_most_eight_differences_are_told() -> None:
    """However much differs, the rest is counted."""
    miss = why(known(body()), body(**{str(n): n for n in range(20)})).nearest[0]
    assert (len(miss.differs), miss.more) == (8, 12)


def test_a_miss_in_one_line() -> None:
    """The message names the places; the line for the log shows both sides, too."""
    told = why(known(body(a=1)), body(b="é"))
    start = "no recorded exchange answers POST /v1/chat/completions; the nearest, r:1, differs in"
    assert told.message == f"{start} body:a, body:b"
    assert str(told) == f'{start} body:a ("1" recorded, nothing asked), body:b (nothing recorded, "é" asked)'
    assert why(known(body()), body(**dict.fromkeys("abcdefghij", 1))).message.endswith("body:h, 2 more")
    assert why([]).message == "no recorded exchange answers POST /v1/chat/completions; nothing is recorded"
