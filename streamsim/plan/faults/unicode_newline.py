"""A character inside the text that some call a line end, and the standard does not."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_value

_CHARACTERS = {"2028": "\u2028", "2029": "\u2029", "0085": "\u0085", "000b": "\x0b", "000c": "\x0c"}
_TEXT = re.compile(rb'"(?:content|text|delta|thinking|reasoning|reasoning_content|refusal)" ?: ?"(?=[^"])')


class UnicodeNewline(Altering, frozen=True, kw_only=True, tag="unicode_newline"):
    """Put a character, raw, at the beginning of an event's text; by default in every event.

    The text is the first JSON string that a provider's text stands in, under ``content``, ``text``, ``delta`` and the
    like; an event without one is left alone, and so is ``[DONE]``. Data that is no JSON is text.

    Attributes:
        char: Its code point. U+000B and U+000C are not lawful in JSON strings, raw; the others are.

    """

    char: Literal["2028", "2029", "0085", "000b", "000c"] = "2028"

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "the same events, with the character in their data"
    rows: ClassVar[tuple[str, ...]] = ("C6",)
    incidents: ClassVar[tuple[str, ...]] = (
        "florimondmanca/httpx-sse#34",
        "modelcontextprotocol/python-sdk#1356",
        "BerriAI/litellm#30602",
    )

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with the character in it."""
        value = data_value(frame)
        if value is None:
            return frame
        place = value[0]
        if frame[place : place + 1] in (b"{", b"["):
            match = _TEXT.search(frame, *value)
            place = match.end() if match is not None else 0
        return frame[:place] + _CHARACTERS[self.char].encode() + frame[place:] if place else frame
