"""Gemini's ``streamGenerateContent`` without ``alt=sse``: the same responses as one JSON array, written piece by piece.

As recorded: ``[`` before the first response, a line with a comma, CRLF-ended, between two, ``]`` after the last; each
response is spread over lines. The official Python SDK never asks for this form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects.known._gemini_writing import GeminiWriter
from streamsim.dialects.known.gemini import Gemini

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Failure


class _ArrayWriter(GeminiWriter):
    """One JSON array."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", "/v1beta/models/{model}:streamGenerateContent"),
        ("POST", "/v1beta/models/{model}:generateContent"),
    )
    content_type: ClassVar[str] = "application/json; charset=UTF-8"
    tail: ClassVar[bytes] = b"]"

    def framed(self, chunk: dict[str, object], *, first: bool) -> bytes:
        """Return an element, with what stands before it."""
        return (("[" if first else ",\r\n") + self.spelt(chunk, indent=2) + "\n").encode()

    def error_frame(self, failure: Failure, *, first: bool) -> bytes:
        """Return the error as the last element."""
        return super().error_frame(failure, first=first) + self.tail


class GeminiArray(Gemini):
    """``POST /v1beta/models/{model}:streamGenerateContent``."""

    name: ClassVar[str] = "gemini-array"
    family: ClassVar[str] = "gemini"
    writer: ClassVar[Writer | None] = _ArrayWriter()

    def suits(self, clues: Clues) -> bool:
        """Tell by the content type."""
        return clues.header("content-type").startswith("application/json")


DIALECTS = (GeminiArray(),)
