"""vercel/ai's ``.chunks.txt``: the JSON payload of each event, one a line; all framing is lost.

It is put back as the providers frame theirs: an ``event`` line where the payload's ``type`` names one and the provider
uses them (Anthropic, OpenAI Responses, Cohere), and ``[DONE]`` after chunks of Chat Completions.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.generic import DONE
from streamsim.recording.importers import raw
from streamsim.recording.importers.file import File
from streamsim.recording.importers.found import Part
from streamsim.recording.importers.shapes import json_of, table
from streamsim.sse import encode

if TYPE_CHECKING:
    from streamsim.recording.importers.found import Found

_HEAD = 1 << 20
_NAMED = re.compile(
    r"(?:response\.|message_|content_block_|message-|content-|tool-|citation-)[a-z._-]*|ping|error", re.ASCII
)


def owns(file: File) -> bool:
    """Tell by lines, more than one, that are each a JSON object."""
    lines = list(islice((line for line in file.data[:_HEAD].splitlines() if line.strip()), 2))
    return len(lines) > 1 and bool(table(json_of(lines[0]))) and lines[1].lstrip()[:1] == b"{"


def found(file: File) -> list[Found]:
    """Return the exchange."""
    lines = [line for line in file.data.split(b"\n") if line.strip()]
    frames = [_frame(line.decode("utf-8", "replace").strip()) for line in lines]
    if any(b'"chat.completion.chunk"' in line for line in lines):
        frames.append(encode(DONE))
    (told,) = raw.found(File(b"".join(frames), file.source))
    parts = tuple(map(Part, frames))
    return [msgspec.structs.replace(told, parts=parts, lacks=("boundaries", "times", "framing", "request", "head"))]


def _frame(line: str) -> bytes:
    kind = table(json_of(line)).get("type")
    return encode(line, event=kind if isinstance(kind, str) and _NAMED.fullmatch(kind) else None)
