from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects.answer import Answer, gather, merged
from streamsim.dialects.failing import failure
from streamsim.dialects.told import Failure, Piece, Told, Usage


def test_increments_add_up() -> None:
    """Runs of one kind are one part, tool calls grow by their own number, and choices are kept apart."""
    pieces = [
        Piece("reasoning", "hm"),
        Piece("text", "He"),
        Piece("text", "y", 1),
        Piece("text", "llo"),
        Piece("tool", "", 0, "0", "look", "c0"),
        Piece("tool", "", 0, "1", "find", "c1"),
        Piece("tool", '{"a"', 0, "0"),
        Piece("tool", "{}", 0, "1"),
        Piece("tool", ":1}", 0, "0"),
        Piece("refusal", "No."),
        Piece("citation", "[1]"),
        Piece("citation", "[2]"),
        Piece("media", "x"),
    ]
    answer = gather([Told((piece,)) for piece in pieces] + [Told(stops=((0, "stop"),))], complete=True)
    first = answer.first
    assert (first.text, first.reasoning, first.refusal, first.stop) == ("Hello", "hm", "No.", "stop")
    assert [(call.id, call.name, call.text) for call in first.calls] == [
        ("c0", "look", '{"a":1}'),
        ("c1", "find", "{}"),
    ]
    assert (first.citations, first.media) == (2, 1)
    assert answer.choices[1].text == "y"
    assert answer.complete


def test_a_call_without_a_number_grows_the_last_one() -> None:
    """What has neither number nor name belongs to the last call; what has a name alone begins one."""
    pieces = [Piece("tool", "{", name="look"), Piece("tool", "}"), Piece("tool", "{}", name="find")]
    answer = gather(Told((piece,)) for piece in pieces)
    assert [(call.name, call.text) for call in answer.first.calls] == [("look", "{}"), ("find", "{}")]


@given(st.lists(st.sampled_from([Piece("text", "a"), Piece("tool", "b", 0, "0"), Piece("text", "c", 1)])), st.data())
def test_how_increments_stand_in_events_makes_no_difference(pieces: list[Piece], data: st.DataObject) -> None:
    """Many in one event add up to what one an event does."""
    place = data.draw(st.integers(0, len(pieces)))
    one_each = gather(Told((piece,)) for piece in pieces)
    together = gather([Told(tuple(pieces[:place])), Told(tuple(pieces[place:]))])
    assert msgspec.to_builtins(one_each) == msgspec.to_builtins(together)


def test_later_counts_complete_and_correct_earlier_ones() -> None:
    """What a later usage leaves out stays, what it tells is right; name, id and failure are the first ones."""
    assert merged(Usage(5, 1), Usage(output=9, cached=2)) == Usage(5, 9, cached=2)
    answer = gather([Told(model="m", id="i", failure=Failure("x")), Told(model="n", id="j", failure=Failure("y"))])
    assert (answer.model, answer.id, answer.failure) == ("m", "i", Failure("x"))


def test_an_answer_of_nothing_is_one() -> None:
    """Without events there is an empty first choice."""
    assert (Answer().first.text, Answer().first.calls, Answer().choices) == ("", [], {})


def test_an_error_is_read_whatever_its_shape() -> None:
    """A string, an object, one inside another, or what is no JSON: the message is found."""
    assert failure(b'{"error":{"message":"m","type":"t","code":5}}') == Failure("m", "t", "5")
    assert failure(b'{"error":"m"}') == Failure("m")
    assert failure(b'{"detail":"m","status":"S"}') == Failure("m", "S")
    assert failure(b'"m"') == Failure("m")
    assert failure(b"{broken") == Failure("{broken")
    assert failure([1]) == Failure("[1]")
