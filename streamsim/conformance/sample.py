"""An example stream as a structure, so that what it holds can be named.

Law: a sample is its lines, and how they are cut; its bytes follow.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line: ``name``, ``sep`` (a colon with or without a space, or nothing), ``value``. A blank line has none."""

    name: bytes = b""
    sep: bytes = b""
    value: bytes = b""

    @property
    def text(self) -> bytes:
        """The line without its end."""
        return self.name + self.sep + self.value

    @property
    def blank(self) -> bool:
        """There is nothing on it."""
        return not (self.name or self.sep or self.value)


class Sample(NamedTuple):
    """One stream and its cuts.

    Attributes:
        mark: What stands before the first line: a byte order mark, two, or nothing.
        lines, ends: Lines and the end of each.
        rest: An unfinished last line.
        cuts: Offsets, in order; two equal ones make an empty chunk.

    """

    mark: bytes = b""
    lines: tuple[Line, ...] = ()
    ends: tuple[bytes, ...] = ()
    rest: bytes = b""
    cuts: tuple[int, ...] = ()

    @property
    def data(self) -> bytes:
        """The bytes, uncut."""
        parts = [self.mark]
        for (name, sep, value), end in zip(self.lines, self.ends, strict=True):
            parts += name, sep, value, end
        return b"".join([*parts, self.rest])

    @property
    def chunks(self) -> tuple[bytes, ...]:
        """The bytes, cut."""
        data = self.data
        return tuple(data[start:end] for start, end in pairwise((0, *self.cuts, len(data))))

    @property
    def sound(self) -> bool:
        """Its lines are those that a reader sees: no CR is followed by the LF of a blank line."""
        return not any(
            end == b"\r" and line.blank and after == b"\n"
            for end, line, after in zip(self.ends, self.lines[1:], self.ends[1:], strict=False)
        )

    @property
    def normal(self) -> Sample:
        """The same bytes, with one byte order mark as a mark, and what follows as a part of the first line."""
        data = self.mark + (self.lines[0].text if self.lines else self.rest)
        if not data.startswith(BOM) or self.mark == BOM:
            return self
        if self.lines:
            return self._replace(mark=BOM, lines=(line_of(data[len(BOM) :]), *self.lines[1:]))
        return self._replace(mark=BOM, rest=data[len(BOM) :])


def line_of(text: bytes) -> Line:
    """Return ``text`` as a line."""
    name, colon, value = text.partition(b":")
    if value[:1] == b" " and name:
        return Line(name, b": ", value[1:])
    return Line(name, colon, value)
