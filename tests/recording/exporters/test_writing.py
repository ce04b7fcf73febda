"""What is exported, and what is said to be lost."""

from __future__ import annotations

import pytest

from streamsim.errors import RecordingError, UsageError
from streamsim.recording.exporters import export_recording
from streamsim.recording.model import Info
from tests.builders import exchange, recording

JSON = (("content-type", "application/json"),)
NONE = exchange(status=0, chunks=[], end="unreachable")


@pytest.mark.parametrize(
    ("told", "format_", "lost"),
    [
        (exchange(chunks=[b"{}"], gaps_us=0, headers=JSON), "har", ()),
        (exchange(chunks=[b"{}"], gaps_us=0, headers=JSON), "vcrpy", ()),
        (exchange(chunks=[b"{}"], gaps_us=0, headers=JSON), "raw", ("request and head",)),
        (exchange(), "har", ("chunk boundaries",)),
        (exchange(), "vcrpy", ("chunk boundaries", "times")),
        (exchange(), "raw", ("request and head", "chunk boundaries", "times")),
        (exchange(headers=JSON), "har", ("chunk boundaries", "times of chunks")),
        (exchange(chunks=[b"x"], headers=(*JSON, ("content-encoding", "br"))), "vcrpy", ("times", "compression")),
        (
            exchange(chunks=[], infos=[Info(exchange=1, dt_us=1, status=103)], trailers=(("a", "b"),), end="complete"),
            "vcrpy",
            ("interim answers", "trailers"),
        ),
        (exchange(chunks=[], end="reset"), "vcrpy", ("how exchange 1 (reset) ended",)),
        (exchange(chunks=[], end=None), "vcrpy", ("how exchange 1 (unknown) ended",)),
    ],
)
def test_what_is_lost_is_said(told: object, format_: str, lost: tuple[str, ...]) -> None:
    """In a few words each; nothing else is."""
    assert isinstance(told, type(NONE))
    assert export_recording(recording(told), format=format_).lost == lost


def test_an_exchange_without_an_answer_is_left_out_and_named() -> None:
    """There is nothing that the other tool could play."""
    exported = export_recording(recording(NONE, exchange(chunks=[]), NONE), format="har")
    assert (exported.exchanges, exported.lost) == (1, ("exchange 1, 3, without an answer",))


def test_one_exchange_can_be_chosen() -> None:
    """By its number."""
    told = recording(exchange(chunks=[b"1"]), exchange(chunks=[b"2"]))
    assert export_recording(told, format="raw", exchange=2).data == b"2"


@pytest.mark.parametrize(
    ("chosen", "format_", "complaint"),
    [
        (None, "raw", "--format raw: it holds one body; choose with --exchange: 1, 2"),
        (None, "pcap", "--format: 'pcap' is no format; known are har, vcrpy, raw"),
        (3, "har", "session.jsonl: there is no answer to export; choose another recording or --exchange"),
        (9, "har", "session.jsonl: there is no exchange 9; it has 1, 2, 3"),
    ],
)
def test_what_cannot_be_exported_is_one_line(chosen: int | None, format_: str, complaint: str) -> None:
    """Where, what is wrong, what to do."""
    with pytest.raises((RecordingError, UsageError)) as caught:
        export_recording(recording(exchange(), exchange(), NONE), format=format_, exchange=chosen)
    assert str(caught.value) == complaint
