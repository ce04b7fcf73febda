"""JSON of which nothing is sure."""

from __future__ import annotations

import msgspec
import pytest

from streamsim.dialects.loosely import arguments, decoded, inside, value_of


class _Word(msgspec.Struct):
    word: str


_decoder = msgspec.json.Decoder(_Word)


@pytest.mark.parametrize("data", ["", "[]", "null", '{"word":5}', "{", '{"word":"\ud800"}', '{"a":' + "[" * 200_000])
def test_what_is_not_as_expected_is_none(data: str) -> None:
    """No text makes reading raise: it is none."""
    assert decoded(_decoder, data) is None


def test_what_is_as_expected_is_read() -> None:
    """An object with what is expected, and more, is read."""
    assert decoded(_decoder, '{"word":"hi","more":[]}') == _Word("hi")


@pytest.mark.parametrize(("raw", "text"), [(b"null", ""), (b'{"a": 1}', '{"a": 1}'), (b'"x"', '"x"')])
def test_a_value_stays_as_it_was_spelt(raw: bytes, text: str) -> None:
    """Null is nothing, everything else the JSON it was."""
    assert inside(msgspec.Raw(raw)) == text


@pytest.mark.parametrize(("text", "value"), [("[1]", [1]), ("{", "{"), ("[" * 200_000, "[" * 200_000)])
def test_a_value_that_is_none_is_the_text(text: str, value: object) -> None:
    """What is no JSON is told as the text it is."""
    assert value_of(text) == value


@pytest.mark.parametrize(("text", "value"), [('{"a":1}', {"a": 1}), ("", {}), ("[1]", {})])
def test_arguments_are_an_object(text: str, value: object) -> None:
    """Whatever they are, arguments are an object; no other one is made of what is none."""
    assert arguments(text) == value
