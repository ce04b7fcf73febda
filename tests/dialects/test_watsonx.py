"""IBM watsonx.ai."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from tests.dialects.events import event

WATSONX = BY_NAME["watsonx"]


def said(**result: object) -> dict[str, object]:
    return {"model_id": "m", "results": [{"generated_text": "Hi", "stop_reason": "not_finished"} | result]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (said(), Told((Piece("text", "Hi"),), Usage(), model="m")),
        (
            said(generated_text="", generated_token_count=2, input_token_count=8, stop_reason="eos_token"),
            Told((), Usage(8, 2), ((0, "eos_token"),), "m", terminal=True),
        ),
        ({"errors": [{"code": "c", "message": "no"}]}, Told(failure=Failure("no", code="c"), terminal=True)),
        ({"model_id": "m"}, Told(model="m")),
        ("x", NOTHING),
    ],
)
def test_results_are_told(data: object, told: Told) -> None:
    """Text, counts so far, and a reason once there is one."""
    assert WATSONX.tell(event(data)) == told


def test_it_owns_results() -> None:
    """A model and results with generated text are its own."""
    assert claimed(event(said())).name == "watsonx"
    assert not WATSONX.owns(event({"results": [{"generated_text": "x"}]}))
