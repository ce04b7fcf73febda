"""What a recording holds. These are also, field by field, the lines of its file.

The law: bytes are as they were on the wire and are canonical; events, texts and tokens are derived from them. Times
are whole microseconds; a line's ``dt_us`` counts from the previous line of the same exchange, so that editing one gap
moves all that follows (asciicast v3 counts so for the same reason).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec

from streamsim.errors import RecordingError
from streamsim.wire import End, Fin, Framing, Hang, Head, Headers, Raw, Refuse, Reset, Send
from streamsim.wire.steps import Unfolding, packed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.wire import Action

VERSION = 1

# Beyond 2**53 - 1 a number is not the same in every tool that reads JSON.
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Interim: TypeAlias = Annotated[int, msgspec.Meta(ge=100, le=199)]
Status: TypeAlias = Annotated[int, msgspec.Meta(ge=200, le=999)]
Cause: TypeAlias = Literal[
    "complete", "fin", "reset", "timeout", "cancelled", "unreachable", "protocol_error", "goaway"
]  # and h2_reset:CODE


def as_text(data: bytes) -> str | None:
    """Return ``data`` as text when it is UTF-8 and therefore survives the round trip, else None."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


class Header(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The first line: the version, and who recorded what when.

    One that was made from another tool's file says of which format that was, as ``imported``, and in ``lacks`` what the
    file did not tell: chunk ``boundaries``, ``times``, ``framing``, the ``request``, the response's ``head``.
    One that was written from a script says in which dialect, as ``written``: its requests stand for any.
    """

    version: int = msgspec.field(name="streamsim")
    created: str = ""
    recorder: str = ""
    upstream: str = ""
    imported: str = ""
    lacks: tuple[str, ...] = ()
    written: str = ""
    redacted: tuple[str, ...] = ()


class _Line(
    msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True
):
    exchange: Count


def _bytes(text: str | None, b64: bytes | None) -> bytes:
    return text.encode() if text is not None else b64 or b""


class Request(_Line, frozen=True, kw_only=True, tag="request"):
    """A request, whole; ``at_us`` is when its last byte was seen, since the session began.

    Bytes stand in ``text`` when they are UTF-8, else in ``b64``.
    """

    connection: Count
    at_us: Count
    method: str
    target: str
    headers: Headers
    text: str | None = None
    b64: bytes | None = None

    @property
    def data(self) -> bytes:
        """The whole body, exactly."""
        return _bytes(self.text, self.b64)


class Info(_Line, frozen=True, kw_only=True, tag="info"):
    """An interim answer (status 100 to 199)."""

    dt_us: Count
    status: Interim
    reason: str = ""
    headers: Headers = ()


class Response(_Line, frozen=True, kw_only=True, tag="response"):
    """The head of the answer."""

    dt_us: Count
    status: Status
    reason: str = ""
    # By a factory, and so always written: a plain default is left out where it is the very same object, by luck.
    http: str = msgspec.field(default_factory=lambda: "1.1")
    framing: Framing
    headers: Headers


class Chunk(_Line, frozen=True, kw_only=True, tag="chunk", gc=False):
    """One HTTP chunk, or one read where the framing has none; ``dt_us`` is the arrival of its last byte.

    ``cut`` marks a chunk that the connection's end cut short; ``of`` is the size it had declared.
    """

    dt_us: Count
    text: str | None = None
    b64: bytes | None = None
    cut: bool = False
    of: Count | None = None

    @property
    def data(self) -> bytes:
        """The bytes, exactly."""
        return self.text.encode() if self.text is not None else self.b64 or b""


class Ending(_Line, frozen=True, kw_only=True, tag="end"):
    """How the exchange ended; a ``protocol_error`` carries the bytes that broke the protocol."""

    dt_us: Count
    cause: str
    trailers: Headers = ()
    text: str | None = None
    b64: bytes | None = None

    @property
    def data(self) -> bytes:
        """The bytes that broke the protocol."""
        return _bytes(self.text, self.b64)


Line: TypeAlias = Request | Info | Response | Chunk | Ending


class Exchange(msgspec.Struct, kw_only=True):
    """One request and what answered it.

    Without ``end`` the recorder died before it saw one; such an exchange is replayed as far as it goes, then FIN.
    """

    number: int
    request: Request
    infos: list[Info] = []
    response: Response | None = None
    chunks: list[Chunk] = []
    end: Ending | None = None

    @property
    def body(self) -> bytes:
        """The response body, as it was on the wire inside its framing."""
        return b"".join([chunk.data for chunk in self.chunks])

    def timeline(self, *, answered: bool = False) -> Unfolding:
        """Return the actions that reproduce this exchange as it was recorded.

        Args:
            answered: The dialect's terminal event was seen, so a client that left had left a finished answer.

        """
        heads = list(self._heads())
        endings = tuple(self._endings(answered=answered))
        ended_us = self.end.dt_us if self.end is not None else 0

        def moments() -> Iterator[int]:
            at_us = sum([info.dt_us for info in self.infos]) + (self.response.dt_us if self.response is not None else 0)
            yield from (head_us * 1000 for head_us, _ in heads)
            for chunk in self.chunks:
                at_us += chunk.dt_us
                yield at_us * 1000
            yield from ((at_us + ended_us) * 1000 for _ in endings)

        return Unfolding(packed(moments), [head for _, head in heads], self.chunks, self._sent, endings)

    def _heads(self) -> Iterator[tuple[int, Head]]:
        """Yield each head with its microsecond."""
        at_us = 0
        for info in self.infos:
            at_us += info.dt_us
            # A server says 100 when, and only if, the client it talks to waits for it.
            if info.status != 100:
                yield at_us, Head(info.status, info.reason, info.headers, framing="none")
        if self.response is not None:
            response = self.response
            at_us += response.dt_us
            yield at_us, Head(response.status, response.reason, response.headers, response.http, response.framing)

    def _sent(self, chunk: Chunk) -> Send | Raw:
        """Return what sends a chunk."""
        if chunk.text is not None and not chunk.cut:  # nearly all
            return Send(chunk.text.encode())
        if chunk.cut and self.response is not None and self.response.framing == "chunked":
            size = chunk.of if chunk.of is not None else len(chunk.data) + 1
            return Raw(b"%x\r\n%b" % (size, chunk.data))
        return Send(chunk.data)

    def _endings(self, *, answered: bool) -> Iterator[Action]:
        end = self.end
        if end is None:
            yield Fin()
            return
        if end.data:
            yield Raw(end.data)
        yield self._last(end, answered=answered)

    def _last(self, end: Ending, *, answered: bool) -> End | Fin | Reset | Hang | Refuse:
        cause = end.cause
        if cause == "unreachable":
            return Refuse()
        if self.response is not None and (cause == "complete" or (cause == "cancelled" and answered)):
            return End(end.trailers)
        if cause in ("timeout", "cancelled"):
            return Hang()
        return Reset() if cause == "reset" or cause.startswith("h2_reset") else Fin()


class Kept(msgspec.Struct, frozen=True):
    """A line that is written back as it was read: a comment, an unknown kind, or a known one with unknown keys."""

    raw: bytes
    line: Line | None = None


Entry: TypeAlias = Line | Kept


class Recording(msgspec.Struct, kw_only=True):
    """One captured session: its lines as they stand in the file, and the exchanges they tell of.

    Attributes:
        header: The first line.
        entries: All other lines, in order.
        exchanges: What the lines say, in the order of their requests.
        source: The file, for messages.
        torn: The last line was cut in the middle, as a killed recorder leaves it.

    """

    header: Header | Kept
    entries: tuple[Entry, ...]
    exchanges: tuple[Exchange, ...]
    source: str = "<recording>"
    torn: bool = False

    def exchange(self, number: int) -> Exchange:
        """Return exchange ``number``.

        Raises:
            RecordingError: There is none.

        """
        for exchange in self.exchanges:
            if exchange.number == number:
                return exchange
        known = ", ".join(str(exchange.number) for exchange in self.exchanges) or "none"
        raise RecordingError(self.source, f"there is no exchange {number}", f"it has {known}")
