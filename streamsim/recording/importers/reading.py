"""Which tool wrote a file, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from streamsim.errors import RecordingError, UsageError
from streamsim.recording.importers import (
    aimock,
    chunk_list,
    curl_trace,
    datadog,
    go_vcr,
    har,
    httprr,
    raw,
    ruby_vcr,
    vcrpy,
)
from streamsim.recording.importers.building import build
from streamsim.recording.importers.file import File

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.importers.building import Imported
    from streamsim.recording.importers.found import Found


class Format(Protocol):
    """A module that reads one format."""

    def owns(self, file: File) -> bool:
        """Tell whether it looks like one of this format."""
        ...

    def found(self, file: File) -> Iterable[Found]:
        """Return the exchanges; raise RecordingError where it is not of this format."""
        ...


# In the order of asking: those first that need not parse the whole file.
_FORMATS: Final[dict[str, Format]] = {
    "httprr": httprr,
    "curl-trace": curl_trace,
    "raw": raw,
    "chunks": chunk_list,
    "har": har,
    "vcrpy": vcrpy,
    "go-vcr": go_vcr,
    "ruby-vcr": ruby_vcr,
    "datadog": datadog,
    "aimock": aimock,
}
FORMATS: Final = tuple(_FORMATS)


def import_recording(data: bytes, *, source: str, format: str | None = None) -> Imported:  # noqa: A002 - its name
    """Return the recording that a file of another tool tells of, and what was found amiss.

    Args:
        data: The bytes of the file.
        source: Its name, for messages.
        format: One of :data:`FORMATS`; None: what it looks like.

    Raises:
        UsageError: There is no such format.
        RecordingError: The file is not of that format, or of none.

    """
    if format is not None and format not in _FORMATS:
        raise UsageError("--format", f"{format!r} is no format", f"known are {', '.join(FORMATS)}")
    file = File(data, source)
    if file.data.startswith(b'{"streamsim"'):
        raise RecordingError(source, "it is a recording already", "serve it as it is")
    name = format or next((name for name, known in _FORMATS.items() if known.owns(file)), None)
    if name is None:
        raise RecordingError(source, "it looks like no known format", f"say --format: {', '.join(FORMATS)}")
    return build(_FORMATS[name].found(file), source=source, name=name)
