"""httprr, Go's record-and-replay of plain HTTP: ``httprr trace v1``, then pairs of sizes and what they count.

Heads end their lines with CRLF or LF; bodies are as the client's library gave them, mostly unframed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamsim.errors import RecordingError
from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.heads import head_of
from streamsim.wire.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.importers.file import File
    from streamsim.wire import Headers

MAGIC = b"httprr trace v1\n"
_SIZES = re.compile(rb"([0-9]{1,12}) ([0-9]{1,12})\n")
_CHUNK = re.compile(rb"[0-9A-Fa-f]+\r\n")
_HEAD = re.compile(rb"(.*?)\r?\n\r?\n", re.DOTALL)


def owns(file: File) -> bool:
    """Tell by the first line."""
    return file.data.startswith(MAGIC)


def found(file: File) -> Iterator[Found]:
    """Yield the exchanges.

    Raises:
        RecordingError: A size is missing, or more than there is.

    """
    data, at = file.data, file.data.find(b"\n") + 1
    while at < len(data):
        sizes = _SIZES.match(data, at)
        if sizes is None or sizes.end() + int(sizes[1]) + int(sizes[2]) > len(data):
            problem = f"at byte {at} stand no sizes of a request and a response that follow"
            raise RecordingError(file.source, problem, "check the file: a line end that was changed is enough")
        middle = sizes.end() + int(sizes[1])
        at = middle + int(sizes[2])
        yield _found(data[sizes.end() : middle], data[middle:at])


def _found(request: bytes, response: bytes) -> Found:
    (method, url, *_), asked, body = _message(request)
    (_, status, *reason), headers, answer = _message(response)
    return Found(
        method=method,
        url=url,
        asked=asked,
        body=body,
        status=int(status) if status.isdecimal() else 0,
        reason=" ".join(reason),
        headers=headers,
        parts=(Part(_unframed(response, headers, answer)),),
    )


def _unframed(response: bytes, headers: Headers, body: bytes) -> bytes:
    """Return the body without the chunk sizes that some traces have in it."""
    chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
    return Reader().feed(response) if chunked and _CHUNK.match(body) else body


def _message(data: bytes) -> tuple[list[str], Headers, bytes]:
    """Return the words of the first line, the headers and the body."""
    match = _HEAD.match(data)
    head, body = (match[1], data[match.end() :]) if match else (data, b"")
    first, headers = head_of(head)
    return [*first.split(" "), "", ""], headers, body
