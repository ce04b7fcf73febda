"""The lines and pieces of which samples are made, simplest first, each as often as it is worth.

Law: a table's order is that of simplicity, because shrinking goes down it.
"""

from __future__ import annotations

from typing import Final

from streamsim.conformance.sample import BOM, Line, line_of

DATA: Final = Line(b"data", b": ", b"a")
BLANK: Final = Line()

_VALUES: Final = (
    b"b", b"", b"cd", b"a b", b"x:y", b":x", b" a", b"  a", b"a ", b"\ta", b"a\t", b" ", b"\xc3\xa9", b"\xe2\x82\xac",
    b"\xf0\x9f\x99\x82", b"a\xe2\x80\xa8b", b"a\xe2\x80\xa9b", b"a\xc2\x85b", b"a\x0bb", b"a\x0cb", b"a\x1cb",
    b"a\x1db",
    b"a\x1eb", b"\xe2\x80\xa8", b"a\xe2\x80\xa8", b"\xc2\xa0a", b"a\xc2\xa0", b"\xe3\x80\x80a", b"a\xef\xbb\xbfb",
    BOM + b"a", b"a\x00b", b"\x00", b"a\x1fb", b"a\x7fb", b"\xff", b"a\xffb", b"\xe2\x82", b"a\xe2\x82", b"\xf0\x9f",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xc0\xaf", b"\x80", b"[DONE]", b"null", b"{}", b"data: x", b"event: x", b"\\n", b'"a"',
    b"false", b"0",
    b"undefined", b"a" * 30,
)  # fmt: skip

PIECES: Final = (
    b"a", b"b", b" ", b":", b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x99\x82", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0c",
    b"\x1d", b"\xc2\xa0", BOM, b"\x00", b"\xff", b"\xe2", b"\xe2\x82", b"\x80", b"\t", b"data", b"id",
    b"\xf0\x9f\x98",
)  # fmt: skip

_EVENTS: Final = (
    b"t", b"", b"message", b"error", b"ping", b" t", b"t ", b"a:b", b"\xc3\xa9", b"a\xe2\x80\xa8b", b"\xff", b"end",
    b"open", b"done",
    b"close", b"\tt", b"a\x0bb",
)  # fmt: skip
_IDS: Final = (
    b"1",
    b"2",
    b"",
    b"0",
    b"\x00",
    b"1\x00",
    b"1\x002",
    b" 1",
    b"1 ",
    b"\xc3\xa9",
    b"a\xe2\x80\xa8b",
    b"a:b",
    b"\xff",
    b"-1",
    b"null",
)
_RETRIES: Final = (
    b"5", b"10", b"0", b"10x", b"", b"x", b"-1", b"+1", b"1_0", b" 5", b"5 ", b"1.5", b"1e3", b"0x1", b"\xc2\xb2",
    b"\xd9\xa1\xd9\xa2\xd9\xa3", b"9" * 30, b"9" * 12, b"9" * 5000, b"\xef\xbc\x91", b"\xff", b"1\x00",
)  # fmt: skip
_COMMENTS: Final = (
    b"",
    b" c",
    b"c",
    b"data: x",
    b" data: x",
    b":",
    b"\xc3\xa9",
    b"\xe2\x80\xa8data: x",
    b"\xff",
    b"event: x",
    b"id: 9",
)
_UNKNOWN: Final = (
    b"foo: x", b"foo", b"Data: x", b"DATA: x", b"datax: x", b" data: x", b"data : x", b"dat: x", b"xdata: x",
    b"\xc3\xa9: x",
    b"Event: x", b"ID: 9", b" ", b"  ", b"\t", BOM + b"data: x", b"data\x00: x", b"\xff: x", b"event : x", b" id: 9",
    b"da\xc2\x85ta: x",
    b"\xe2\x80\xa8", b"foo:", b"0",
)  # fmt: skip


def _fields(name: bytes, values: tuple[bytes, ...]) -> list[Line]:
    spaced = [Line(name, b": ", value) for value in values]
    return [*spaced, *(Line(name, b":", value) for value in values[:4] if value[:1] != b" "), Line(name)]


# 256 draws: which of the kinds below comes out of a byte.
LINES: Final[tuple[Line, ...]] = (
    BLANK,
    DATA,
    *_fields(b"data", _VALUES),
    *_fields(b"event", _EVENTS),
    *_fields(b"id", _IDS),
    *_fields(b"retry", _RETRIES),
    *(Line(b"", b":", text) for text in _COMMENTS),
    *map(line_of, _UNKNOWN),
)
