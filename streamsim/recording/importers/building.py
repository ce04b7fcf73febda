"""From what a file tells to a recording.

The law: nothing is invented. Bytes are those of the file; where it does not tell where chunks ended, each frame is a
chunk, and where it does not tell when they came, they came at once; the header says what was lacking. Secrets go, as
they do while recording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict, get_args
from urllib.parse import quote, urlsplit, urlunsplit

from streamsim.dialects.units import streams
from streamsim.errors import RecordingError
from streamsim.recording.assemble import Assembler
from streamsim.recording.importers.bodies import cut, decoded, fitting
from streamsim.recording.importers.found import Lack
from streamsim.recording.model import VERSION, Chunk, Ending, Header, Recording, Request, Response, as_text
from streamsim.recording.redact import Redactor
from streamsim.recording.validity import flaw, is_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.recording.importers.found import Found, Part
    from streamsim.recording.model import Line
    from streamsim.wire import Framing, Headers

# Bodies are framed anew, so what told of their old form is left out.
_OF_THE_WIRE = frozenset(("transfer-encoding", "content-length", "keep-alive", "trailer"))
_LATEST_US = 2**53 - 1
_PLAIN = "".join(map(chr, range(0x21, 0x7F)))  # what stands in a request line as it is
_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://")
_LINE_ENDS = str.maketrans("\r\n\0", "   ")


class Imported(NamedTuple):
    """The recording, and what was found amiss, one line each."""

    recording: Recording
    notes: tuple[str, ...]


class _Place(NamedTuple):
    """Where a request went."""

    origin: str  # scheme and host; "" where the URL tells none
    user: str
    host: str
    target: str


def build(found: Iterable[Found], *, source: str, name: str) -> Imported:
    """Return the recording that tells the same as a file of format ``name``, its secrets removed.

    Raises:
        RecordingError: It tells of no answered exchange, or of one that cannot be.

    """
    told = list(found)
    answered = [one for one in told if 200 <= one.status <= 999]
    if not answered:
        raise RecordingError(
            source, f"no exchange with an answer is in it, read as {name}", "check it, or say --format"
        )
    lines, removed = _redacted(answered)
    for line in lines:
        if problem := flaw(line):
            raise RecordingError(source, f"exchange {line.exchange}: {problem}", "mend that in the file")
    assembler = Assembler(source)
    assembler.add([*lines], 2)
    header = Header(
        version=VERSION, upstream=_upstream(answered), imported=name, lacks=_lacks(answered), redacted=removed
    )
    exchanges = tuple(assembler.exchanges.values())
    recording = Recording(header=header, entries=tuple(lines), exchanges=exchanges, source=source)
    return Imported(recording, (*_left_out(len(told) - len(answered)), *_empty(recording)))


def _left_out(count: int) -> Iterator[str]:
    if count:
        yield f"left out {count} {'exchange' if count == 1 else 'exchanges'} without an answer"


def _empty(recording: Recording) -> Iterator[str]:
    for exchange in recording.exchanges:
        response = exchange.response
        if response and response.status == 200 and streams(response.headers) and not exchange.chunks:
            yield f"exchange {exchange.number}: the file holds nothing of its stream; some tools keep no streamed body"


def _lacks(found: Sequence[Found]) -> tuple[Lack, ...]:
    return tuple(lack for lack in get_args(Lack) if any(lack in one.lacks for one in found))


def _upstream(found: Sequence[Found]) -> str:
    """Return the server that all requests went to; "" if there are several."""
    origins = {_place(one.url).origin for one in found}
    return origins.pop() if len(origins) == 1 else ""


def _redacted(found: Sequence[Found]) -> tuple[list[Line], tuple[str, ...]]:
    """Return all lines, clean: no secret stays, also where an earlier exchange repeats it."""
    redactor = Redactor()
    for one in found:
        if user := _place(one.url).user:
            redactor.removed.add("userinfo")
            redactor.remember("userinfo", user)
    lines = [line for number, one in enumerate(found, 1) for line in _lines(one, number)]
    for line in lines:
        if isinstance(line, Request | Response):
            redactor.lines(line)
    clean = [told for line in lines for told in redactor.lines(line)]
    return clean, tuple(sorted(redactor.removed))


def _lines(found: Found, number: int) -> Iterator[Line]:
    parts, headers = decoded(found.parts, _told(found.headers, but=_OF_THE_WIRE))
    if len(parts) == 1 and "boundaries" in found.lacks:
        parts = cut(parts, headers)
    bodiless = found.status in (204, 304) or found.method.upper() == "HEAD"
    parts = [] if bodiless else fitting(parts)
    framing: Framing = "none" if bodiless else "chunked" if streams(headers) or len(parts) > 1 else "content-length"
    yield _request(found, number)
    yield Response(
        exchange=number,
        dt_us=_time(found.wait_us),
        status=found.status,
        reason=_latin(found.reason),
        framing=framing,
        headers=(*headers, *_framed(framing, parts)),
    )
    for part in parts:
        yield Chunk(exchange=number, dt_us=_time(part.dt_us), **_stored(part.data))
    yield Ending(exchange=number, dt_us=0, cause=found.cause)


def _request(found: Found, number: int) -> Request:
    place = _place(found.url)
    headers = _told(found.asked, but=frozenset(("transfer-encoding",)))
    if place.host and not any(name.lower() == "host" for name, _ in headers):
        headers = (("host", place.host), *headers)
    return Request(
        exchange=number,
        connection=number,
        at_us=_time(found.at_us),
        method=found.method.upper(),
        target=place.target,
        headers=headers,
        **_stored(found.body),
    )


def _place(url: str) -> _Place:
    """Return where ``url`` leads; it may be a path, or begin with what a tool put in place of the host."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that hold no address
        parts = urlsplit("")
    if parts.netloc:
        user, _, host = parts.netloc.rpartition("@")
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        origin = f"{parts.scheme}://{_latin(host)}"
        return _Place(origin, user, _latin(host), _target(urlunsplit(("", "", path, parts.query, ""))))
    authority, _, path = _SCHEME.sub("", url).partition("/")
    user, _, host = authority.rpartition("@")
    return _Place("", user, _latin(host), _target(f"/{path}"))


def _target(path: str) -> str:
    return quote(path.encode("utf-8", "replace"), safe=_PLAIN)


def _told(headers: Headers, *, but: frozenset[str]) -> Headers:
    """Return the headers that can be said in HTTP/1.1, which leaves out the pseudo headers of HTTP/2."""
    return tuple((name, _latin(value)) for name, value in headers if is_token(name) and name.lower() not in but)


def _framed(framing: Framing, parts: Sequence[Part]) -> Headers:
    if framing == "chunked":
        return (("transfer-encoding", "chunked"),)
    length = sum(len(part.data) for part in parts)
    return (("content-length", str(length)),) if framing == "content-length" else ()


class _Stored(TypedDict):
    text: str | None
    b64: bytes | None


def _stored(data: bytes) -> _Stored:
    text = as_text(data)
    return {"text": text or None, "b64": data if text is None else None}


def _time(us: int) -> int:
    return min(max(us, 0), _LATEST_US)


def _latin(text: str) -> str:
    """Return ``text`` as it may stand in a head: characters beyond ISO 8859-1 escaped, line ends as spaces."""
    return text.translate(_LINE_ENDS).strip(" ").encode("latin-1", "backslashreplace").decode("latin-1")
