"""Every recording that replays are judged by: those shipped, and those of the shared corpus.

The corpus has a simpler format: the first line is the request; each other line is one ``recv`` of raw bytes, head
included, with the microseconds since the request's last byte. It goes through all that a recorder does with what it
reads: capture, redaction, file format.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from streamsim.engine.capture import Capture
from streamsim.recording import codec
from streamsim.recording.model import Header, Request
from streamsim.recording.redact import Redactor
from streamsim.shells.files import load, shipped

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from streamsim.recording.model import Line, Recording

CORPUS = (
    Path(os.environ.get("STREAMSIM_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus") / "recordings"
)


def everything() -> list[ParameterSet]:
    """Return one parameter for each recording, named by its file; without a corpus, one that says why it is skipped."""
    found = [pytest.param(path, id=name) for name, path in shipped().items()]
    corpus = sorted(CORPUS.glob("*.jsonl"))
    found += [pytest.param(path, id=f"corpus-{path.stem}", marks=pytest.mark.corpus) for path in corpus]
    if not corpus:
        reason = f"no recordings in {CORPUS}: set STREAMSIM_CORPUS to the folder of the shared corpus"
        found.append(pytest.param(CORPUS, id="corpus", marks=[pytest.mark.corpus, pytest.mark.skip(reason=reason)]))
    return found


def recording_of(path: Path) -> Recording:
    """Return the recording in ``path``, whichever of the two formats it has."""
    return imported(path) if path.parent == CORPUS else load(path)


def imported(path: Path) -> Recording:
    """Return a file of the corpus as a recording."""
    asked, *reads = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    parts = urlsplit(asked["url"])
    request = Request(
        exchange=1,
        connection=1,
        at_us=0,
        method=asked["method"],
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        headers=tuple((name, value) for name, value in asked["headers"]),
        text=asked["body"] or None,
    )
    capture = Capture(1, request.method, 0)
    lines: list[Line] = [request]
    for read in reads:
        data = b64decode(read["b64"])
        lines += capture.feed(data, read["t_us"]) if data else capture.end("fin", read["t_us"])
    header = Header(version=1, recorder="the shared corpus")
    redactor = Redactor()
    clean = [safe for line in lines for safe in redactor.lines(line)]
    return codec.decode([codec.write(header), *map(codec.write, clean)], source=path.name)
