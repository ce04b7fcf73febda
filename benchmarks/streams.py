"""Event streams for the parsers: seeded, each of one shape throughout."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from benchmarks.inputs import SEED, words

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE = 150
_OPEN = '{"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" '
_SHUT = '"},"finish_reason":null}],"model":"'


def cut(frames: Iterable[bytes], size: int) -> list[bytes]:
    """Return ``frames`` as reads of ``size`` bytes; the last one may be shorter."""
    data = b"".join(frames)
    return [data[start : start + size] for start in range(0, len(data), size)]


def events_of_150_bytes(count: int) -> list[bytes]:
    """Return ``count`` one-line events like those of OpenAI, each of exactly 150 bytes."""
    told = (f"data: {_OPEN}{word}{_SHUT}" for word in islice(words(SEED), count))
    return [f'{text:m<{SIZE - 4}}"}}\n\n'.encode() for text in told]


def crlf(count: int) -> list[bytes]:
    """Return the same events with CRLF for every line end."""
    return [frame.replace(b"\n", b"\r\n") for frame in events_of_150_bytes(count)]


def two_lines(count: int) -> list[bytes]:
    """Return ``count`` events like those of Anthropic: a name and data."""
    told = (
        f'event: content_block_delta\ndata: {{"type":"content_block_delta","index":0,"delta":'
        f'{{"type":"text_delta","text":" {word} and"}}}}\n\n'
        for word in islice(words(SEED), count)
    )
    return [text.encode() for text in told]


def non_ascii(count: int) -> list[bytes]:
    """Return ``count`` one-line events whose text has characters of two, three and four bytes."""
    told = (
        f'data: {{"content":" {word} токен 你好 🙂","object":"chat.completion.chunk","model":"m"}}\n\n'
        for word in islice(words(SEED), count)
    )
    return [text.encode() for text in told]


def mixed(count: int) -> list[bytes]:
    """Return ``count`` events: every third has an id, a name and two data lines; a comment before every tenth."""
    frames: list[bytes] = []
    for nth, frame in enumerate(events_of_150_bytes(count)):
        if nth % 10 == 0:
            frames.append(b": keep-alive\n\n")
        frames.append(
            b'id: %d\nevent: delta\ndata: {"text":" pad",\ndata: "x":"y"}\n\n' % nth if nth % 3 == 0 else frame
        )
    return frames


def one_line(kilobytes: int) -> bytes:
    """Return one event of one line, ``kilobytes`` KiB long in all."""
    return b"data: " + b"x" * (kilobytes * 1024 - 8) + b"\n\n"
