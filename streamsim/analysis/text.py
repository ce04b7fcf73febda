"""A report in words: rows and lines that stay the same for the same recording.

The law: nothing from a recording reaches a terminal unescaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.analysis import histogram, strip
from streamsim.dialects.told import Usage
from streamsim.units import format_duration
from streamsim.wire.render import clip, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.analysis.hearing import Said, Tokens
    from streamsim.analysis.report import Answer, Content, ExchangeReport, Inspection, Stall
    from streamsim.analysis.verdict import Verdict
    from streamsim.dialects.told import Failure

OVERVIEW = ("#", "request", "status", "dialect", "events", "TTFT", "ITL p50", "tokens", "stop", "end", "verdict")
NUMERIC = frozenset(("#", "status", "events", "TTFT", "ITL p50", "tokens"))

HINT = "one of them in detail: --exchange N; all as data: --json"

_REQUEST = 40
_KIND = 18
_STOP = 14
_WORDS = 100

_ENDS = {
    None: "cut short: the recorder died",
    "complete": "complete",
    "fin": "closed (FIN) before the body was complete",
    "reset": "connection reset (RST)",
    "timeout": "the server fell silent and the recorder gave up",
    "cancelled": "the client left",
    "unreachable": "the server could not be reached",
    "protocol_error": "the server broke the protocol",
    "goaway": "the server took the connection back (GOAWAY)",
}


def file_lines(inspection: Inspection) -> list[str]:
    """Return what there is to say about the file as a whole."""
    lines = [f"{visible(inspection.source)}: {counted(inspection.exchanges_in_file, 'exchange')}"]
    lines += [f"  {visible(told)}" for told in _about(inspection)]
    return lines


def overview(inspection: Inspection) -> list[tuple[str, ...]]:
    """Return one row an exchange, for the columns of `OVERVIEW`."""
    return [_row(report) for report in inspection.exchanges]


def details(report: ExchangeReport) -> list[tuple[str, str]]:
    """Return all there is to say about one exchange, as (label, words)."""
    content = report.content
    told = [("answer", _answer(report))]
    told += [("dialect", _dialect(content))] if content is not None else []
    told.append(("size", _size(report)))
    if report.ttfb_ns is not None:
        told.append(("TTFB", format_duration(report.ttfb_ns)))
    if content is not None:
        told += _flow(content, report.answer.content_encoding if report.answer is not None else "")
    elif report.body_start:
        told.append(("body", report.body_start))
    told.append(("total", _total(report)))
    told += _heard(content) if content is not None else []
    told.append(("end", _end(report)))
    if report.offending:
        told.append(("offending", report.offending))
    return [*told, ("verdict", judged(report.verdict))]


def title(report: ExchangeReport) -> str:
    """Return which exchange it is, on one line."""
    return f"exchange {report.exchange}: {visible(report.method)} {visible(report.target)}"


def drawings(report: ExchangeReport) -> list[tuple[str, str]]:
    """Return pictures as (caption, lines): when events came, and how long the gaps between content were."""
    content = report.content
    if content is None or not content.events:
        return []
    over_time = [(f"events over {format_duration(report.total_ns)}", strip.draw(content.strip))]
    return [*over_time, ("gaps between content", histogram.draw(content.histogram))][: 2 if content.itl else 1]


def blocks(report: ExchangeReport, *, whole: bool) -> list[tuple[str, str]]:
    """Return what stands below the details: pictures, and texts where all of them is wanted."""
    return [*drawings(report), *(whole_texts(report) if whole else ())]


def whole_texts(report: ExchangeReport) -> list[tuple[str, str]]:
    """Return all that was said as (caption, lines)."""
    content = report.content
    if content is None:
        return []
    of_many = len(content.said) > 1
    return [
        (f"{caption}, choice {said.choice}" if of_many else caption, "\n".join(map(visible, words.split("\n"))))
        for said in content.said
        for caption, words in _texts(said)
    ]


def ended(cause: str | None) -> str:
    """Return ``cause`` in words."""
    if cause is not None and cause.startswith("h2_reset:"):
        return f"HTTP/2 stream reset ({visible(cause.removeprefix('h2_reset:'))})"
    return _ENDS[cause] if cause in _ENDS else visible(str(cause))


def failed(failure: Failure) -> str:
    """Return an error in words, unescaped: its type or code, and its message."""
    return ": ".join(dict.fromkeys(filter(None, (failure.type or failure.code, failure.message))))


def judged(verdict: Verdict) -> str:
    """Return ``verdict`` in words."""
    words = [f"{verdict.start} start"] if verdict.start else []
    words += [f"{verdict.pace} pace"] if verdict.pace else []
    return ", ".join([*words, "completed" if verdict.completed else "incomplete"])


def plain(inspection: Inspection) -> str:
    """Return the report as lines: one exchange in detail, several in a table."""
    lines = file_lines(inspection)
    if len(inspection.exchanges) == 1:
        lines += ["", *_plain_details(inspection.exchanges[0], whole=inspection.whole)]
    elif inspection.exchanges and inspection.whole:
        lines += [line for report in inspection.exchanges for line in ("", *_plain_details(report, whole=True))]
    elif inspection.exchanges:
        lines += ["", *_plain_table(overview(inspection)), "", HINT]
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 event``, ``2 events``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain_details(report: ExchangeReport, *, whole: bool) -> Iterator[str]:
    yield title(report)
    for label, words in details(report):
        yield f"  {label:<10} {words}"
    for caption, block in blocks(report, whole=whole):
        yield from ("", f"  {caption}", *(f"    {line}".rstrip() for line in block.split("\n")))


def _plain_table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(OVERVIEW, *rows, strict=True)]
    for row in (OVERVIEW, *rows):
        cells = zip(OVERVIEW, row, widths, strict=True)
        padded = [cell.rjust(width) if name in NUMERIC else cell.ljust(width) for name, cell, width in cells]
        yield "  ".join(padded).rstrip()


def _imported(inspection: Inspection) -> Iterator[str]:
    if inspection.imported:
        lacks = f", which does not tell {', '.join(inspection.lacks)}" if inspection.lacks else ""
        yield f"imported from {inspection.imported}{lacks}"


def _about(inspection: Inspection) -> Iterator[str]:
    made = [inspection.created, inspection.recorder and f"by {inspection.recorder}"]
    if any(made):
        yield " ".join(["recorded", *filter(None, made)])
    if inspection.upstream:
        yield f"from {inspection.upstream}"
    yield from _imported(inspection)
    if inspection.redacted:
        yield f"redacted: {', '.join(inspection.redacted)}"
    if inspection.comments:
        yield counted(inspection.comments, "comment")
    for kind, number in inspection.unknown.items():
        yield f"{counted(number, 'line')} of unknown kind {kind}"
    if inspection.torn:
        yield "cut short: the last line was cut in the middle"
    if inspection.salvaged:
        yield f"salvaged up to {inspection.salvaged}"


def _row(report: ExchangeReport) -> tuple[str, ...]:
    content, answer = report.content, report.answer
    verdict = report.verdict
    words = [*filter(None, (verdict.start, verdict.pace)), *([] if verdict.completed else ["incomplete"])]
    return (
        str(report.exchange),
        clip(f"{visible(report.method)} {visible(report.target)}", _REQUEST),
        str(answer.status) if answer else "-",
        content.dialect if content else _kind(answer),
        str(content.events) if content else "-",
        _brief(content.ttft_ns if content else None),
        _brief(content.itl.p50_ns if content and content.itl else None),
        _count(content.tokens) if content else "-",
        clip(visible(_stops(content.said)), _STOP) or "-" if content else "-",
        visible(report.cause) if report.cause is not None else "cut short",
        ", ".join(words) or "completed",
    )


def _kind(answer: Answer | None) -> str:
    """Return the media type, for what has no dialect."""
    kind = "" if answer is None else answer.content_type.partition(";")[0].strip()
    return clip(visible(kind), _KIND) or "-"


def _brief(ns: int | None) -> str:
    """Return a time in three digits, or as many as are before the point: ``52.4ms``."""
    if ns is None:
        return "-"
    time = format_duration(ns)
    number = time.rstrip("smun")
    whole = number.partition(".")[0]
    return number[: max(4, len(whole))].rstrip(".") + time[len(number) :]


def _answer(report: ExchangeReport) -> str:
    answer = report.answer
    if answer is None:
        return "none"
    told = [f"HTTP/{answer.http} {answer.status} {answer.reason}".rstrip(), f"framing {answer.framing}"]
    told += [answer.content_type or "no content type", answer.content_encoding]
    return visible(", ".join(filter(None, told)))


def _size(report: ExchangeReport) -> str:
    told = [counted(report.chunks, "chunk"), counted(report.bytes, "byte")]
    if report.content is not None:
        told += [counted(report.content.events, "event"), f"{counted(report.content.chunks, 'chunk')} with content"]
    return ", ".join(told)


def _flow(content: Content, encoding: str) -> Iterator[tuple[str, str]]:
    if encoding and not content.events:
        yield "note", f"no event could be read from a body in {visible(encoding)}"
    if content.ttft_ns is not None:
        yield "TTFT", format_duration(content.ttft_ns)
    if content.itl is not None:
        itl = content.itl
        ranks = {"p50": itl.p50_ns, "p90": itl.p90_ns, "p99": itl.p99_ns, "max": itl.max_ns}
        yield "ITL", ", ".join(f"{rank} {format_duration(ns)}" for rank, ns in ranks.items())
    if content.stall is not None:
        yield "stall", _stall(content.stall)


def _dialect(content: Content) -> str:
    return content.dialect + (f", model {clip(visible(content.model), _WORDS)}" if content.model else "")


def _heard(content: Content) -> Iterator[tuple[str, str]]:
    """Return what was said, each text by its beginning, and what was counted."""
    of_many = len(content.said) > 1
    for said in content.said:
        which = f"choice {said.choice}: " if of_many else ""
        for caption, words in _texts(said):
            yield caption, clip(which + visible(words), _WORDS)
        for caption, number in (("citations", said.citations), ("media", said.media)):
            if number:
                yield caption, f"{which}{number}"
    if content.said or content.tokens.usage != Usage():
        yield "tokens", _tokens(content.tokens)
    if stops := _stops(content.said):
        yield "stop", clip(visible(stops), _WORDS)
    if content.failure is not None:
        yield "error", clip(visible(failed(content.failure)), _WORDS)


def _texts(said: Said) -> Iterator[tuple[str, str]]:
    """Yield (label, words) of all that was said."""
    for label, words in (("reasoning", said.reasoning), ("text", said.text), ("refusal", said.refusal)):
        if words:
            yield label, words
    for call in said.calls:
        yield "tool call", f"{call.name} {call.arguments}".strip()


def _tokens(tokens: Tokens) -> str:
    usage = tokens.usage
    counts = (("in", usage.input), ("out", usage.output), ("reasoning", usage.reasoning), ("cached", usage.cached))
    told = [f"{count} {word}" for word, count in counts if count is not None]
    told.append(f"{'' if told else 'none told, '}{counted(tokens.deltas, 'delta')}")
    if tokens.per_s is not None:
        told.append(f"{tokens.per_s:.1f} {'tokens' if tokens.per_s_of == 'usage' else 'deltas'}/s")
    return ", ".join(told)


def _count(tokens: Tokens) -> str:
    """Return the output tokens; where none were told, the deltas, marked as such."""
    return f"~{tokens.deltas}" if tokens.usage.output is None else str(tokens.usage.output)


def _stops(said: tuple[Said, ...]) -> str:
    """Return the reasons to stop, each word once."""
    return ", ".join(dict.fromkeys(one.stop for one in said if one.stop))


def _stall(stall: Stall) -> str:
    place = f"after {counted(stall.after_events, 'event')} (chunk {stall.after_chunk})"
    until = ", until the end" if stall.until == "end" else ""
    return f"longest {format_duration(stall.ns)}, from {format_duration(stall.from_ns)} on, {place}{until}"


def _total(report: ExchangeReport) -> str:
    rate = report.content.events_per_s if report.content is not None else None
    total = format_duration(report.total_ns)
    return total if rate is None else f"{total}, {rate:.1f} events/s"


def _end(report: ExchangeReport) -> str:
    words = ended(report.cause)
    content = report.content
    if content is None or (not content.terminal and (content.told_all or content.dialect == "generic")):
        return words  # where no terminal event is due, none is missed
    return f"{words}; {'terminal event seen' if content.terminal else 'no terminal event seen'}"
