"""What other projects have recorded, imported."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from streamsim.dialects.reading import read
from streamsim.errors import RecordingError
from streamsim.recording import codec
from streamsim.recording.importers import import_recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamsim.recording.importers import Imported

pytestmark = pytest.mark.corpus

FOLDERS = ("cassettes", "har")


def index(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "index.json").read_bytes())
    return found


def files(corpus: Path) -> Iterator[tuple[str, Path]]:
    """Yield the path that each cassette had in its project, and where it is now; a name used twice has the last one."""
    for folder in FOLDERS:
        paths = {entry["file"]: entry["path"] for entry in index(corpus / folder)}
        for name, path in paths.items():
            if not name.endswith(".mitm"):
                yield path, corpus / folder / name


def imported(path: Path) -> Imported:
    return import_recording(path.read_bytes(), source=path.name)


def test_every_cassette_imports_to_the_bytes_that_were_extracted_from_it(corpus: Path) -> None:
    """Of each stream that another reader of the same file has found."""
    wanted: dict[str, dict[str, str]] = {}
    for entry in index(corpus / "streams"):
        wanted.setdefault(entry["origin"]["path"], {})[entry["sha256"]] = entry["file"]
    checked = 0
    for path, file in files(corpus):
        bodies = {sha256(exchange.body).hexdigest() for exchange in imported(file).recording.exchanges}
        assert [name for digest, name in wanted.get(path, {}).items() if digest not in bodies] == []
        checked += len(wanted.get(path, {}))
    assert checked >= 50


def test_every_cassette_is_detected_and_makes_a_recording(corpus: Path) -> None:
    """Its lines can be written and read, and each exchange has a timeline."""
    for _, file in files(corpus):
        recording = imported(file).recording
        again = codec.decode(codec.encode(recording))
        assert again.exchanges == recording.exchanges
        for exchange in again.exchanges:
            assert exchange.timeline()


def test_no_key_of_a_cassette_is_imported(corpus: Path) -> None:
    """What stands in its authorization headers stands nowhere any more."""
    for _, file in files(corpus):
        recording = imported(file).recording
        secret = {"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "set-cookie"}
        told = [
            (name, value)
            for exchange in recording.exchanges
            for name, value in (*exchange.request.headers, *(exchange.response.headers if exchange.response else ()))
        ]
        assert {value for name, value in told if name.lower() in secret and value} <= {"[redacted]"}


def test_what_mitmproxy_streamed_is_noted_as_empty(corpus: Path) -> None:
    """Its HAR holds none of it."""
    notes = imported(corpus / "har" / "mitmproxy--event_stream.har").notes
    assert [note.partition(":")[2] for note in notes] == [
        " the file holds nothing of its stream; some tools keep no streamed body"
    ] * 2


def test_every_bare_body_imports_to_its_bytes(corpus: Path) -> None:
    """Each stream by itself, whatever the provider, detected or told to be raw."""
    for entry in index(corpus / "streams"):
        data = (corpus / "streams" / entry["file"]).read_bytes()
        for name in (None, "raw") if entry["stream"] == "sse" and data[:1] != b"{" else ("raw",):
            (exchange,) = import_recording(data, source=entry["file"], format=name).recording.exchanges
            assert exchange.body == data


def test_every_list_of_chunks_has_its_payloads(corpus: Path) -> None:
    """One event a line, and what was said in it is read; one that was mended by hand is no JSON and has to be named."""
    undetected: list[str] = []
    for file in sorted((corpus / "chunks").rglob("*.txt")):
        data = file.read_bytes()
        try:
            imported(file)
        except RecordingError:
            undetected.append(file.name)
        (exchange,) = import_recording(data, source=file.name, format="chunks").recording.exchanges
        payloads = [landed.event.data.encode() for landed in read(exchange).landed if landed.event.data != "[DONE]"]
        assert payloads == [line.strip() for line in data.split(b"\n") if line.strip()], file.name
    assert len(undetected) <= 1
