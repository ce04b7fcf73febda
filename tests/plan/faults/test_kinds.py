"""Faults and the bodies that are streams without being server-sent events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.aws_frames import frame
from streamsim.errors import PlanError
from streamsim.plan.faults import CATALOGUE
from tests.builders import exchange
from tests.plan.faults.scenes import plan

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange


def body(content_type: str, *frames: bytes) -> Exchange:
    """Return an answer with these frames, a chunk each."""
    return exchange(headers=(("content-type", content_type), ("transfer-encoding", "chunked")), chunks=frames)


def array(count: int) -> Exchange:
    """Return an answer with so many elements, and the bracket that ends them."""
    elements = [b'%s{"n":%d}\n' % (b"," if n else b"[", n) for n in range(count)]
    return body("application/json; charset=UTF-8", *elements, b"]\n")


EVENT = ((":message-type", "event"), (":event-type", "contentBlockDelta"), (":content-type", "application/json"))
BODIES = {
    "JSON lines": body("application/x-ndjson", *(b'{"n":%d}\n' % n for n in range(4))),
    "a JSON array": array(4),
    "an AWS event stream": body(
        "application/vnd.amazon.eventstream", *(frame(EVENT, b'{"n":%d}' % n) for n in range(4))
    ),
}
SSE = "server-sent events"
LINES = f"{SSE} or JSON lines"
TYPED = f"{SSE} or JSON lines or an AWS event stream"
ABOUT = {
    "bom": SSE,
    "comment_as_data": SSE,
    "comment_inside_event": SSE,
    "comment_keepalive": SSE,
    "comments_only": SSE,
    "empty_data": SSE,
    "empty_data:form=primer": SSE,
    "empty_data:form=quotes": SSE,
    "event_without_data": SSE,
    "field_without_colon": SSE,
    "huge_event": SSE,
    "invalid_utf8": SSE,
    "leading_spaces": SSE,
    "line_ends": LINES,
    "meta_only": SSE,
    "missing_event_line": SSE,
    "multiline_data": SSE,
    "no_final_blank": SSE,
    "no_space": SSE,
    "nonjson_heartbeat": SSE,
    "null_chunk": LINES,
    "proxy_terminates_partial": SSE,
    "stall_masked_by_keepalive": SSE,
    "sticky_id_comment": SSE,
    "unframed_error": SSE,
    "unicode_newline": SSE,
    "unknown_event": TYPED,
    "unterminated_then_error": SSE,
}
MISSED = [(fault, told) for fault in ABOUT for told in BODIES if told not in ABOUT[fault]]
PLACED = [(fault, told) for fault, told in MISSED if hasattr(CATALOGUE[fault.partition(":")[0]], "at_event")]


def test_the_table_holds_every_fault_that_is_about_some_bodies_only() -> None:
    """None is forgotten."""
    assert {fault.partition(":")[0] for fault in ABOUT} == {name for name, kind in CATALOGUE.items() if kind.kinds}


@pytest.mark.parametrize(("fault", "told"), MISSED)
def test_what_means_nothing_in_a_body_misses_it(fault: str, told: str) -> None:
    """It is left alone, and the plan says why."""
    result = plan(BODIES[told], fault)
    problem = f"it is about {ABOUT[fault]}, and the recorded body is {told}"
    assert [(each.outcome, each.problem, each.remedy) for each in result.applied] == [
        ("missed", problem, f"record {ABOUT[fault]}")
    ]
    assert result.timeline == BODIES[told].timeline()


@pytest.mark.parametrize(("fault", "told"), PLACED)
def test_a_place_in_such_a_body_is_an_error(fault: str, told: str) -> None:
    """Whoever gives it wants the fault there."""
    message = f"^{fault.partition(':')[0]}: it is about {ABOUT[fault]}, and the recorded body is {told}; record "
    with pytest.raises(PlanError, match=message):
        plan(BODIES[told], f"{fault}{',' if ':' in fault else ':'}at_event=1")


def test_json_lines_may_end_with_cr_lf() -> None:
    """White space after JSON says nothing; a CR alone ends no line."""
    lines = BODIES["JSON lines"]
    assert plan(lines, "line_ends").body == b"".join(b'{"n":%d}\r\n' % n for n in range(4))
    for style in ("cr", "mixed"):
        assert plan(lines, f"line_ends:style={style}").applied[0].problem == "a CR alone ends no JSON line"


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ("drop:at_event=0", [1, 2, 3]),
        ("drop:at_event=3", [0, 1, 2]),
        ("drop:probability=1", []),
        ("drop:probability=1 duplicate", []),
        ("duplicate:at_event=0,times=3", [0, 0, 0, 1, 2, 3]),
        ("duplicate", [0, 1, 2, 2, 3]),
        ("reorder:at_event=0", [1, 0, 2, 3]),
        ("drop:at_event=0 duplicate:at_event=1 reorder:at_event=2", [1, 1, 3, 2]),
    ],
)
def test_an_array_stays_one(fault: str, left: list[int]) -> None:
    """Whatever is lost, repeated or moved: the first element opens it, and the others follow commas."""
    assert [element["n"] for element in json.loads(plan(array(4), *fault.split(" ")).body)] == left


def test_an_end_that_is_repeated_leaves_an_array() -> None:
    """Also where it is the only element."""
    only = body(
        "application/json", b'[{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}', b"]"
    )
    assert len(json.loads(plan(only, "duplicate_done:times=3").body)) == 3
