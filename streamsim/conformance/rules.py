"""The rules, and where the standard says so.

Sections are those of the HTML living standard, "Server-sent events", unless another is named.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """What every parser must do.

    Attributes:
        name: In lower case with hyphens.
        section: Of the standard, or whose law it is.
        law: What is true of a parser that keeps it.

    """

    name: str
    section: str
    law: str


RULES: Final[tuple[Rule, ...]] = (
    Rule("fields", "9.2.6", "every field is read and every event delivered, with its data, name and id"),
    Rule("line-ends", "9.2.5", "LF, CRLF and CR each end a line, in any mixture, and nothing else does"),
    Rule("chunks", "9.2.6", "events do not depend on where the bytes were cut"),
    Rule("noise", "9.2.6", "comments, unknown fields and further blank lines change nothing"),
    Rule("no-data", "9.2.6", "a block without data delivers nothing and its event name is forgotten"),
    Rule("empty-data", "9.2.6", "empty data lines count: first, last and alone"),
    Rule("spaces", "9.2.6", "one space after the colon goes, and nothing else of a value"),
    Rule("bom", "9.2.5", "one byte order mark at the very beginning goes, no other does"),
    Rule("utf-8", "9.2.5", "bytes are decoded as UTF-8 incrementally, and what is none is replaced"),
    Rule("ids", "9.2.6", "an id lasts until another one, or an empty one, replaces it; one with NUL is ignored"),
    Rule("retry", "9.2.6", "only ASCII digits are a reconnection time; anything else is ignored"),
    Rule("values", "9.2.6", "any other character of a value comes out as it went in"),
    Rule("promptness", "9.2.6", "an event is delivered when its blank line arrives"),
    Rule("end", "9.2.6", "what is unfinished when the stream ends is discarded"),
    Rule("no-crash", "9.2.5", "no stream makes a parser raise"),
    Rule("no-hang", "9.2.5", "every stream that ends is read to its end"),
    Rule("isolation", "9.2.2", "streams know nothing of each other, at the same time or one after the other"),
    Rule("reconnect", "9.2.3", "a connection begins afresh: nothing that the last one left unfinished is seen"),
    Rule(
        "content-type", "9.2.3", "parameters of the content type change nothing, and what it says of a charset neither"
    ),
    Rule("linear-time", "(ours)", "time grows with the bytes, however they are cut"),
    Rule("bounded-memory", "(ours)", "what was delivered is let go of"),
    Rule("deltas", "(ours)", "the text of an answer does not depend on how its bytes were cut"),
)


def rule(name: str) -> Rule:
    """Return the rule ``name``.

    Raises:
        ValueError: There is none.

    """
    for each in RULES:
        if each.name == name:
            return each
    raise ValueError(f"no rule {name!r}; there are {', '.join(each.name for each in RULES)}")
