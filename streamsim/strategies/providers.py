"""What providers send: answers drawn as scripts and written by their dialects, or taken from recordings.

Law: a stream drawn here is one that the provider's own writer makes; the same draw makes the same bytes.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Reasoning, Refusal, Say, Text, ToolCall
from streamsim.plan.say import USUAL
from streamsim.rng import Rng
from streamsim.strategies.cutting import Chunks
from streamsim.strategies.tapes import of, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.said import Part
    from streamsim.recording.model import Recording

_WORDS: Final = ("Hello", " world", "é", "🙂", " naïve", "\n", "\u2028", ' "quoted"', "{", "[DONE]", "data: x", "好")


_KINDS: Final[tuple[type[Text | Reasoning | Refusal], ...]] = (Text, Reasoning, Refusal)
_SAID: Final = 6
"""Bytes of a tape that a script takes, at most."""
_WHO: Final = 2
"""Bytes that say who writes it."""
_SEEDS: Final = 8
_NEW: Final = 128  # from here on, a byte begins another part
_CALL: Final = 224  # and from here on, a tool call is one


def says() -> st.SearchStrategy[Say]:
    """Return scripts: a little text, perhaps thoughts before it, perhaps a tool call or a refusal."""
    return told(_said, st.binary(max_size=_SAID))


def _said(tape: bytes) -> Say:
    """Return what a tape says: a word a byte, in the part that was begun last."""
    parts: list[Part] = []
    kind, words = _KINDS[0], list[str]()
    for byte in tape or b"\0":
        if byte >= _NEW:
            parts += [kind("".join(words))] if words else []
            kind, words = of(_KINDS, (byte - _NEW) // len(_WORDS)), []
        if byte >= _CALL:
            parts.append(ToolCall("weather", '{"city":"Köln"}'))
        else:
            words.append(of(_WORDS, byte % _NEW))
    return Say((*parts, *([kind("".join(words))] if words else [])))


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
    names = dialects or (() if recordings else _written())
    unknown = [name for name in names if name not in _written()]
    if unknown:
        raise ValueError(f"no event stream is written in {', '.join(unknown)}; there are {', '.join(_written())}")
    recorded = [chunks for recording in recordings for chunks in _recorded(recording)]
    if not names and not recorded:
        raise ValueError("the recordings hold no event stream")
    sources: list[st.SearchStrategy[Chunks]] = []
    if names:
        sources.append(_spoken(names, said))
    if recorded:
        sources.append(st.sampled_from(recorded))
    return sources[0] if len(sources) == 1 else st.one_of(sources)


@cache
def _written() -> tuple[str, ...]:
    """Return the names of the dialects that are written as event streams, the usual one first."""
    found: list[str] = []
    for dialect in sorted(BY_NAME.values(), key=lambda dialect: dialect.name != USUAL):
        if dialect.writer is not None:
            headers = dialect.writer.headers(Rng(0), stream=True)
            if any(key.lower() == "content-type" and "event-stream" in value for key, value in headers):
                found.append(dialect.name)
    return tuple(found)


def _spoken(names: Sequence[str], said: st.SearchStrategy[Say] | None) -> st.SearchStrategy[Chunks]:
    """Return what any of the dialects writes of what is ``said``; a script is drawn with who writes it, in one tape."""
    if said is not None:
        return told(partial(_write, names), st.binary(min_size=_WHO, max_size=_WHO), said)
    tapes = st.binary(min_size=_WHO, max_size=_WHO + _SAID)
    return told(lambda tape: _write(names, tape[:_WHO], _said(tape[_WHO:])), tapes)


def _write(names: Sequence[str], who: bytes, say: Say) -> Chunks:
    """Return what a dialect makes of a script: of two bytes, the first says which, the other the seed."""
    writer = BY_NAME[of(names, who[0])].writer
    return Chunks() if writer is None else Chunks(each.data for each in writer.write(say, Rng(who[1] % _SEEDS)))


def _recorded(recording: Recording) -> list[Chunks]:
    return [
        Chunks(chunk.data for chunk in exchange.chunks)
        for exchange in recording.exchanges
        if exchange.response is not None
        and any(key.lower() == "content-type" and "event-stream" in value for key, value in exchange.response.headers)
    ]
