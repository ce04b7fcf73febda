from __future__ import annotations

import pytest

from streamsim.engine.overrides import NONE
from streamsim.engine.sought import key_of, sought_by
from streamsim.errors import UsageError
from streamsim.plan.planner import Given
from tests.engine.asking import asked


def test_a_plain_request_chooses_nothing() -> None:
    """A request that says nothing special is answered in the usual manner."""
    found = sought_by(asked())
    assert (found.chosen, found.given, found.cors, found.manner) == (NONE, Given(), False, "")


def test_it_is_found_once() -> None:
    """Whoever asks again gets what was found before."""
    request = asked()
    assert sought_by(request) is sought_by(request)


@pytest.mark.parametrize(
    ("method", "headers", "given"),
    [
        ("HEAD", {}, Given(head_only=True)),
        ("POST", {"Last-Event-ID": "é"}, Given(last_event_id="\ufffd")),
        ("POST", {"Origin": "http://a"}, Given()),
        ("POST", {"x-streamsim-seed": "1"}, Given()),
        ("POST", {"x-streamsim-seed": "2"}, Given()),
        ("POST", {"x-streamsim-ttft": "1s"}, Given()),
        ("POST", {"x-streamsim-fault": "reset"}, Given()),
    ],
)
def test_what_shapes_an_answer_is_in_its_manner(method: str, headers: dict[str, str], given: Given) -> None:
    """Whatever would make another answer makes another manner, and the same makes the same."""
    found, again = (sought_by(asked(method, headers=headers)) for _ in range(2))
    assert found.given == given
    assert found.manner == again.manner != ""


def test_manners_differ() -> None:
    """No two choices are answered in the same manner."""
    chosen = [{"seed": "1"}, {"seed": "2"}, {"ttft": "1s"}, {"itl": "1s"}, {"fault": "reset"}]
    manners = {sought_by(asked(headers={f"x-streamsim-{k}": v for k, v in each.items()})).manner for each in chosen}
    assert len(manners) == len(chosen)


def test_a_wrong_choice_is_named_each_time() -> None:
    """A request with a wrong header of ours is refused whenever it comes."""
    request = asked(headers={"x-streamsim-seed": "x"})
    for _ in range(2):
        with pytest.raises(UsageError, match=r"^x-streamsim-seed: "):
            sought_by(request)


def test_spellings() -> None:
    """Requests share a spelling when method, target and body are equal, or when they name the same key."""
    same = [asked(), asked(headers={"a": "b"})]
    others = [asked(body=b"{}"), asked("PUT"), asked(target="/v1/other"), asked(headers={"x-streamsim-key": "k"})]
    named = [asked(body=body, headers={"x-streamsim-key": "k"}) for body in (b"1", b"2")]
    assert len({sought_by(each).spelling for each in same}) == 1
    assert len({sought_by(each).spelling for each in (*same, *others)}) == 5
    assert len({sought_by(each).spelling for each in named}) == 1


def test_key_of_known_answer() -> None:
    """The key is a fixed digest of what is said."""
    assert key_of(NONE, b"GET /\n").hex() == "6aab7e4c5836fc2bcb60d949df028988"
