from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.engine.match import Mode, candidates, find, nearest
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording
from tests.engine.asking import asked

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

KNOWN = candidates(
    [
        Planner(
            recording(
                exchange(body=b'{"model":"a","messages":["hi"]}'),
                exchange(body=b'{"model":"b","messages":["hi"],"key":"[redacted]"}'),
                exchange(method="GET", target="/models?limit=1", body=b""),
                exchange(method="GET", target="/models?limit=2", body=b""),
                exchange(body=b'{"model":"a","messages":["hi"]}', status=429, reason="Slow Down"),
            ),
            name="known",
        )
    ]
)


def found(mode: Mode, method: str = "POST", target: str = "/v1/chat/completions", body: bytes = b"") -> list[int]:
    return [one.exchange.number for one in find(KNOWN, asked(method, target, body), mode)]


def test_auto_takes_the_closest_body() -> None:
    """``auto`` takes the exchanges whose bodies differ least, all that are equally close, in recorded order."""
    assert found("auto", body=b'{"model":"a","messages":["hi"]}') == [1, 5]
    assert found("auto", body=b'{"model":"b","messages":["bye"],"key":"secret"}') == [2]


def test_auto_takes_the_closest_query() -> None:
    """``auto`` compares the query, too."""
    assert found("auto", "GET", "/models?limit=2") == [4]


def test_auto_takes_the_only_one_whatever_its_body() -> None:
    """Where method and path leave one exchange, ``auto`` takes it."""
    only = [KNOWN[1]]
    assert find(only, asked(body=b"anything at all"), "auto") == only


@pytest.mark.parametrize("mode", ["auto", "strict"])
@pytest.mark.parametrize(("method", "target"), [("PUT", "/v1/chat/completions"), ("POST", "/v1/completions")])
def test_method_and_path_must_agree(mode: Mode, method: str, target: str) -> None:
    """Another method or another path is another request."""
    assert found(mode, method, target) == []


def test_strict_takes_equal_ones_only() -> None:
    """``strict`` takes equal JSON values in any spelling, with anything where the recording is redacted."""
    assert found("strict", body=b'{"messages": ["hi"], "model": "a"}') == [1, 5]
    assert found("strict", body=b'{"model":"b","messages":["hi"],"key":"secret"}') == [2]
    assert found("strict", body=b'{"model":"c","messages":["hi"]}') == []
    assert found("strict", "GET", "/models?limit=3") == []


def test_order_takes_all() -> None:
    """``order`` does not look at the request."""
    assert found("order", "PATCH", "/nothing") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_head_is_answered_by_a_get(mode: Mode) -> None:
    """A HEAD request finds the recorded GET, and no POST."""
    assert found(mode, "HEAD", "/models?limit=1") == [3]
    assert found(mode, "HEAD") == []


@pytest.mark.parametrize("prefix", ["http://api.example.test", "https://api.example.test:8443"])
def test_whole_url_is_its_path(prefix: str) -> None:
    """A target that is a whole URL, as a proxy gets it, finds what its path finds."""
    assert found("strict", "GET", f"{prefix}/models?limit=1") == [3]


def test_url_inside_a_query_is_a_value() -> None:
    """A URL in the path or query is not taken for the target."""
    known = candidates([Planner(recording(exchange(method="GET", target="/go?to=http://a/b", body=b"")))])
    assert find(known, asked("GET", "/go?to=http://a/b", b""), "strict") == known
    assert find(known, asked("GET", "/b", b""), "strict") == []


def test_nearest_tells_why() -> None:
    """Near misses come nearest first; each says in what it differs."""
    misses = nearest(KNOWN, asked("GET", "/models?limit=9", b'{"a":[1]}'))
    assert [(miss.label, miss.differs) for miss in misses] == [
        ("known:3", ("query limit", "body a[0]")),
        ("known:4", ("query limit", "body a[0]")),
        ("known:1", ("method", "path", "query limit", "body model", "body messages[0]", "body a[0]")),
    ]
    assert (misses[0].method, misses[0].target) == ("GET", "/models?limit=1")


def test_nearest_names_a_body_that_is_no_json() -> None:
    """A body that is no JSON differs as a whole."""
    (miss,) = nearest([KNOWN[2]], asked("GET", "/models?limit=1", b"text"))
    assert miss.differs == ("body",)


def test_nearest_is_brief() -> None:
    """However much differs, eight differences of a hundred characters are told."""
    body = b'{"' + b"k" * 500 + b'":[1,2,3,4,5,6,7,8,9,10]}'
    (miss,) = nearest([KNOWN[2]], asked("GET", "/models?limit=1", body))
    assert len(miss.differs) == 8
    assert {len(name) for name in miss.differs} == {100}


@pytest.mark.parametrize(
    ("one", "succeeds"),
    [
        (exchange(), True),
        (exchange(end="fin"), False),
        (exchange(end=None), False),
        (exchange(status=429), False),
        (exchange(status=0, chunks=(), end="reset"), False),
    ],
)
def test_candidate_knows_whether_it_succeeded(one: Exchange, *, succeeds: bool) -> None:
    """A candidate succeeds that was recorded whole, with a 2xx."""
    (candidate,) = candidates([Planner(recording(one))])
    assert candidate.succeeds is succeeds
