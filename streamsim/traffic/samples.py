"""What recordings tell of a provider's times: of each answer its TTFT, its prompt's tokens, and its gaps.

Law: only answers that came well and have content count; times are those of the recording, which are whole microseconds.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from streamsim.dialects import read
from streamsim.recording.model import Header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Exchange, Recording

_NS = 1000  # in a microsecond


class Answered(NamedTuple):
    """One answer.

    Attributes:
        ttft_ns: Request to first content.
        prompt: Tokens of the prompt, as the provider counts them; None where it does not tell.
        gaps_ns: Between successive chunks with content.

    """

    ttft_ns: int
    prompt: int | None
    gaps_ns: tuple[int, ...]


def samples(recordings: Iterable[Recording]) -> list[Answered]:
    """Return what each answer of ``recordings`` tells, in their order."""
    found: list[Answered] = []
    for recording in recordings:
        upstream = recording.header.upstream if isinstance(recording.header, Header) else ""
        found += [one for exchange in recording.exchanges if (one := _answered(exchange, upstream)) is not None]
    return found


def _answered(exchange: Exchange, upstream: str) -> Answered | None:
    response = exchange.response
    if response is None or not 200 <= response.status < 300:
        return None
    reading = read(exchange, upstream)
    chunks = reading.content_chunks
    if not chunks:
        return None
    head_us = sum(info.dt_us for info in exchange.infos) + response.dt_us
    times = [head_us + at_us for at_us in accumulate(chunk.dt_us for chunk in exchange.chunks)]
    content = [times[chunk] * _NS for chunk in chunks]
    gaps = tuple(after - before for before, after in pairwise(content))
    return Answered(content[0], reading.answer().usage.input, gaps)
