"""Bytes that are no UTF-8, inside the data."""

from __future__ import annotations

from typing import ClassVar

from streamsim.errors import UsageError
from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_middle


class InvalidUtf8(Altering, frozen=True, kw_only=True, tag="invalid_utf8"):
    """Put bytes halfway into an event's data, never inside a character; by default of the event halfway.

    Attributes:
        hex: The bytes, two hexadecimal digits each.

    """

    hex: str = "fffe"

    kinds = ("sse",)
    sees: ClassVar[str] = "U+FFFD in the data: the standard decodes with replacement"
    rows: ClassVar[tuple[str, ...]] = ("C8",)
    incidents: ClassVar[tuple[str, ...]] = ("openai/openai-python#2960", "abetlen/llama-cpp-python#57")

    def __post_init__(self) -> None:
        """Refuse what is no hexadecimal, and what is UTF-8 after all."""
        super().__post_init__()
        where, remedy = f"{self.name()}: hex", "write pairs of digits: fffe"
        try:
            bytes.fromhex(self.hex).decode()
        except UnicodeDecodeError:
            return
        except ValueError as error:
            raise UsageError(where, f"{self.hex!r} is no hexadecimal", remedy) from error
        raise UsageError(where, f"{self.hex!r} is UTF-8", remedy)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with the bytes in it."""
        middle = data_middle(frame)
        return frame if middle is None else frame[:middle] + bytes.fromhex(self.hex) + frame[middle:]
