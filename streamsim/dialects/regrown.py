"""An event with another text in place of the only one by which an answer grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.dialects.spell import replaced, string_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.told import Told


def regrown(told: Told, data: str, paths: Iterable[Path], text: str) -> str | None:
    """Return JSON ``data``, which tells ``told``, with ``text`` at the one of ``paths`` where the growing text stands.

    None where it tells not exactly one text, thought, refusal or piece of arguments, or where that stands elsewhere.
    """
    growing = [piece.text for piece in told.pieces if piece.text and piece.kind not in ("media", "citation")]
    if len(growing) != 1:
        return None
    found = next((path for path in paths if string_at(data, path) == growing[0]), None)
    return None if found is None else replaced(data, (found,), text)
