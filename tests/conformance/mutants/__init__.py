"""Parsers with one fault each, as people write them: what a small right parser does otherwise.

The table says which rule each breaks, and the feature that is its root cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.mutants import blocks, fields, lines, plain, streams

if TYPE_CHECKING:
    from collections.abc import Callable

MUTANTS: Final[list[tuple[Callable[[], plain.Plain], list[tuple[str, str]]]]] = [
    (plain.Plain, []),
    (lines.OnlyLf, [("line-ends", "cr"), ("line-ends", "crlf")]),
    (lines.NoCr, [("line-ends", "cr")]),
    (lines.CrlfTwice, [("chunks", "cut-crlf")]),
    (lines.Splitlines, [("line-ends", "separators")]),
    (lines.WaitsAfterCr, [("promptness", "late")]),
    (lines.BlockRegex, [("line-ends", "mixed")]),
    (lines.KeepsMark, [("bom", "bom")]),
    (lines.DropsMarks, [("bom", "bom-inside")]),
    (lines.MarkOfChunks, [("bom", "bom-inside")]),
    (lines.DecodesChunks, [("utf-8", "cut-character")]),
    (lines.Strict, [("utf-8", "invalid")]),
    (lines.Ignores, [("utf-8", "invalid")]),
    (lines.Latin, [("utf-8", "characters")]),
    (fields.NeedsSpace, [("spaces", "no-space")]),
    (fields.KeepsSpace, [("fields", "")]),
    (fields.Strips, [("spaces", "space-first")]),
    (fields.StripsLeft, [("spaces", "space-first")]),
    (fields.StripsRight, [("spaces", "space-last")]),
    (fields.StripsLine, [("spaces", "space-last")]),
    (fields.SplitsColons, [("values", "colon")]),
    (fields.NeedsColon, [("fields", "no-colon")]),
    (fields.NoBareFields, [("fields", "no-colon")]),
    (fields.AnyCase, [("noise", "unknown-like")]),
    (fields.TrimsNames, [("noise", "name-space")]),
    (fields.Prefixes, [("noise", "unknown-like")]),
    (fields.NoComments, [("noise", "comment")]),
    (fields.RaisesAtUnknown, [("noise", "unknown")]),
    (blocks.WhiteIsBlank, [("noise", "white-line")]),
    (blocks.EveryBlankLine, [("noise", "blank-first")]),
    (blocks.AnyField, [("no-data", "no-data")]),
    (blocks.AfterId, [("no-data", "no-data-id")]),
    (blocks.KeepsName, [("no-data", "no-data-event")]),
    (blocks.NameLasts, [("fields", "event-forgotten")]),
    (fields.FirstName, [("fields", "twice")]),
    (fields.NameFirst, [("fields", "event-last")]),
    (fields.OwnIds, [("ids", "id-lasts")]),
    (fields.NoEmptyIds, [("ids", "id-empty")]),
    (fields.IdsWithNul, [("ids", "id-nul")]),
    (fields.Int, [("retry", "retry-bad")]),
    (fields.IntRaises, [("retry", "retry-bad")]),
    (fields.IsDigit, [("retry", "retry-bad")]),
    (fields.ParseInt, [("retry", "retry-bad")]),
    (fields.IntAsItIs, [("retry", "retry-huge")]),
    (blocks.LastLine, [("fields", "lines")]),
    (blocks.Joined, [("fields", "lines")]),
    (blocks.ExtraLf, [("fields", "")]),
    (blocks.IfData, [("empty-data", "empty-first")]),
    (blocks.StripsLf, [("empty-data", "empty-last")]),
    (blocks.SkipsEmptyLines, [("empty-data", "empty-inside")]),
    (blocks.NoEmptyEvents, [("empty-data", "empty-data")]),
    (streams.StopsAtDone, [("values", "words")]),
    (streams.SkipsDone, [("values", "words")]),
    (streams.ReadsJson, [("values", "words")]),
    (streams.CutsAtNul, [("values", "nul")]),
    (streams.NoErrors, [("values", "words")]),
    (streams.Flushes, [("end", "unfinished")]),
    (streams.Forgets, [("chunks", "cut")]),
    (streams.EveryChunkNew, [("chunks", "cut-line")]),
    (streams.OneAChunk, [("promptness", "late")]),
    (streams.FirstOfChunk, [("fields", "events")]),
    (streams.EmptyIsEnd, [("chunks", "cut-empty")]),
    (streams.OneLate, [("promptness", "late")]),
    (streams.SharedData, [("isolation", "shared-state")]),
    (streams.SharedId, [("isolation", "shared-state")]),
]
"""Each with what is to be found: rule and most telling feature."""
