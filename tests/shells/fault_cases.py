"""What each fault does to a small answer, by hand: one line for its defaults, more for telling parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shells.fault_case import Case, before_c, case
from tests.shells.fault_streams import BODY, CHUNKED, FRAMES, T1, T2, T3, TYPE, A, B, C, D, R, S
from tests.shells.meaning_cases import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.shells.seen import Seen


def body(*frames: bytes) -> dict[str, Any]:
    """Return what is true of a body without chunks."""
    return {"chunks": (b"".join(frames),)}


def sized(size: int) -> dict[str, Any]:
    return {"headers": (TYPE, ("content-length", str(size)))}


def json_error(told: str, headers: tuple[tuple[str, str], ...] = (), **more: Any) -> dict[str, Any]:
    """Return what is true of an answer that is an error in JSON."""
    data = told.encode()
    told_too = (("content-type", "application/json"), *headers, ("content-length", str(len(data))))
    return {"chunks": (data,), "headers": told_too, **more}


NOTHING: dict[str, Any] = {"chunks": (), "status": 0, "headers": (), "added": False}
NONE: dict[str, Any] = {"chunks": ()}
LATE = (100, 120, 140, 160)
ALIVE = b": keepalive\n\n"
PAGE = b"<html>\r\n<head><title>503 Service Unavailable</title></head>\r\n<body><h1>503 Service Unavailable</h1></body>\r\n</html>\r\n"  # noqa: E501
WIRE = b"".join(b"%x\r\n%b\r\n" % (len(frame), frame) for frame in FRAMES)
ENCODED: dict[str, Any] = {"headers": (TYPE, CHUNKED, ("content-encoding", "gzip"))}
MIDDLE = 6 + len(C[6:-2]) // 2  # of the data of the event halfway
HALF = 6 + len(B[6:-2]) // 2


def every(change: Callable[[bytes], bytes]) -> tuple[bytes, ...]:
    return tuple(change(frame) for frame in FRAMES)


def instead_of_c(told: bytes) -> tuple[bytes, ...]:
    return R, A, B, told, S, D


def cut_up(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(data[start : start + size] for start in range(0, len(data), size))


def flipped(one: Seen) -> int:
    """Return how many bits differ from the recorded body's."""
    return sum((new ^ old).bit_count() for new, old in zip(one.body, BODY, strict=True))


CASES: dict[str, tuple[Case, ...]] = {
    # A. The connection.
    "reset_peer": (
        case("", R, A, B, ended="reset"),
        case("at_byte=10", R[:10], ended="reset"),
        case("at=headers,after=20ms", **NONE, ended="reset", at_ms=(100,)),
        case("at=terminal", R, A, B, C, S, ended="reset"),
    ),
    "close_mid_chunked": (
        case("", R, A, B, ended="fin"),
        case("at_event=6", ended="fin"),
        case("at_byte=1", R[:1], ended="fin"),
    ),
    "short_content_length": (
        case("", **body(R, A, B), **sized(len(BODY)), ended="fin"),
        case("at_event=5", **body(*FRAMES[:5]), **sized(len(BODY)), ended="fin"),
    ),
    "truncate_close_delimited": (
        case("", **body(R, A, B), headers=(TYPE,), ended="fin"),
        case("at=first_token", **body(R, A), headers=(TYPE,), ended="fin"),
    ),
    "clean_truncation": (
        case("", R, A, B, C),
        case("at=terminal", R, A, B, C, S),
        case("at_byte=9", R[:9]),
        case("at_chunk=2,after=5ms", R, A, at_ms=(100, 120, 140, 145)),
    ),
    "truncate_mid_json": (
        case("", R, A, B[:HALF]),
        case("at_event=0", R[: 6 + len(R[6:-2]) // 2]),
    ),
    "reset_after_terminal": (case("", ended="reset"), case("how=fin", ended="fin")),
    "hold_after_terminal": (case("", ended="silence"), case("for=20ms", ended="fin")),
    "empty_reply": (case("", **NOTHING, ended="fin"), case("after=5ms", **NOTHING, ended="fin")),
    "bad_chunk_header": (
        case("", R, A, B, loose=b"ZZ\r\n", ended="fin"),
        case("at=headers,text=-5", **NONE, loose=b"-5\r\n", ended="fin"),
    ),
    "connection_close_mask": (case("", headers=(TYPE, CHUNKED, ("connection", "close")), complete=True, ended="fin"),),
    "refuse": (case("", **NOTHING, ended="refuse"),),
    "ignore": (case("", **NOTHING, ended="ignore"),),
    # B. Time.
    "stall_headers": (case("", **NOTHING, ended="silence"), case("for=20ms", **NOTHING, ended="fin")),
    "slow_first_event": (
        case("", at_ms=(100, 60_100, 60_120, 60_140, 60_160, 60_180, 60_200)),
        case("for=25ms", at_ms=(100, 125, 145, 165, 185, 205, 225)),
    ),
    "stall": (
        case("", R, A, B, ended="silence", at_ms=LATE),
        case("at_event=1,for=20ms", R, ended="fin"),
        case("at=headers", **NONE, ended="silence"),
    ),
    "stall_masked_by_keepalive": (
        case("", R, A, B, *(ALIVE,) * 19, ended="fin", at_ms=(*LATE, *range(15_160, 300_160, 15_000))),
        case(r"at_event=1,for=20ms,every=5ms,text=: hi", R, *(b": hi\n\n",) * 3, ended="fin"),
    ),
    "comments_only": (
        case("", R, A, B, *(ALIVE,) * 3, C, S, D, at_ms=(*LATE, 15_160, 30_160, 45_160, 60_180, 60_200, 60_220)),
        case("at_event=0,for=20ms,every=10ms", ALIVE, *FRAMES, at_ms=(100, 110, 140, 160, 180, 200, 220, 240)),
    ),
    "gap": (
        case("", at_ms=(*LATE, 301_180, 301_200, 301_220)),
        case("at_event=1,for=5ms", at_ms=(100, 120, 145, 165, 185, 205, 225)),
        case("at_byte=9,for=5ms", R[:9], R[9:], A, B, C, S, D, at_ms=(100, 120, 125, 145, 165, 185, 205, 225)),
    ),
    "buffer_all": (case("", BODY, at_ms=(220,)), case("keep=true", at_ms=(220,))),
    "burst": (
        case("", R, A, B, C + S + D, at_ms=(*LATE, 220)),
        case("at_event=1,count=2", R, A + B, C, S, D, at_ms=(100, 120, 160, 180, 200, 220)),
    ),
    "bandwidth": (
        case("", at_ms=(100, *(120 + 20 * nth + len(frame) / 10 for nth, frame in enumerate(FRAMES)))),
        case("rate=1kB/s", at_ms=(100, *(120 + len(b"".join(FRAMES[:nth])) for nth in range(1, 7)))),
    ),
    "trickle": (
        case("", at_ms=(100, *(120 + 100 * nth for nth in range(len(WIRE))))),
        case("bytes=40,every=5ms,headers=true", ended="fin", complete=True, added=False),
        case("bytes=1000,every=5ms", at_ms=(100, 120, 140, 160, 180, 200, 220)),
    ),
    # C. Bytes.
    "split": (
        case("", *(half for frame in FRAMES for half in (frame[: len(frame) // 2], frame[len(frame) // 2 :]))),
        case("inside=utf8", R, A, B[: B.index(b"\x98")], B[B.index(b"\x98") :], C, S, D),
        case("inside=crlf,at_event=5", R, A, B, C, S, D[:-1], b"\n"),
        case("at_byte=7", R[:7], R[7:], A, B, C, S, D),
    ),
    "slicer": (
        case("", *cut_up(BODY, 1), at_ms=(100, *range(120, 221, 20))),
        case("size=25", *(part for frame in FRAMES for part in cut_up(frame, 25))),
        case(
            "size=8,variation=5",
            chunks=None,
            facts=(
                lambda one: one.body == BODY,
                lambda one: len({len(part) for part in one.chunks} & set(range(3, 14))) > 5,
            ),
        ),
    ),
    "coalesce": (
        case("", R + A, B + C, S + D, at_ms=(100, 140, 180, 220)),
        case("count=4", R + A + B + C, S + D),
    ),
    "line_ends": (
        case("", *every(lambda frame: frame.replace(b"\n", b"\r\n"))),
        case("style=cr", *every(lambda frame: frame.replace(b"\n", b"\r"))),
        case(
            "style=mixed",
            chunks=None,
            facts=(
                lambda one: one.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n") == BODY,
                lambda one: one.body.count(b"\r\n") > 0 and one.body.count(b"\r") > one.body.count(b"\r\n"),
            ),
        ),
    ),
    "bom": (
        case("", b"\xef\xbb\xbf" + R, A, B, C, S, D),
        case("split=true", b"\xef", b"\xbb\xbf" + R, A, B, C, S, D),
    ),
    "unicode_newline": (
        case("", *every(lambda frame: frame.replace(b'content":"', 'content":"\u2028'.encode()))),
        case("char=000b,at_event=1", R, A.replace(b"Hel", b"\x0bHel"), B, C, S, D),
    ),
    "content_type": (
        case("", headers=(("content-type", "text/event-stream"), CHUNKED)),
        case("value=application/json", headers=(("content-type", "application/json"), CHUNKED)),
        case("value=none", headers=(CHUNKED,)),
    ),
    "invalid_utf8": (
        case("", *instead_of_c(C[:MIDDLE] + b"\xff\xfe" + C[MIDDLE:])),
        case("hex=80,at_event=5", R, A, B, C, S, b"data: [DO\x80NE]\n\n"),
    ),
    "replacement_deltas": (
        case("", R, A, B.replace("☃".encode(), "\ufffd\ufffd\ufffd".encode()), C, S, D),
        case("at_event=2", R, A, B.replace("☃".encode(), "\ufffd\ufffd\ufffd".encode()), C, S, D),
    ),
    "gzip": (
        case(
            "",
            chunks=None,
            **ENCODED,
            facts=(lambda one: one.plain == BODY, lambda one: len(one.chunks) == len(FRAMES)),
        ),
    ),
    "gzip_truncated": (
        case("", chunks=None, **ENCODED, facts=(lambda one: one.plain == BODY[:-7],)),
        case("cut=13", chunks=None, **ENCODED, facts=(lambda one: one.plain == BODY,)),
    ),
    "false_encoding": (
        case("", **ENCODED),
        case("value=br", headers=(TYPE, CHUNKED, ("content-encoding", "br"))),
    ),
    "huge_event": (
        case("", R.replace(b"{", b"{" + b" " * (1 << 20), 1), A, B, C, S, D),
        case("size=9,at=terminal", R, A, B, C, S, b"data: xxxxxxxxx[DONE]\n\n"),
    ),
    "corrupt": (
        case(
            "",
            chunks=None,
            facts=(lambda one: flipped(one) == 1, lambda one: one.chunks[:3] + one.chunks[4:] == [R, A, B, S, D]),
        ),
        case("at_byte=9,bits=8", bytes((*R[:9], R[9] ^ 255, *R[10:])), A, B, C, S, D),
        case("at_event=1,bits=5", chunks=None, facts=(lambda one: flipped(one) == 5,)),
    ),
    # D. Frames.
    "comment_keepalive": (
        case("", *before_c(ALIVE)),
        case("at=first_token,text=: OPENROUTER PROCESSING", R, A, b": OPENROUTER PROCESSING\n\n" + B, C, S, D),
    ),
    "comment_as_data": (case("", *before_c(b"data: : OPENROUTER PROCESSING\n\n")),),
    "comment_inside_event": (case("", *instead_of_c(C[:MIDDLE] + ALIVE + C[MIDDLE:])),),
    "empty_data": (
        case("", *before_c(b"data:\n\n")),
        case("form=quotes,at_event=0", b'data: ""\n\n' + R, A, B, C, S, D),
        case("form=primer", b"id: 0\ndata: \n\n" + R, A, B, C, S, D),
    ),
    "meta_only": (
        case("", *before_c(b"retry: 3000\n\n")),
        case("field=id,value=x,at_event=6", R, A, B, C, S, D + b"id: x\n\n"),
    ),
    "sticky_id_comment": (case("", *instead_of_c(b"id: 1\n" + C + b": ping\n\n")),),
    "event_without_data": (
        case("", *before_c(b"event: ping\n\n")),
        case("type=content_block_delta", *before_c(b"event: content_block_delta\n\n")),
    ),
    "nonjson_heartbeat": (
        case("", *before_c(b"event: ping\ndata: ping\n\n")),
        case("form=json", *before_c(b'data:{"type":"heartbeat"}\n\n')),
    ),
    "no_space": (
        case("", *every(lambda frame: frame.replace(b"data: ", b"data:"))),
        case("at_event=5", R, A, B, C, S, b"data:[DONE]\n\n"),
    ),
    "missing_event_line": (
        case("", *(frame.partition(b"\n")[2] for frame in (T1, T2, T3)), of="typed"),
        case("at_event=1", T1, T2.partition(b"\n")[2], T3, of="typed"),
    ),
    "no_final_blank": (
        case("", R, A, B, C, S, D[:-1]),
        case("ends_in=nothing", R, A, B, C, S, D[:-2]),
    ),
    "unframed_error": (
        case("", *before_c(b'{"error":{"message":"internal error","type":"server_error","code":500}}\n\n')),
    ),
    "unterminated_then_error": (
        case(
            "",
            *instead_of_c(
                C[:MIDDLE] + b'\ndata: {"error":{"message":"upstream error","type":"server_error","code":500}}\n\n'
            ),
        ),
    ),
    "proxy_terminates_partial": (case("", R, A, B, C[:MIDDLE] + b"\n\n", C[MIDDLE:], S, D),),
    "multiline_data": (
        case("", *every(lambda frame: frame.replace(b"data: {", b"data: {\ndata: "))),
        case("at_event=0", R.replace(b"data: {", b"data: {\ndata: "), A, B, C, S, D),
    ),
    "leading_spaces": (
        case("", *every(lambda frame: frame.replace(b"data: ", b"data:  "))),
        case("count=3,at_event=5", R, A, B, C, S, b"data:    [DONE]\n\n"),
    ),
    "field_without_colon": (case("", *every(lambda frame: b"data\n" + frame)),),
    "drop": (
        case("", R, A, B, S, D),
        case("at_event=0", A, B, C, S, D),
        case("probability=1", **NONE),
    ),
    "duplicate": (
        case("", R, A, B, C + C, S, D),
        case("times=3,at=terminal", R, A, B, C, S, D + D + D),
    ),
    "reorder": (
        case("", R, A, B, S, C, D, at_ms=(100, *range(120, 221, 20))),
        case("at_event=0", A, R, B, C, S, D),
    ),
    # E. Other answers.
    "error_event": (
        case(
            "",
            R,
            A,
            B,
            b'data: {"error":{"message":"streamsim: server error","type":"server_error","param":null,"code":null}}\n\n',
            at_ms=LATE,
        ),
        case(
            "form=anthropic,at_event=0,message=busy,then=fin",
            b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"},'
            b'"request_id":"req_streamsim"}\n\n',
            ended="fin",
        ),
        case(
            "form=flat,at_event=1,message=no,done=true,then=hang",
            R,
            b'event: error\ndata: {"message":"no"}\n\ndata: [DONE]\n\n',
            ended="silence",
        ),
    ),
    "wrong_body": (
        case("", PAGE, headers=(("content-type", "text/html"), ("content-length", str(len(PAGE))))),
        case(
            "kind=json",
            **json_error(
                '{"error":{"message":"streamsim: internal server error",'
                '"type":"server_error","param":null,"code":null}}'
            ),
        ),
    ),
    "empty_stream": (
        case("", **NONE),
        case("keep=terminal", D),
        case("keep=shell", R, S, D),
    ),
    "http_error": (
        case(
            "",
            **json_error(
                '{"error":{"message":"streamsim: service unavailable","type":"server_error","param":null,"code":null}}',
                status=503,
            ),
        ),
        case(
            "status=429,form=flat,message=slow down,retry_after=2,retry_after_ms=1500",
            **json_error(
                '{"message":"slow down"}',
                status=429,
                headers=(("retry-after", "2"), ("retry-after-ms", "1500")),
            ),
        ),
    ),
    "replay_on_reconnect": (case("", T1, T2, T3, of="typed", asks="Last-Event-ID: 2"),),
    **MEANINGS,
}
