"""What a plan promises a client, and what a client saw, worked out without any code of the server."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from streamsim.sse import parse
from streamsim.wire import End, Fin, Hang, Head, Raw, Reset, Send

if TYPE_CHECKING:
    from streamsim.plan.planner import Plan

Ended: TypeAlias = Literal["open", "fin", "reset", "silence", "refuse", "ignore"]

_SIZE = re.compile(rb"([0-9a-f]+)\r\n")
_OWN = re.compile(rb"x-streamsim-(plan|seed|attempt): .*\r\n")


@dataclass
class Seen:
    """One answer, taken apart by hand.

    Attributes:
        raw: All bytes.
        status: Of the head; 0 without a whole head.
        headers: Of the head, without those that the server adds.
        added: Those that the server adds.
        chunks: The whole HTTP chunks; without chunked framing the body as one.
        loose: What came that is no whole chunk.
        complete: The framing said that this was all.
        ended: What became of the connection.

    """

    raw: bytes
    ended: Ended
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    chunks: list[bytes] = field(default_factory=list)
    loose: bytes = b""
    complete: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def plain(self) -> bytes:
        """The body, decoded as far as that is possible."""
        return zlib.decompressobj(wbits=31).decompress(self.body)

    @property
    def events(self) -> list[str]:
        """The data of each event that a conforming reader has."""
        return [event.data for event in parse(self.body)]


def seen(raw: bytes, ended: Ended) -> Seen:
    """Take apart what came."""
    one = Seen(raw, ended)
    head, blank, rest = raw.partition(b"\r\n\r\n")
    if not blank:
        one.loose = raw
        return one
    line, *fields = head.decode("latin-1").split("\r\n")
    pairs = [(name, value) for name, _, value in (text.partition(": ") for text in fields)]
    one.status = int(line.split(" ")[1])
    one.headers = tuple(pair for pair in pairs if not pair[0].startswith("x-streamsim-"))
    one.added = tuple(name for name, _ in pairs if name.startswith("x-streamsim-"))
    named = {name.lower(): value for name, value in pairs}
    if named.get("transfer-encoding") == "chunked":
        _chunks(one, rest)
    elif "content-length" in named:
        length = int(named["content-length"])
        one.complete = len(rest) >= length
        one.chunks, one.loose = [rest[:length]], rest[length:]
    else:
        one.chunks = [rest]
    return one


def _chunks(one: Seen, rest: bytes) -> None:
    while match := _SIZE.match(rest):
        size, start = int(match[1], 16), match.end()
        if rest[start + size : start + size + 2] != b"\r\n":
            break
        data, rest = rest[start : start + size], rest[start + size + 2 :]
        if not size:
            one.complete = True
            break
        one.chunks.append(data)
    one.loose = rest


def own_headers(plan: Plan) -> bytes:
    """Return the header lines that the server adds to a head."""
    told = {"plan": plan.plan_id, "seed": plan.seed, "attempt": plan.attempt}
    return b"".join(f"x-streamsim-{name}: {value}\r\n".encode() for name, value in told.items())


def promised(plan: Plan) -> list[bytes]:
    """Return the bytes of each step of ``plan``, with what the server adds to the head."""
    told: list[bytes] = []
    chunked = False
    for step in plan.timeline:
        action, wire = step.action, b""
        if isinstance(action, Head):
            final = action.status >= 200
            chunked = final and action.framing == "chunked"
            lines = [f"HTTP/{action.http} {action.status} {action.reason}", *map(": ".join, action.headers), ""]
            wire = "\r\n".join(lines).encode("latin-1") + (own_headers(plan) if final else b"") + b"\r\n"
        elif isinstance(action, Send):
            wire = f"{len(action.data):x}\r\n".encode() + action.data + b"\r\n" if chunked else action.data
        elif isinstance(action, Raw):
            wire = action.data
        elif isinstance(action, End) and chunked:
            wire = "\r\n".join(["0", *map(": ".join, action.trailers), "", ""]).encode("latin-1")
        told.append(wire)
    return told


def promised_end(plan: Plan) -> Ended:
    """Return what becomes of the connection."""
    last = plan.timeline[-1].action
    if isinstance(last, Hang):
        return "silence" if last.for_ns is None else "fin"
    if isinstance(last, End):
        return "open" if _lives(plan) else "fin"
    if isinstance(last, Fin | Reset):
        return "fin" if isinstance(last, Fin) else "reset"
    return "refuse" if type(last).__name__ == "Refuse" else "ignore"


def _lives(plan: Plan) -> bool:
    """Tell whether the final head lets another answer follow."""
    head = [step.action for step in plan.timeline if isinstance(step.action, Head)][-1]
    named = {name.lower(): value.lower() for name, value in head.headers}
    return head.http == "1.1" and head.framing != "close" and named.get("connection") != "close"


def without_names(raw: bytes) -> bytes:
    """Return ``raw`` without the header lines that the server adds."""
    return _OWN.sub(b"", raw)


def promised_times(plan: Plan) -> list[tuple[int, bytes]]:
    """Return what is written at each instant at which something is."""
    told: dict[int, bytes] = {}
    for step, wire in zip(plan.timeline, promised(plan), strict=True):
        told[step.at_ns] = told.get(step.at_ns, b"") + wire
    return [(at_ns, wire) for at_ns, wire in told.items() if wire]
