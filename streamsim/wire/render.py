"""A timeline as text: for people, line by line, and for programs.

The laws: one line a step, whatever its bytes are; no line is wider than asked; the same timeline gives the same text
under every Python, so the interpreter's Unicode tables, which change, are not asked.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from streamsim.units import format_duration
from streamsim.wire.actions import End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.wire.actions import Action
    from streamsim.wire.steps import Step, Timeline

_HEADING = f"{'step':>4} {'at ms':>10} {'gap ms':>10}  {'do':<6} {'chunk':>5} {'bytes':>7}  what"

# What could move the cursor, hide, or reorder the text around it; and the backslash, so that escapes are unambiguous.
_HIDDEN = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_DEEDS: dict[type[Action], str] = {
    End: "the body is complete",
    Fin: "close without completing the body",
    Reset: "reset the connection (RST)",
    Hang: "until the client leaves",
    Refuse: "refuse the connection",
    Ignore: "never answer the connection attempt",
}


def escape(char: str) -> str:
    r"""Return one character spelt in ASCII: ``\n``, ``\x1b``, ``\u200b``; ``\x80`` to ``\xff`` are left for bytes."""
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Return ``text`` on one line, with all that a terminal would obey or hide escaped, and backslashes doubled."""
    return _HIDDEN.sub(lambda match: escape(match[0]), text)


def clip(text: str, cells: int) -> str:
    """Return ``text``, cut with an ellipsis where it needs more than ``cells`` columns of a terminal.

    Characters from U+1100 on count as two columns, which for some is one too many, and never too few.
    """
    if text.isascii() and len(text) <= cells:
        return text
    used = fits = 0
    for length, char in enumerate(text, 1):
        used += 2 if char >= "\u1100" else 1
        if used > cells:
            return text[:fits] + "…" if cells > 0 else ""
        if used < cells:
            fits = length  # and there is room for the ellipsis
    return text


def preview(data: bytes, cells: int) -> str:
    r"""Return the beginning of ``data`` on one line, at most ``cells`` columns wide; what is no UTF-8 as ``\xNN``."""
    # No character has more than four bytes, so what is cut off here could not be shown.
    start = data[: 4 * max(cells, 0) + 4]
    text = start.decode("utf-8", "surrogateescape")
    return clip(_HIDDEN.sub(lambda match: _escape_byte(match[0]), text), cells)


def render(timeline: Timeline, *, width: int = 100) -> str:
    """Return a heading and one line a step, each at most ``width`` columns wide, without a last line end.

    Times and gaps are in milliseconds, cut to whole microseconds; ``chunk`` is the recorded chunk that a step carries.
    """
    return "\n".join(rendered_lines(timeline, width=width))


def rendered_lines(timeline: Timeline, *, width: int = 100) -> Iterator[str]:
    """Yield the lines of the same, each made as it is asked for."""
    yield clip(_HEADING, width)
    before_ns = 0
    for number, step in enumerate(timeline):
        yield _line(number, step, step.at_ns - before_ns, width)
        before_ns = step.at_ns


def as_data(timeline: Timeline) -> list[dict[str, object]]:
    """Return the steps as plain data: times as ``at_ns``, bytes as ``text`` where they are UTF-8, else as ``b64``."""
    return [
        {
            "step": number,
            "at_ns": step.at_ns,
            "do": name(step.action),
            **({"chunk": step.origin} if step.origin >= 0 else {}),
            **_fields(step.action),
        }
        for number, step in enumerate(timeline)
    ]


def name(action: Action) -> str:
    """Return what ``action`` is called: ``head``, ``send``, ``fin``."""
    return type(action).__name__.lower()


def _line(number: int, step: Step, gap_ns: int, width: int) -> str:
    action = step.action
    chunk = str(step.origin) if step.origin >= 0 else ""
    size = str(len(action.data)) if isinstance(action, Send | Raw) else ""
    columns = f"{number:>4} {_ms(step.at_ns):>10} {'+' + _ms(gap_ns):>10}  {name(action):<6} {chunk:>5} {size:>7}  "
    return clip(columns + _what(action, width - len(columns)), width)


def _ms(ns: int) -> str:
    us = ns // 1000
    return f"{us // 1000}.{us % 1000:03d}"


def _what(action: Action, cells: int) -> str:
    if isinstance(action, Send | Raw):
        return preview(action.data, cells)
    if isinstance(action, Head):
        headers = "".join(f", {key}: {value}" for key, value in action.headers)
        return visible(f"HTTP/{action.http} {action.status} {action.reason}".rstrip() + f" ({action.framing}){headers}")
    if isinstance(action, Hang) and action.for_ns is not None:
        return f"for {format_duration(action.for_ns)}, then close"
    trailers = action.trailers if isinstance(action, End) else ()
    return visible(_DEEDS[type(action)] + "".join(f", {key}: {value}" for key, value in trailers))


def _escape_byte(char: str) -> str:
    """Escape a character; one that stands for a byte (PEP 383) as that byte."""
    return f"\\x{ord(char) - 0xDC00:02x}" if char >= "\udc80" and char <= "\udcff" else escape(char)


def _fields(action: Action) -> dict[str, object]:
    if isinstance(action, Send | Raw):
        return _bytes(action.data)
    if isinstance(action, Head):
        fields: dict[str, object] = {"http": action.http, "status": action.status, "reason": action.reason}
        return {**fields, "framing": action.framing, "headers": [list(pair) for pair in action.headers]}
    if isinstance(action, End):
        return {"trailers": [list(pair) for pair in action.trailers]}
    return {"for_ns": action.for_ns} if isinstance(action, Hang) else {}


def _bytes(data: bytes) -> dict[str, object]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"b64": b64encode(data).decode()}
