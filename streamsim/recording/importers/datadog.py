"""A JSON object with one ``request`` and one ``response``, as Datadog's test agent and others like it store them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.importers import vcrpy
from streamsim.recording.importers.shapes import table, text

if TYPE_CHECKING:
    from streamsim.recording.importers.file import File
    from streamsim.recording.importers.found import Found


def owns(file: File) -> bool:
    """Tell by ``request`` and ``response`` side by side."""
    return {"request", "response"} <= table(file.document).keys()


def found(file: File) -> list[Found]:
    """Return the exchange."""
    row = table(file.document)
    request = table(row.get("request"))
    return [vcrpy.exchange(row, url=text(request.get("url") or request.get("uri")))]
