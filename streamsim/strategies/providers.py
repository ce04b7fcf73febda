"""What providers send: answers drawn as scripts and written by their dialects, or taken from recordings.

Law: a stream drawn here is one that the provider's own writer makes; the same draw makes the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Reasoning, Refusal, Say, Text, ToolCall
from streamsim.rng import Rng
from streamsim.strategies.cutting import Chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.said import Part
    from streamsim.recording.model import Recording

_WORDS: Final = ("Hello", " world", "é", "🙂", " naïve", "\n", "\u2028", ' "quoted"', "{", "[DONE]", "data: x", "好")


def says() -> st.SearchStrategy[Say]:
    """Return scripts: a little text, perhaps thoughts before it, perhaps a tool call or a refusal."""
    text = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map("".join)
    parts: st.SearchStrategy[Part] = st.one_of(
        text.map(Text), text.map(Reasoning), text.map(Refusal), st.just(ToolCall("weather", '{"city":"Köln"}'))
    )
    return st.lists(parts, min_size=1, max_size=3).map(lambda drawn: Say(tuple(drawn)))


def provider_streams(
    *dialects: str, recordings: Sequence[Recording] = (), said: st.SearchStrategy[Say] | None = None
) -> st.SearchStrategy[Chunks]:
    """Return event streams of providers, in the chunks in which they send them.

    Args:
        dialects: Names of dialects; by default all that are written as event streams, unless there are ``recordings``.
        recordings: Their event streams are drawn, too.
        said: What is said; by default `says`.

    Raises:
        ValueError: There is no such dialect, it is not written, or not as an event stream; or nothing is left to draw.

    """
    names = dialects or (() if recordings else tuple(_written()))
    unknown = [name for name in names if name not in _written()]
    if unknown:
        raise ValueError(f"no event stream is written in {', '.join(unknown)}; there are {', '.join(_written())}")
    recorded = [chunks for recording in recordings for chunks in _recorded(recording)]
    if not names and not recorded:
        raise ValueError("the recordings hold no event stream")
    sources: list[st.SearchStrategy[Chunks]] = []
    if names:
        drawn = st.tuples(st.sampled_from(names), says() if said is None else said, st.integers(0, 7))
        sources.append(drawn.map(lambda three: _write(*three)))
    if recorded:
        sources.append(st.sampled_from(recorded))
    return st.one_of(sources)


def _written() -> list[str]:
    """Return the names of the dialects that are written as event streams."""
    found: list[str] = []
    for dialect in BY_NAME.values():
        if dialect.writer is not None:
            headers = dialect.writer.headers(Rng(0), stream=True)
            if any(key.lower() == "content-type" and "event-stream" in value for key, value in headers):
                found.append(dialect.name)
    return found


def _write(name: str, say: Say, seed: int) -> Chunks:
    writer = BY_NAME[name].writer
    return Chunks() if writer is None else Chunks(written.data for written in writer.write(say, Rng(seed)))


def _recorded(recording: Recording) -> list[Chunks]:
    return [
        Chunks(chunk.data for chunk in exchange.chunks)
        for exchange in recording.exchanges
        if exchange.response is not None
        and any(key.lower() == "content-type" and "event-stream" in value for key, value in exchange.response.headers)
    ]
