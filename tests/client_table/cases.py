"""The rows of the table: every fault of the catalogue, some in several forms, and a few faults together.

Times are scaled so that a row takes seconds: what stands for a minute's silence is longer than the clients' timeout,
and no more. ``{half}`` is the index of the event halfway through the stream that a client reads. A fault that closes
does so 50 ms after the last byte, so that what came before is surely read.
"""

from __future__ import annotations

import msgspec

from streamsim.plan.faults import CATALOGUE, parse_fault

TIMEOUT_S = 2.0
LIMIT_S = 10.0


class Case(msgspec.Struct, frozen=True):
    """A row.

    Attributes:
        group: Under which heading.
        faults: What is asked for.
        rows: What the catalogue of incidents calls it; by default what the first fault says.
        slow: Time between content events instead of the usual 3 ms.

    """

    group: str
    faults: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    slow: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the faults."""
        return tuple(fault.partition(":")[0] for fault in self.faults)

    @property
    def calls(self) -> bool:
        """Whether the answer calls tools instead of saying a text."""
        return self.group == "calls"

    @property
    def title(self) -> str:
        """What the row is called."""
        told = " + ".join(self.faults) or ("no fault, tools called" if self.calls else "no fault")
        return f"{told}, an event every {self.slow}" if self.slow else told


NO_FAULT, NO_FAULT_IN_CALLS = Case("none"), Case("calls")

_CONNECTION = (
    ("reset_peer:after=50ms",),
    ("close_mid_chunked:after=50ms",),
    ("short_content_length:after=50ms",),
    ("truncate_close_delimited:after=50ms",),
    ("clean_truncation",),
    ("clean_truncation:at=terminal",),
    ("clean_truncation:at_event={half}",),
    ("truncate_mid_json",),
    ("reset_after_terminal:after=50ms",),
    ("reset_after_terminal:how=fin,after=50ms",),
    ("hold_after_terminal",),
    ("empty_reply",),
    ("bad_chunk_header:after=50ms",),
    ("connection_close_mask",),
    ("reset_peer:after=50ms", "connection_close_mask"),
    ("close_mid_chunked:after=50ms", "connection_close_mask"),
    ("refuse",),
    ("ignore",),
)
_TIME = (
    ("stall_headers",),
    ("slow_first_event:for=3s",),
    ("stall",),
    ("stall:at=headers",),
    ("stall_masked_by_keepalive:every=500ms,for=20s",),
    (r'stall_masked_by_keepalive:every=500ms,for=20s,text=event: ping\ndata: {"type": "ping"}',),
    ("comments_only:every=500ms,for=4s",),
    ("gap:for=3s",),
    ("buffer_all",),
    ("burst",),
    ("bandwidth:rate=10kB/s",),
    ("trickle:bytes=64,every=5ms,headers=true",),
    ("trickle",),
)
_BYTES = (
    ("split",),
    ("split:inside=utf8",),
    ("line_ends:style=crlf", "split:inside=crlf"),
    ("slicer",),
    ("coalesce",),
    ("line_ends:style=crlf",),
    ("line_ends:style=cr",),
    ("line_ends:style=mixed",),
    ("bom",),
    ("bom:split=true",),
    ("unicode_newline:char=2028",),
    ("unicode_newline:char=0085",),
    ("unicode_newline:char=000b",),
    ("content_type",),
    ("content_type:value=text/plain",),
    ("content_type:value=none",),
    ("invalid_utf8",),
    ("replacement_deltas",),
    ("gzip",),
    ("gzip_truncated",),
    ("gzip_truncated:cut=900",),
    ("false_encoding",),
    ("huge_event",),
    ("corrupt:bits=8",),
)
_FRAMES = (
    ("comment_keepalive",),
    ("comment_as_data",),
    ("comment_inside_event",),
    ("empty_data",),
    ("empty_data:form=quotes",),
    ("empty_data:form=primer",),
    ("meta_only:field=retry",),
    ("meta_only:field=id",),
    ("sticky_id_comment",),
    ("event_without_data",),
    ("event_without_data:type=content_block_delta",),
    ("nonjson_heartbeat:form=event",),
    ("nonjson_heartbeat:form=data",),
    ("nonjson_heartbeat:form=json",),
    ("no_space",),
    ("missing_event_line",),
    ("no_final_blank:ends_in=newline",),
    ("no_final_blank:ends_in=nothing",),
    ("unframed_error",),
    ("unterminated_then_error",),
    ("proxy_terminates_partial",),
    ("multiline_data",),
    ("leading_spaces",),
    ("field_without_colon",),
    ("drop",),
    ("duplicate",),
    ("reorder",),
)
_ANSWERS = (
    ("error_event",),
    ("error_event:at_event=0",),
    ("error_event:form=openai",),
    ("error_event:form=openai,done=true",),
    ("error_event:form=anthropic",),
    ("error_event:form=generic",),
    ("error_event:form=flat",),
    ("error_event:form=text",),
    ("error_event:then=fin",),
    ("error_event:then=hang",),
    ("wrong_body:kind=html",),
    ("wrong_body:kind=json",),
    ("empty_stream:keep=nothing",),
    ("empty_stream:keep=terminal",),
    ("empty_stream:keep=shell",),
)
_MEANING = (
    ("choices_empty",),
    ("choices_empty:form=usage",),
    ("choices_null",),
    ("delta_null",),
    ("delta_null:form=missing",),
    ("null_chunk",),
    ("content_key_absent",),
    ("finish_missing",),
    ("finish_missing:form=missing",),
    ("finish_every_chunk",),
    ("content_after_finish",),
    ("content_after_finish:after=terminal",),
    ("duplicate_done",),
    ("missing_done",),
    ("cumulative_delta",),
    ("nonfinite_json",),
    ("resplit",),
    ("resplit:by=utf16",),
    ("resplit:by=all",),
)
_CALLS = (
    ("finish_stop_with_tools",),
    ("tool_index_missing",),
    ("tool_index_collision",),
    ("tool_interleaved",),
    ("tool_args_truncated",),
    ("tool_delta_dropped",),
    ("tool_name_late",),
)
_SEQUENCE = (
    ("block_index_gap",),
    ("delta_before_start",),
    ("delta_before_start:start=late",),
    ("no_message_start",),
    ("no_message_delta",),
    ("no_message_delta:stop=false",),
    ("unknown_event",),
)
_STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529)
_HTTP = (
    *((f"http_error:status={status}",) for status in _STATUSES),
    ("http_error:status=429,retry_after_ms=20",),
    ("http_error:status=429,retry_after=1",),
    ("http_error:status=429,retry_after=130",),
    ("http_error:status=502,form=html",),
)
_ATTEMPTS = (
    (("http_error:status=503,attempt=1-2",), ("I4",)),
    (("stall_headers:attempt=1",), ("I4",)),
    (("empty_reply:attempt=1",), ("I4",)),
    (("reset_peer:after=50ms,attempt=1",), ("I3",)),
    (("reset_peer:after=50ms", "replay_on_reconnect"), ("I2",)),
)
GROUPS = {
    "none": "Without a fault",
    "connection": "Connection and HTTP framing",
    "time": "Time",
    "bytes": "Bytes and encoding",
    "frames": "Frames",
    "answers": "Errors in the stream, and wrong bodies",
    "meaning": "What chunks say",
    "calls": "Tool calls",
    "sequence": "The order of events",
    "http": "HTTP errors before any stream",
    "attempts": "Over several attempts",
    "more": "More faults",
}


def _cases() -> tuple[Case, ...]:
    listed = {"connection": _CONNECTION, "time": _TIME, "bytes": _BYTES, "frames": _FRAMES, "answers": _ANSWERS}
    listed |= {"meaning": _MEANING, "calls": _CALLS, "sequence": _SEQUENCE}
    cases = [
        NO_FAULT,
        NO_FAULT_IN_CALLS,
        *(Case(group, faults) for group, rows in listed.items() for faults in rows),
        Case("time", ("buffer_all",), slow="150ms"),
        *(Case("http", faults) for faults in _HTTP),
        *(Case("attempts", faults, rows) for faults, rows in _ATTEMPTS),
    ]
    covered = {name for case in cases for name in case.names}
    return (*cases, *(Case("more", (name,)) for name in CATALOGUE if name not in covered))


CASES = _cases()


def rows_of(case: Case) -> tuple[str, ...]:
    """Return what the catalogue of incidents calls a case: as listed, or as its first fault says."""
    if case.rows or not case.faults:
        return case.rows
    masked = len(case.faults) == 2 and case.names[1] == "connection_close_mask"
    return CATALOGUE[case.names[1 if masked else 0]].rows


def spelt_for(case: Case, events: int) -> list[str]:
    """Return the faults of a case for a stream of so many events, each known to be one.

    Raises:
        UsageError: One is none.

    """
    told = [fault.replace("{half}", str(events // 2)) for fault in case.faults]
    for fault in told:
        parse_fault(fault)
    return told
