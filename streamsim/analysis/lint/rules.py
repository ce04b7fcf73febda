"""The rules: name, how grave, by whose word, what is wrong, what to do. The reference page is made of them.

The law: an error is what loses a reader something, or keeps it from knowing that it has all; a warning, what conforming
readers bear and others do not, or what is hardly meant; a note, what is worth knowing.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
Group: TypeAlias = Literal["answer", "body", "end", "dialect"]


class Rule(NamedTuple):
    """One rule.

    Attributes:
        name: In lower case with underscores.
        severity: How grave a breach is.
        source: Who says so: a section of a standard, or what is known of providers and readers.
        what: What is wrong, in general.
        remedy: What to do.

    """

    name: str
    severity: Severity
    source: str
    what: str
    remedy: str


_ANSWER = (
    Rule(
        "no_answer",
        "error",
        "RFC 9112, 8",
        "the connection ended before the head of a response",
        "look at the server's log",
    ),
    Rule(
        "http_error",
        "note",
        "RFC 9110, 15",
        "the answer is an HTTP error; where a stream was asked for, an error",
        "ask again as the message says",
    ),
    Rule(
        "not_a_stream",
        "note",
        "HTML 9.2.3",
        "the body is no stream of events; where a stream was asked for, an error",
        "ask for a stream, and answer with content-type: text/event-stream",
    ),
    Rule(
        "no_events",
        "warning",
        "as seen: a provider or a proxy gives up before the first event",
        "a stream without any event",
        "look at the server's log",
    ),
    Rule(
        "status_not_200",
        "warning",
        "HTML 9.2.3",
        "a stream with another status than 200: an EventSource gives up",
        "answer with status 200",
    ),
    Rule(
        "content_type_missing",
        "error",
        "HTML 9.2.3",
        "the body looks like an event stream but has no content type: nobody reads events",
        "send content-type: text/event-stream",
    ),
    Rule(
        "content_type_wrong",
        "error",
        "HTML 9.2.3",
        "the body looks like an event stream but has another content type: nobody reads events",
        "send content-type: text/event-stream",
    ),
    Rule(
        "charset",
        "warning",
        "HTML 9.2.6",
        "the content type names another charset: an event stream is always decoded as UTF-8",
        "write UTF-8, and leave the charset out or say utf-8",
    ),
    Rule(
        "compressed",
        "warning",
        "as seen: a compressor holds back what does not fill its window",
        "a compressed event stream: events may come late, in bundles",
        "don't compress text/event-stream, or flush the compressor after every event",
    ),
    Rule(
        "encoding_unread",
        "error",
        "RFC 9110, 8.4",
        "the content encoding can't be undone here, so nothing of the body was checked",
        "ask with accept-encoding: identity",
    ),
    Rule(
        "content_length",
        "warning",
        "RFC 9110, 8.6",
        "an event stream with content-length: all of it was written before the first byte was sent",
        "stream with transfer-encoding: chunked",
    ),
    Rule(
        "close_delimited",
        "note",
        "RFC 9112, 6.3",
        "the body ends with the connection: HTTP can't tell its end from a cut",
        "send transfer-encoding: chunked",
    ),
    Rule(
        "cache_control",
        "note",
        "as seen: Anthropic and most others send it, OpenAI does not",
        "no cache-control: no-cache or no-store, so a cache on the way may keep the stream",
        "send cache-control: no-cache",
    ),
    Rule(
        "proxy_buffering",
        "warning",
        "nginx, proxy_buffering",
        "x-accel-buffering asks proxies to hold the stream back",
        "send x-accel-buffering: no",
    ),
    Rule(
        "silence",
        "note",
        "HTML 9.2.7",
        "more than 15 s without a byte: proxies close idle connections",
        "send a comment line every 15 s or so",
    ),
)

_BODY = (
    Rule(
        "byte_order_mark",
        "warning",
        "HTML 9.2.6",
        "the stream begins with a byte order mark, which many readers other than browsers take for text",
        "begin with the first field",
    ),
    Rule("invalid_utf8", "error", "HTML 9.2.6", "a line is not UTF-8: readers get U+FFFD", "write UTF-8"),
    Rule(
        "cr_line_ends",
        "warning",
        "HTML 9.2.5",
        "CR alone ends a line: the standard allows it, and readers that look for LF LF never see an event",
        "end lines with LF",
    ),
    Rule("mixed_line_ends", "note", "HTML 9.2.5", "lines end in more than one way", "end all lines with LF"),
    Rule(
        "odd_line_end",
        "note",
        "HTML 9.2.5; str.splitlines in Python",
        "a line holds U+0085, U+2028, U+2029 or another character that careless readers take for a line end",
        r"escape it as JSON can: \u2028",
    ),
    Rule(
        "unknown_field",
        "warning",
        "HTML 9.2.6",
        "a field of another name than data, event, id and retry: readers ignore the line",
        "mend the name, or begin the line with a colon to make it a comment",
    ),
    Rule("id_with_nul", "error", "HTML 9.2.6", "an id holds NUL: readers ignore it", "choose ids without NUL"),
    Rule(
        "retry_not_digits",
        "error",
        "HTML 9.2.6",
        "a retry time is not made of ASCII digits alone: readers ignore it",
        "write milliseconds: retry: 3000",
    ),
    Rule(
        "field_repeated",
        "warning",
        "HTML 9.2.6",
        "event, id or retry comes twice in one block: only the last one counts",
        "put a blank line between two events",
    ),
    Rule(
        "event_without_data",
        "warning",
        "HTML 9.2.6",
        "a block has an event name and no data: it dispatches nothing",
        "give it a data line, be it empty JSON",
    ),
    Rule(
        "no_space",
        "note",
        "HTML 9.2.6",
        "a value follows its colon without a space: allowed, but readers that look for 'data: ' miss it",
        "write one space after the colon",
    ),
    Rule(
        "bare_json",
        "error",
        "HTML 9.2.6; Gemini does so",
        "JSON stands outside of any field: readers of events never see it",
        "write it as the data of an event",
    ),
    Rule(
        "unfinished_frame",
        "error",
        "HTML 9.2.6: pending data is discarded",
        "a block, line, element or frame is cut off or broken: what it holds is lost",
        "end every event, the last one too: in an event stream with a blank line",
    ),
    Rule(
        "event_too_large",
        "error",
        "as read here",
        "an event is larger than a reader can hold; nothing behind it was read",
        "end events with a blank line",
    ),
    Rule(
        "split_frame",
        "note",
        "HTML 9.2.7",
        "HTTP chunks end within a block: readers that take chunks for events fail",
        "flush whole events; readers have to bear it",
    ),
    Rule(
        "split_character",
        "note",
        "RFC 3629, 3",
        "HTTP chunks end within a character: readers that decode chunk by chunk fail",
        "flush whole events; readers have to bear it",
    ),
)

_END = (
    Rule(
        "cut_short",
        "error",
        "RFC 9112, 8",
        "the connection ended before the body was complete",
        "send the last chunk, or as many bytes as content-length says",
    ),
    Rule(
        "framing_broken",
        "error",
        "RFC 9112, 7.1",
        "the bytes break the framing of HTTP",
        "mend the chunk sizes and line ends that the server or a proxy writes",
    ),
    Rule(
        "left_open",
        "warning",
        "as seen: readers wait for the end of the body",
        "the answer is over but the connection stayed open and silent",
        "end the body behind the last event",
    ),
    Rule(
        "no_end",
        "note",
        "recording format",
        "the recording stops without telling how the exchange ended: the recorder died",
        "record it again",
    ),
    Rule("client_left", "note", "recording format", "the client left before the end", "record it to the end"),
    Rule(
        "error_told",
        "note",
        "the dialect",
        "the provider tells an error instead of the rest of the answer",
        "ask again as the message says",
    ),
    Rule(
        "incomplete",
        "error",
        "the dialect",
        "the answer does not end as the dialect says",
        "send all that ends an answer, or tell an error",
    ),
    Rule(
        "other_dialect",
        "error",
        "the dialect that was asked for",
        "the events are not of the dialect that was asked for",
        "speak that dialect, or ask for the other one",
    ),
)


def _told(name: str, what: str, remedy: str, source: str = "all dialects", severity: Severity = "error") -> Rule:
    return Rule(name, severity, source, what, remedy)


_CHAT, _MESSAGES, _RESPONSES = "OpenAI Chat and its variations", "Anthropic Messages", "OpenAI Responses"
_ORDER = "open each block once, close it once, and let it grow in between"

_DIALECT = (
    _told("finish_missing", "no reason to finish is told", "tell why each choice ended"),
    _told("missing_done", "[DONE] does not come", "send data: [DONE] last", _CHAT),
    _told("no_message_start", "the first event is not the one that opens an answer", "send it first"),
    _told("no_message_delta", "no message_delta comes", "send it before message_stop", _MESSAGES),
    _told("no_message_stop", "no message_stop comes", "send it last", _MESSAGES),
    _told("no_created", "response.created is not the first event", "send it first", _RESPONSES),
    _told("no_last_event", "the event that ends a response does not come", "send response.completed last", _RESPONSES),
    _told("not_json", "the data is not the JSON it should be", "send one JSON object an event"),
    _told("null_chunk", "the data is null", "send no event instead", _CHAT),
    _told("choices_null", "choices is null", "send an empty list", _CHAT),
    _told("delta_null", "a delta is null", "send an empty object", _CHAT),
    _told("type_mismatch", "the name of an event and the type in its data differ", "make them equal"),
    _told("content_after_finish", "an answer grows after its end", "send all content first"),
    _told("content_after_done", "an item grows after it is done", "send all content first", _RESPONSES),
    _told("data_after_done", "an event comes after [DONE]", "send [DONE] last"),
    _told("data_after_stop", "an event comes after the last one", "send message_stop last", _MESSAGES),
    _told("data_after_end", "an event comes after the last one", "send it before", _RESPONSES),
    _told("delta_before_start", "a block grows that was not opened", _ORDER),
    _told("stop_before_start", "a block stops that was not opened", _ORDER, _MESSAGES),
    _told("done_before_added", "an item is done that was not added", _ORDER, _RESPONSES),
    _told("block_not_open", "a block is closed that was not opened", _ORDER),
    _told("block_not_closed", "a block stays open", _ORDER),
    _told("block_not_stopped", "a block has not stopped where it must have", _ORDER, _MESSAGES),
    _told("block_opened_twice", "a block is opened again before it is closed", _ORDER),
    _told("block_index_gap", "the indices of blocks have a gap", "count blocks from 0 on", _MESSAGES),
    _told("item_repeated", "an item is added twice", _ORDER, _RESPONSES),
    _told("message_start_repeated", "message_start comes again", "send one a stream", _MESSAGES),
    _told("tool_index_missing", "a tool call has no index", "number tool calls from 0 on", _CHAT),
    _told("item_not_done", "an item is not done at the end", _ORDER, f"{_RESPONSES}, which does so itself", "warning"),
    _told("tool_name_late", "a tool call begins without its name", "send the name first", _CHAT, "warning"),
    _told("finish_repeated", "a reason to finish is told again", "tell it once", severity="warning"),
    _told("duplicate_done", "[DONE] comes again", "send it once", severity="warning"),
    _told("sequence_gap", "sequence_number does not go up by one", "number all events", _RESPONSES, "warning"),
    _told("unknown_event", "an event has a name that the dialect does not know", "mend the name", severity="warning"),
)

GROUPS: Final[dict[Group, tuple[Rule, ...]]] = {"answer": _ANSWER, "body": _BODY, "end": _END, "dialect": _DIALECT}
"""All rules, by what they look at."""

RULES: Final = {rule.name: rule for rules in GROUPS.values() for rule in rules}


def rule(name: str) -> Rule:
    """Return the rule of that name; one that only a dialect knows is an error by its word."""
    return RULES.get(name) or _told(name, name.replace("_", " "), "write what the dialect says")
