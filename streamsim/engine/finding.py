"""Which exchanges answer a request, recorded and written ones together, streamed and whole ones.

A recorded request that is equal comes first, then what was written, then what was recorded and is like it. Of recorded
answers one comes first that is streamed or whole as the request wants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.asking import streamed_at
from streamsim.dialects.known import WHOLE_AT
from streamsim.engine.match import find
from streamsim.engine.scripted import answering, written_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.engine.match import Asked, Candidate, Mode


def found(known: Sequence[Candidate], asked: Asked, mode: Mode) -> list[Candidate]:
    """Return the exchanges that answer ``asked``, in the order they are to be used; none when none does."""
    if mode == "order":
        return find(known, asked, mode)
    written = [candidate for candidate in known if written_in(candidate)]
    if not written:
        return _recorded(known, asked, mode)
    recorded = [candidate for candidate in known if not written_in(candidate)]
    equal = find(recorded, asked, "strict")
    return equal or answering(written, asked) or _recorded(recorded, asked, mode)


def _recorded(known: Sequence[Candidate], asked: Asked, mode: Mode) -> list[Candidate]:
    there = find(known, asked, mode)
    if mode == "strict":
        return there
    if not there and (target := streamed_at(asked.target, WHOLE_AT)):
        return find(known, msgspec.structs.replace(asked, target=target), mode)
    paths = {candidate.path for candidate in there}
    beside = [candidate for candidate in known if candidate.path in paths and _answers(candidate)]
    streams = [candidate for candidate in beside if candidate.planner.can_be_whole(candidate.exchange.number)]
    if not streams or len(streams) == len(beside):
        return there
    spoken = streams[0].planner.outline(streams[0].exchange.number).spoken
    whole = spoken.asks_whole(asked.target, asked.body)
    fitting = [one for one in known if not _answers(one) or _streams(one) is not whole]
    better = find(fitting, asked, mode)
    return better if any(map(_answers, better)) else there


def _answers(candidate: Candidate) -> bool:
    """Tell whether it is more than an error."""
    response = candidate.exchange.response
    return response is not None and 200 <= response.status < 300


def _streams(candidate: Candidate) -> bool:
    return candidate.planner.outline(candidate.exchange.number).landed > 0
