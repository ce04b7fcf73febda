"""Ruby's VCR: YAML with ``http_interactions``; a body is ``string`` or ``base64_string``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.importers import vcrpy
from streamsim.recording.importers.shapes import rows, table, text

if TYPE_CHECKING:
    from streamsim.recording.importers.file import File
    from streamsim.recording.importers.found import Found


def owns(file: File) -> bool:
    """Tell by ``http_interactions``."""
    return "http_interactions" in table(file.document)


def found(file: File) -> list[Found]:
    """Return the exchanges."""
    interactions = rows(table(file.document).get("http_interactions"))
    return [vcrpy.exchange(row, url=text(table(row.get("request")).get("uri"))) for row in interactions]
