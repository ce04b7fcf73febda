"""Gemini on Vertex AI: the same responses, with the time they were made and the kind of traffic.

As recorded: ``usageMetadata.trafficType`` and ``createTime`` in every response, ``role`` before ``parts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects.known._gemini_writing import GeminiWriter
from streamsim.dialects.known.gemini import Gemini

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.sse import Event

_PROJECT = "/v1beta1/projects/example/locations/us-central1"
_MADE = "2026-01-01T00:00:00.000000Z"


class _VertexWriter(GeminiWriter):
    """Server-sent events with CRLF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", f"{_PROJECT}/publishers/google/models/{{model}}:streamGenerateContent?alt=sse"),
        ("POST", f"{_PROJECT}/publishers/google/models/{{model}}:generateContent"),
    )

    def spelt(self, chunk: dict[str, object], *, indent: int | None = None) -> str:
        """Return the response with what Vertex adds."""
        usage = chunk.get("usageMetadata")
        if isinstance(usage, dict):
            identity = chunk.pop("responseId")
            chunk |= {
                "usageMetadata": usage | {"trafficType": "ON_DEMAND"},
                "createTime": _MADE,
                "responseId": identity,
            }
        return super().spelt(chunk, indent=indent)


class Vertex(Gemini):
    """``POST /v1/projects/{project}/locations/{location}/publishers/google/models/{model}:streamGenerateContent``."""

    name: ClassVar[str] = "vertex"
    family: ClassVar[str] = "gemini"
    writer: ClassVar[Writer | None] = _VertexWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the kind of traffic, or the time with a version beside it."""
        return ('"trafficType"' in event.data or '"createTime"' in event.data) and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host or the publisher in the target."""
        return clues.host.endswith("aiplatform.googleapis.com") or "/publishers/google/" in clues.target


DIALECTS = (Vertex(),)
