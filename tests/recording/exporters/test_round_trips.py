"""What is exported can be imported again, with the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from streamsim.recording import codec
from streamsim.recording.exporters import export_recording
from streamsim.recording.importers import import_recording
from streamsim.shells.files import load, shipped
from tests.builders import exchange, recording
from tests.recording.drawn import files

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange, Recording

FORMATS = ["har", "vcrpy"]


def through(told: Recording, format_: str, number: int | None = None) -> tuple[Exchange, ...]:
    data = export_recording(told, format=format_, exchange=number).data
    return import_recording(data, source="file", format=format_).recording.exchanges


def body(exchange: Exchange) -> bytes:
    """Return the body, where the status lets one be."""
    bodiless = exchange.response is None or exchange.response.status in (204, 304) or exchange.request.method == "HEAD"
    return b"" if bodiless else exchange.body


@given(files())
def test_bodies_come_back(lines: list[bytes]) -> None:
    """Of any recording, through each format: bodies, methods and statuses."""
    told = codec.decode(lines)
    answered = [one for one in told.exchanges if one.response is not None]
    for format_ in FORMATS if answered else ():
        back = through(told, format_)
        assert [body(one) for one in back] == [body(one) for one in answered]
        assert [one.request.data for one in back] == [one.request.data for one in answered]
        assert [one.request.method for one in back] == [one.request.method.upper() for one in answered]
        assert [one.response and one.response.status for one in back] == [
            one.response and one.response.status for one in answered
        ]
    for one in answered:
        (alone,) = through(told, "raw", one.number)
        assert alone.body == one.body


@pytest.mark.parametrize("name", sorted(shipped()))
def test_recordings_come_back(name: str) -> None:
    """Those that come with streamsim: bytes in each format; through a HAR also when each event came."""
    told = load(name)
    answered = [one for one in told.exchanges if one.response is not None]
    for format_ in FORMATS:
        back = through(told, format_)
        assert [one.body for one in back] == [one.body for one in answered]
        assert [one.request.target for one in back] == [one.request.target for one in answered]
    for one in answered:
        (alone,) = through(told, "raw", one.number)
        assert alone.body == one.body


def test_a_har_brings_back_when_events_came() -> None:
    """To the microsecond, where each chunk is an event."""
    told = recording(exchange(gaps_us=[1, 20_000, 333_333], response_us=123_456, at_us=5))
    (back,) = through(told, "har")
    assert [chunk.dt_us for chunk in back.chunks] == [1, 20_000, 333_333]
    assert back.response is not None
    assert back.response.dt_us == 123_456
