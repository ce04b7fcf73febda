"""The standard read slowly: one whole buffer, one character at a time, nothing shared with the code under test."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a listener of the stream could have seen: events as (data, type, id)."""

    events: list[tuple[str, str, str]] = field(default_factory=list)
    last_event_id: str = ""
    retry_ms: int | None = None


def interpret(stream: bytes) -> Outcome:
    """Interpret a whole stream as HTML 9.2.6 says."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = re.split("\r\n|\n|\r", text)[:-1]
    outcome = Outcome()
    data = event_type = last_id = ""
    for line in lines:
        if line == "":
            outcome.last_event_id = last_id
            if data != "":
                outcome.events.append((data[:-1], event_type if event_type != "" else "message", last_id))
            data = event_type = ""
            continue
        name, value = name_and_value(line)
        if name == "data":
            data += value + "\n"
        if name == "event":
            event_type = value
        if name == "id" and "\x00" not in value:
            last_id = value
        if name == "retry" and re.fullmatch("[0-9]+", value):
            outcome.retry_ms = min(int(value), 999_999_999_999_999_999)
    return outcome


def name_and_value(line: str) -> tuple[str, str]:
    """Take a line apart at its first colon, without the one space that may follow it."""
    match = re.fullmatch("([^:]*)(?:: ?(.*))?", line, re.DOTALL)
    assert match is not None
    return match[1], match[2] or ""


def split_frames(stream: bytes) -> list[bytes]:
    """Cut a whole stream after every blank line."""
    start = 3 if stream[:3] == b"\xef\xbb\xbf" else 0
    frames: list[bytes] = []
    frame, line = stream[:start], b""
    position = start
    while position < len(stream):
        size = 2 if stream[position : position + 2] == b"\r\n" else 1
        piece = stream[position : position + size]
        position += size
        frame += piece
        if piece not in (b"\r\n", b"\r", b"\n"):
            line += piece
        elif line:
            line = b""
        else:
            frames.append(frame)
            frame = b""
    return [*frames, frame] if frame else frames
