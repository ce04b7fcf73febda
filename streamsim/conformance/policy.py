"""What a library does by design, so that what is left is a bug.

Law: a policy is data: it can be written down, sent to another process and compared.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

TEXT: Final = "TEXT"
"""What stands for a JSON string in `Policy.payload`."""
_FIELDS: Final = ("event", "id", "retry")


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By default a library keeps to the standard in all it has a place for.

    Attributes:
        fields: The fields that are read, of ``event``, ``id``, ``retry``; data always is. None: those that its events
            have a place for.
        done: Data of the event at which it stops, itself not delivered: ``[DONE]``; "" for none.
        flush: It delivers an unfinished last event when the stream ends.
        ids: ``last``: an event carries the last id seen, as the standard says; ``own``: only its own.
        payload: Data is decoded: a JSON text in which the word TEXT stands for a string, which is what the parser
            gives as data; "" where data is given as it is.
        block: Lines that every block with data has to have, such as ``event: output``; no other lines have their names.
        ndjson: Not an event stream but lines of JSON, each an event; `payload` says of which form.
        by_design: Names of rules and of features that are broken on purpose: findings there are marked so.

    """

    fields: frozenset[Literal["event", "id", "retry"]] | None = None
    done: str = ""
    flush: bool = False
    ids: Literal["last", "own"] = "last"
    payload: str = ""
    block: tuple[str, ...] = ()
    ndjson: bool = False
    by_design: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a payload without a place for text, and lines that are none of a block.

        Raises:
            ValueError: There is no such place, there are no JSON lines without one, or a line is not one of a field.

        """
        if self.payload and self.payload.count(TEXT) != 1:
            raise ValueError(f"payload must hold {TEXT} once, where the text stands, not {self.payload!r}")
        if self.ndjson and not self.payload:
            raise ValueError(f"ndjson needs a payload, such as '{{\"text\": {TEXT}}}'")

        for line in self.block:
            if line.partition(":")[0] not in _FIELDS or "\n" in line or "\r" in line:
                raise ValueError(f"block must hold lines of {', '.join(_FIELDS)}, not {line!r}")
        if self.block and self.ndjson:
            raise ValueError("ndjson has no blocks")

    @property
    def lead(self) -> bytes:
        """What stands before the data in every block."""
        return "".join(f"{line}\n" for line in self.block).encode()

    def led(self, data: bytes) -> bytes:
        """Return ``data``, of blocks with one data line each, with what has to stand before that."""
        return data.replace(b"data:", self.lead + b"data:")

    @property
    def simplest(self) -> bytes:
        """The simplest stream: one event."""
        before, after = self.around
        return before + (b'"a"' if self.payload else b"a") + after

    @property
    def around(self) -> tuple[bytes, bytes]:
        """What stands before and after the text in an event: the JSON string, where data is decoded."""
        if not self.payload:
            return self.lead + b"data: ", b"\n\n"
        before, after = self.payload.encode().split(TEXT.encode())
        return (before, after + b"\n") if self.ndjson else (self.lead + b"data: " + before, after + b"\n\n")
