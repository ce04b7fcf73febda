"""Which tool wrote a file; and whatever it is, the answer is a recording or one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import RecordingError, StreamsimError, UsageError
from streamsim.recording import codec
from streamsim.recording.importers import FORMATS, import_recording
from tests.builders import as_file, recording
from tests.recording.importers.inputs import imported

KNOWN = ", ".join(FORMATS)


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (b"hello", f"file: it looks like no known format; say --format: {KNOWN}"),
        (b"", f"file: it looks like no known format; say --format: {KNOWN}"),
        (b'{"a":1}', f"file: it looks like no known format; say --format: {KNOWN}"),
        (as_file(recording()), "file: it is a recording already; serve it as it is"),
        (b'{"a":', "file: it is no JSON that can be read (Input data was truncated); check the file, or say --format"),
        (b"\x89PNG\r\n\x1a\n\0\0", "file: it is no YAML that can be read ("),
        (
            b'{"log":{"entries":[]}}',
            "file: no exchange with an answer is in it, read as har; check it, or say --format",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(file: bytes, complaint: str) -> None:
    """It names the file, what is wrong and what to do."""
    with pytest.raises(RecordingError) as caught:
        imported(file)
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


def test_depth_is_one_line_too() -> None:
    """The reader gives up before the stack does."""
    with pytest.raises(RecordingError, match="file: it is no JSON that can be read"):
        imported(b"{" + b'"a":{' * 100_000)


def test_a_format_that_there_is_not() -> None:
    """The known ones are listed."""
    with pytest.raises(UsageError) as caught:
        imported(b"", "vcr")
    assert str(caught.value) == f"--format: 'vcr' is no format; known are {KNOWN}"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_of_another_format_is_refused_or_empty(format_: str) -> None:
    """A wrong --format is no traceback."""
    for file in (b"{}", b"hello", b"[1, {}]", b'{"interactions": 3, "log": [], "fixtures": {}, "request": 1}'):
        try:
            imported(file, format_)
        except StreamsimError as error:
            one_line(error)


def test_a_byte_order_mark_hides_nothing() -> None:
    """As Windows's tools write it."""
    with pytest.raises(RecordingError, match="read as har"):
        imported(b'\xef\xbb\xbf{"log":{"entries":[]}}')


def one_line(error: StreamsimError) -> None:
    text = str(error)
    assert text.startswith("file")
    assert "\n" not in text


STARTS = [b"", b"data: ", b"HTTP/1.1 200 OK\r\n", b"httprr trace v1\n", b"=> Send header, 4 bytes\n", b'{"a":', b"[{"]


@given(st.sampled_from(STARTS), st.binary(max_size=60), st.sampled_from([None, *FORMATS]))
def test_any_bytes_are_a_recording_or_one_line(start: bytes, rest: bytes, format_: str | None) -> None:
    """Nothing else is raised, and what is imported can be read back."""
    try:
        told = import_recording(start + rest, source="file", format=format_).recording
    except StreamsimError as error:
        one_line(error)
    else:
        assert codec.decode(codec.encode(told)).exchanges == told.exchanges


_VALUES = st.recursive(
    st.one_of(st.none(), st.integers(-1, 999), st.text(max_size=6), st.sampled_from(["text/event-stream", "base64"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "request",
                    "response",
                    "url",
                    "uri",
                    "method",
                    "headers",
                    "status",
                    "code",
                    "body",
                    "string",
                    "content",
                    "text",
                    "encoding",
                    "mimeType",
                    "log",
                    "entries",
                    "interactions",
                    "http_interactions",
                    "fixtures",
                    "match",
                    "error",
                    "toolCalls",
                    "blocks",
                    "timings",
                    "wait",
                    "time",
                    "data",
                    "_eventSourceMessages",
                    "startedDateTime",
                    "name",
                    "value",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=30,
)


@given(_VALUES, st.sampled_from(["har", "vcrpy", "go-vcr", "ruby-vcr", "datadog", "aimock"]))
def test_any_document_is_a_recording_or_one_line(value: object, format_: str) -> None:
    """Whatever stands where."""
    roots = {"har": {"log": {"entries": [value]}}, "ruby-vcr": {"http_interactions": [value]}}
    document = roots.get(format_, {"interactions": [value], "fixtures": [value], "request": value, "response": value})
    try:
        told = imported(document, format_).recording
    except StreamsimError as error:
        one_line(error)
    else:
        assert codec.decode(codec.encode(told)).exchanges == told.exchanges
