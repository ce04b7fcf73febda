"""The second reading of the standard agrees with the standard's own examples, and with Python's decoder."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.conformance import oracle
from streamsim.sse import parse
from streamsim.strategies import streams
from tests.sse.test_parser import CASES, Seen


@pytest.mark.parametrize(("stream", "events"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_known_answers(stream: bytes, events: Seen) -> None:
    """The known answers come out."""
    assert [(each.data, each.type, each.id) for each in oracle.interpret(stream)] == events


@given(st.binary(max_size=12))
@settings(max_examples=500)
def test_characters_are_those_of_pythons_decoder(data: bytes) -> None:
    """Any bytes decode as Python decodes them, which follows the Encoding standard, too."""
    assert "".join(character for character, _ in oracle.characters(data)) == data.decode("utf-8", "replace")


@given(streams("arbitrary"))
@settings(max_examples=500)
def test_both_readings_agree(stream: bytes) -> None:
    """The two readings give the same events of any stream."""
    assert [(each.data, each.type, each.id) for each in oracle.interpret(stream)] == [
        (event.data, event.type, event.id) for event in parse(stream)
    ]


def test_an_event_ends_with_its_blank_line() -> None:
    """The end of an event is the offset after its blank line, the LF of a CRLF included."""
    stream = b"\xef\xbb\xbfdata: \xc3\xa9\r\n\r\ndata: b\n\ndata: c\r\rx"
    assert [each.end for each in oracle.interpret(stream)] == [15, 24, 33]
