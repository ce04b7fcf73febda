"""From the blocks of a file to reports, in one pass.

The laws: lines are checked as a whole read checks them, by the same code; interleaved exchanges are measured side by
side; memory holds one block, one meter for each open exchange, and the reports, of whose texts, unless asked for, only
the beginnings are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.analysis.hearing import BEGINNING
from streamsim.analysis.meter import Meter
from streamsim.analysis.report import Inspection
from streamsim.errors import RecordingError
from streamsim.recording.assemble import Assembler
from streamsim.recording.codec import Reader
from streamsim.recording.model import Header, Kept, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.analysis.report import ExchangeReport
    from streamsim.recording.model import Entry


class _Kind(msgspec.Struct):
    kind: str


def inspect(
    blocks: Iterable[bytes], *, source: str = "<recording>", salvage: bool = False, whole: bool = False
) -> Inspection:
    """Return what the recording in ``blocks``, which may be cut anywhere, tells of itself.

    Of each text that was streamed it keeps the beginning, or all of it if ``whole``.

    Raises:
        RecordingError: A line is bad. With ``salvage`` all before it is reported instead, unless it is the first line.

    """
    reader = Reader(source)
    survey = _Survey(source, None if whole else BEGINNING)
    salvaged = None
    try:
        for first_line, entries in reader.batches(blocks):
            survey.upstream = header_of(reader.require_header()).upstream
            survey.add(first_line, entries)
    except RecordingError as error:
        if not salvage or reader.header is None:
            raise
        salvaged = str(error)
    header = header_of(reader.require_header())
    reports = survey.reports()
    return Inspection(
        source=source,
        created=header.created,
        recorder=header.recorder,
        upstream=header.upstream,
        imported=header.imported,
        lacks=header.lacks,
        redacted=header.redacted,
        torn=reader.torn,
        salvaged=salvaged,
        comments=survey.comments,
        unknown=survey.unknown,
        exchanges_in_file=len(reports),
        whole=whole,
        exchanges=reports,
    )


class _Survey:
    """Gives lines to the meters of their exchanges.

    Attributes:
        comments: How many lines are comments.
        unknown: How many lines are of which unknown kind, by their first appearance.
        upstream: Whom the recorder asked, as the first line says.

    """

    def __init__(self, source: str, keep: int | None) -> None:
        self.comments = 0
        self.unknown: dict[str, int] = {}
        self.upstream = ""
        self._keep = keep
        self._assembler = Assembler(source)
        self._open: dict[int, Meter] = {}
        self._reports: dict[int, ExchangeReport | None] = {}  # in the order of requests; None while open

    def add(self, first_line: int, entries: list[Entry]) -> None:
        """Take lines.

        Raises:
            RecordingError: One is out of place. All before it is taken.

        """
        try:
            self._assembler.add(entries, first_line)
        finally:
            self._drain()

    def reports(self) -> tuple[ExchangeReport, ...]:
        """Return the reports of all exchanges; those still open were cut short."""
        for number, meter in self._open.items():
            self._reports[number] = meter.report()
        return tuple(report for report in self._reports.values() if report is not None)

    def _drain(self) -> None:
        for entry in self._assembler.entries:
            line = entry.line if isinstance(entry, Kept) else entry
            if isinstance(line, Request):
                self._reports[line.exchange] = None
                self._open[line.exchange] = Meter(self._assembler.exchanges[line.exchange], self._keep, self.upstream)
            elif line is None and isinstance(entry, Kept):
                self._note(entry.raw)
        self._assembler.entries.clear()
        for number, meter in tuple(self._open.items()):
            meter.take()
            if meter.ended:
                self._reports[number] = meter.report()
                del self._open[number]

    def _note(self, raw: bytes) -> None:
        if raw.startswith(b"#"):
            self.comments += 1
        elif raw.strip():
            kind = msgspec.json.decode(raw, type=_Kind).kind
            self.unknown[kind] = self.unknown.get(kind, 0) + 1


def header_of(header: Header | Kept) -> Header:
    """Return what the first line says."""
    return msgspec.json.decode(header.raw, type=Header) if isinstance(header, Kept) else header
