"""What people see in a terminal: a stream as its reader would see it appear, and reports as tables.

The laws: what a recording holds is shown and never obeyed, so a control character other than LF and TAB is escaped;
deadlines are absolute, so waiting is never early and never drifts.
"""

from __future__ import annotations

import re
import time
from codecs import getincrementaldecoder
from io import TextIOWrapper
from typing import TYPE_CHECKING, Protocol, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamsim.analysis import text
from streamsim.clock.core import Clock
from streamsim.clock.drivers.realtime import RealClock
from streamsim.dialects import StreamReader, streams
from streamsim.dialects.content_encoding import decoder, header
from streamsim.units import SECOND, format_duration
from streamsim.wire import End, Fin, Hang, Head, Ignore, Raw, Refuse, Reset, Send
from streamsim.wire.render import escape, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from streamsim.analysis import ExchangeReport, Inspection
    from streamsim.plan.planner import Plan
    from streamsim.wire import Action, Framing, Headers, Step

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PRINTED = re.compile(r"text/|.*(json|xml|javascript|x-www-form-urlencoded)", re.ASCII)

# The longest single sleep: a recording may ask for centuries, the system refuses them.
_NAP_S = 3600.0

_ENDED: dict[type[Action], str] = {
    End: "ended complete",
    Fin: "ended with FIN before the body was complete",
    Reset: "ended with RST",
    Hang: "ended in silence (a hang)",
    Refuse: "connection refused",
    Ignore: "connection attempt never answered",
}

_STYLES = {
    r"\b(instant|natural|completed?)\b": "green",
    r"\b(noticeable|fast|slow)\b": "yellow",
    r"\b(sluggish|incomplete|cut short|reset|RST|fin|FIN|timeout|unreachable|protocol_error|salvaged)\b": "red",
}


class WaitingClock(Clock, Protocol):
    """A clock that can be waited on."""

    def wait_until_ns(self, deadline_ns: int) -> None:
        """Return when it is ``deadline_ns``, or at once when that is past; never early."""
        ...


class TerminalClock(RealClock):
    """The monotonic clock, waited on by sleeping."""

    __slots__ = ()

    def wait_until_ns(self, deadline_ns: int) -> None:
        """Sleep until it is ``deadline_ns``."""
        while (left_ns := deadline_ns - self.now_ns()) > 0:
            time.sleep(min(left_ns / SECOND, _NAP_S))  # noqa: TID251 - the driver itself


class Player:
    """Plays one plan.

    Attributes:
        interrupted: The user pressed Ctrl-C.

    """

    def __init__(self, plan: Plan, out: TextIO, clock: WaitingClock) -> None:
        self.interrupted = False
        self._plan = plan
        self._out = out
        self._clock = clock
        self._framing: Framing = "none"
        self._show: Callable[[bytes], str] = _nothing
        self._at_line_start = True
        self._played = 0
        self._bytes = 0
        self._status = 0
        self._streams = False
        self._ttft_ns: int | None = None

    def play(self) -> str:
        """Show every step when it is due, and return in one line what was seen.

        Ctrl-C ends it; what was seen by then is summed up.
        """
        started_ns = self._clock.now_ns()
        try:
            for step in self._plan.timeline:
                self._clock.wait_until_ns(started_ns + step.at_ns)
                self._do(step)
                self._played += 1
            self._hang(started_ns)
        except KeyboardInterrupt:
            self.interrupted = True
        if not self._at_line_start:
            self._write("\n")
        return self._summary(self._clock.now_ns() - started_ns)

    def _do(self, step: Step) -> None:
        action = step.action
        if isinstance(action, Head):
            self._status, self._framing = action.status, action.framing
            self._streams = streams(action.headers)
            self._show = shower(action.headers)
        elif isinstance(action, Send | Raw):
            data = action.data if isinstance(action, Send) else _unframed(action.data, self._framing)
            self._bytes += len(data)
            shown = self._show(data)
            if shown and self._ttft_ns is None:
                self._ttft_ns = step.at_ns
            self._write(harmless(shown))

    def _write(self, shown: str) -> None:
        if shown:
            self._out.write(shown)
            self._out.flush()
            self._at_line_start = shown.endswith("\n")

    def _hang(self, started_ns: int) -> None:
        """Wait out a hang that has an end; one that has none is over here, for nothing more would be seen."""
        last = self._plan.timeline[-1]
        if isinstance(last.action, Hang) and last.action.for_ns is not None:
            self._clock.wait_until_ns(started_ns + last.at_ns + last.action.for_ns)

    def _summary(self, elapsed_ns: int) -> str:
        plan = self._plan
        ended = "interrupted" if self.interrupted else _ENDED[type(plan.timeline[-1].action)]
        status = f"status {self._status}" if self._status else "no answer"
        return ", ".join([f"exchange {plan.exchange}: {status}", *self._seen(elapsed_ns), ended])

    def _seen(self, elapsed_ns: int) -> Iterator[str]:
        elapsed = format_duration(elapsed_ns)
        if not self._streams:
            yield f"{text.counted(self._bytes, 'byte')} in {elapsed}"
            return
        if self._ttft_ns is not None:
            yield f"TTFT {format_duration(self._ttft_ns)}"
        events = self._plan.events[self._played - 1] if self._played else 0
        yield f"{text.counted(events, 'event')} in {elapsed}"


def harmless(shown: str) -> str:
    """Return ``shown`` with all control characters but LF and TAB escaped."""
    return _CONTROLS.sub(lambda match: escape(match[0]), shown)


def shower(headers: Headers) -> Callable[[bytes], str]:
    """Return what turns the chunks of a body into what a reader sees of it.

    That is the content of an event stream in a known dialect, the data of all other events, one a line, and the text of
    any other body; of what is no text, only how much came.
    """
    if streams(headers):
        return _events(StreamReader(headers))
    kind = header(headers, "content-type")
    if kind and not _PRINTED.match(kind):
        return lambda data: f"[{text.counted(len(data), 'byte')} of {visible(kind)}]\n"
    decode = decoder(headers)
    read = getincrementaldecoder("utf-8")("replace")
    return lambda data: read.decode(decode(data))


def show(inspection: Inspection, out: TextIO) -> None:
    """Write a report: in colour on a terminal (``NO_COLOR`` is obeyed), else as plain text that never changes."""
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        out.write(text.plain(inspection) + "\n")
        out.flush()
        return
    console.print(_styled("\n".join(text.file_lines(inspection))), "", sep="\n")
    if len(inspection.exchanges) == 1 or inspection.whole:
        for nth, report in enumerate(inspection.exchanges):
            if nth:
                console.print()
            _print_details(console, report, whole=inspection.whole)
    elif inspection.exchanges:
        console.print(_overview(inspection), Text(text.HINT, "dim"), sep="\n")


def forgive(out: TextIO) -> TextIO:
    """Return ``out``, which from now on escapes what its encoding lacks instead of failing."""
    stream: object = out
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return out


def _nothing(_: bytes) -> str:
    return ""


def _events(reader: StreamReader) -> Callable[[bytes], str]:
    def shown(data: bytes) -> str:
        content = [item.content for item in reader.feed(data) if item.content]
        return "".join(f"{line}\n" for line in content) if reader.dialect.name == "generic" else "".join(content)

    return shown


def _unframed(raw: bytes, framing: Framing) -> bytes:
    """Return what a lenient reader takes from bytes outside the framing: the beginning of a chunk, if they are one."""
    size, line_end, data = raw.partition(b"\r\n")
    if framing != "chunked" or not line_end or not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
        return b""
    return data[: int(size, 16)]


def _styled(words: str) -> Text:
    styled = Text(words)
    for pattern, style in _STYLES.items():
        styled.highlight_regex(pattern, style)
    return styled


def _overview(inspection: Inspection) -> Table:
    table = Table(header_style="bold", box=None, padding=(0, 1, 0, 0))
    for name in text.OVERVIEW:
        # Where the window is narrow these give way, over several lines, and the numbers stay whole.
        folds = name in ("request", "verdict")
        table.add_column(name, justify="right" if name in text.NUMERIC else "left", no_wrap=not folds, overflow="fold")
    for row in text.overview(inspection):
        table.add_row(*map(_styled, row))
    return table


def _print_details(console: Console, report: ExchangeReport, *, whole: bool) -> None:
    console.print(Text(text.title(report), "bold"))
    console.print(_grid(text.details(report)))
    for caption, picture in text.drawings(report):
        console.print("", Text(f"  {caption}", "dim"), Text(picture, "cyan"), sep="\n", soft_wrap=True)
    for caption, words in text.whole_texts(report) if whole else ():
        console.print("", Text(f"  {caption}", "dim"), Text(words), sep="\n", soft_wrap=True)


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for label, words in rows:
        grid.add_row(Text(f"  {label}", "dim"), _styled(words))
    return grid
