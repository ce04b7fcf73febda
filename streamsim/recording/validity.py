"""What may stand in a head, so that the head stays one head when it is replayed.

The law: heads are played back as they stand in the file; so nothing in them may end a line or begin another. What a
recorder saw never does, but a file can be edited by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from streamsim.recording.model import Cause, Chunk, Ending, Info, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.model import Line

# RFC 9110, section 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110, section 5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous". Said as what may
# stand there: to compile what may not, up to the last code point, takes as long as a hundred such patterns.
_TEXT = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\xff]*")
_VERSION = re.compile(r"[0-9](?:\.[0-9])?")
_H2_RESET = re.compile(r"h2_reset:[0-9A-Za-z_]+")
_CAUSES = get_args(Cause)


def is_token(text: str) -> bool:
    """Tell whether ``text`` may be the name of a header."""
    return _TOKEN.fullmatch(text) is not None


def flaw(line: Line) -> str:
    """Return what must not be in ``line``, or ""."""
    if not isinstance(line, Info | Response) and line.text is not None and line.b64 is not None:
        return "both text and b64: the bytes are one or the other"
    if isinstance(line, Chunk):
        return ""
    return next(_own_flaws(line), "") or next(_header_flaws(line), "")


def _own_flaws(line: Request | Info | Response | Ending) -> Iterator[str]:
    if isinstance(line, Ending):
        if line.cause not in _CAUSES and not _H2_RESET.fullmatch(line.cause):
            yield f"the cause {line.cause!r} is none of {', '.join(_CAUSES)}, h2_reset:CODE"
    elif isinstance(line, Request):
        if not _TOKEN.fullmatch(line.method):
            yield f"the method {line.method!r} is no token"
        if not _TEXT.fullmatch(line.target):
            yield f"the target {_HOLDS}"
    else:
        if not _TEXT.fullmatch(line.reason):
            yield f"the reason {_HOLDS}"
        if isinstance(line, Response) and not _VERSION.fullmatch(line.http):
            yield f"the HTTP version {line.http!r} is no version"


_HOLDS = "holds CR, LF, NUL or a character beyond ISO 8859-1"


def _header_flaws(line: Request | Info | Response | Ending) -> Iterator[str]:
    for name, value in line.trailers if isinstance(line, Ending) else line.headers:
        if not _TOKEN.fullmatch(name):
            yield f"the header name {name!r} is no token"
        if not _TEXT.fullmatch(value):
            yield f"the value of header {name!r} {_HOLDS}"
