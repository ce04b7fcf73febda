"""Hugging Face's Text Generation Inference."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Problem
from streamsim.dialects.reading import claimed
from streamsim.dialects.said import Say, Text
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.rng import Rng
from tests.dialects.events import event

TGI = BY_NAME["tgi"]


def token(text: str, *, special: bool = False) -> dict[str, object]:
    return {"index": 1, "token": {"id": 5, "text": text, "logprob": -0.5, "special": special}}


LAST = token("</s>", special=True) | {
    "generated_text": "Hi",
    "details": {"finish_reason": "eos_token", "generated_tokens": 2, "input_length": 1},
}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (token("Hi") | {"generated_text": None}, Told((Piece("text", "Hi"),))),
        (token("<s>", special=True), NOTHING),
        (LAST, Told(usage=Usage(1, 2), stops=((0, "eos_token"),), terminal=True)),
        (token("Hi") | {"generated_text": "Hi"}, Told((Piece("text", "Hi"),), terminal=True)),
        ({"details": {"generated_tokens": 1}}, Told(usage=Usage(None, 1))),
        ({"error": "no", "error_type": "generation"}, Told(failure=Failure("no", "generation"), terminal=True)),
        ("x", NOTHING),
    ],
)
def test_tokens_are_told(data: object, told: Told) -> None:
    """A token that is no special one is text; the last event has reason and counts."""
    assert TGI.tell(event(data)) == told


def test_it_owns_tokens() -> None:
    """A token with an id is its own."""
    assert claimed(event(token("x"))).name == "tgi"
    assert not TGI.owns(event({"token": {"text": "x"}}))


def test_problems() -> None:
    """The whole text must come, and nothing behind it."""
    assert TGI.problems([event(LAST)]) == []
    assert TGI.problems([event(token("x"))]) == [Problem(None, "finish_missing", "no event has the generated_text")]
    assert TGI.problems([event(LAST), event(token("x"))]) == [
        Problem(1, "content_after_finish", "an event comes after the last one")
    ]


def test_there_is_no_space_behind_the_colon() -> None:
    """The server's frames are ``data:`` and JSON, and the last has all the text."""
    assert TGI.writer is not None
    frames = [one.data for one in TGI.writer.write(Say((Text("Hi there"),)), Rng(1))]
    assert all(one.startswith(b"data:{") for one in frames)
    assert b'"generated_text":"Hi there"' in frames[-1]


def test_the_official_client_takes_what_is_written() -> None:
    """huggingface_hub's client gives the same text."""
    hub = pytest.importorskip("huggingface_hub")
    from tests.dialects.answering import answering, bodies  # noqa: PLC0415 - only where it is installed

    assert TGI.writer is not None
    headers = TGI.writer.headers(Rng(1), stream=True)
    with answering("/", bodies(TGI.writer.write(Say((Text("Hi there"),)), Rng(1))), headers) as url:
        client = hub.InferenceClient(model=url)
        told = list(client.text_generation("x", stream=True, details=True))
    assert "".join(one.token.text for one in told if not one.token.special) == "Hi there"
    assert (told[-1].generated_text, told[-1].details.finish_reason) == ("Hi there", "eos_token")
