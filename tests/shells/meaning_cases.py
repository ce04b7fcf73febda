"""What the faults that change what events tell do to small answers, by hand."""

from __future__ import annotations

from tests.shells.fault_case import Case, before_c, case
from tests.shells.fault_streams import (
    CALLED,
    K1,
    K2,
    K3,
    K4,
    L1,
    L2,
    L3,
    M1,
    M2,
    M3,
    M4,
    M5,
    M6,
    MESSAGE,
    A,
    B,
    C,
    D,
    F,
    R,
    S,
    call,
    delta,
)

LOGPROB = b'},"logprobs":{"content":[{"token":"","logprob":%b,"bytes":null,"top_logprobs":[]}]}}]}'

MEANINGS: dict[str, tuple[Case, ...]] = {
    # F. What chunks say.
    "resplit": (
        case(
            "",
            R,
            *(delta(f'"content":"{sign}"') for sign in "Hello ☃!"),
            S,
            D,
            at_ms=(100, 120, 140, 146.666666, 153.333333, 160, 165, 170, 175, 180, 200, 220),
        ),
        case("by=all", R, delta('"content":"Hello ☃!"'), S, D, at_ms=(100, 120, 180, 200, 220)),
        case(
            "by=word",
            R,
            delta('"content":"Hello "'),
            delta('"content":"☃!"'),
            S,
            D,
            at_ms=(100, 120, 160, 180, 200, 220),
        ),
        case(
            "size=9,what=tools",
            K1,
            call(0, r"{\"x\":\"pqr"),
            call(0, r"\"}"),
            L1,
            call(1, r"{\"y\":1}"),
            F,
            D,
            of="tools",
        ),
    ),
    "choices_empty": (
        case(
            "",
            b'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}\n\n' + R,
            A,
            B,
            C,
            S,
            D,
        ),
        case(
            "form=usage",
            R,
            A,
            B,
            C,
            S,
            b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n' + D,
        ),
        case("form=bare,at_event=3", *before_c(b'data: {"choices":[]}\n\n')),
    ),
    "choices_null": (
        case("", R, A, b'data: {"choices":null}\n\n', C, S, D),
        case("at_event=4", R, A, B, C, b'data: {"choices":null}\n\n', D),
    ),
    "delta_null": (
        case("", R, A, B, C, S.replace(b"{}", b"null"), D),
        case("form=missing,at_event=1", R, b'data: {"choices":[{}]}\n\n', B, C, S, D),
        case("at_event=4", *MESSAGE[:4], M5.replace(b'{"stop_reason":"end_turn"}', b"null"), M6, of="message"),
    ),
    "null_chunk": (case("", *before_c(b"data: null\n\n")),),
    "content_key_absent": (
        case("", *before_c(delta(""))),
        case("at_event=0", M3.replace(b'"text":"Hi"', b"") + M1, *MESSAGE[1:], of="message"),
    ),
    "finish_missing": (
        case("", R, A, B, C, S.replace(b'"stop"', b"null"), D),
        case("form=missing", R, A, B, C, delta(""), D),
        case("", *MESSAGE[:4], M5.replace(b'"end_turn"', b"null"), M6, of="message"),
    ),
    "finish_every_chunk": (
        case("", R, *(frame.replace(b"}}]}", b'},"finish_reason":"stop"}]}') for frame in (A, B, C)), S, D),
        case("word=length,at_event=1", R, A.replace(b"}}]}", b'},"finish_reason":"length"}]}'), B, C, S, D),
    ),
    "finish_stop_with_tools": (case("", *CALLED[:7], F.replace(b"tool_calls", b"stop"), D, of="tools"),),
    "content_after_finish": (
        case("", R, A, B, C, S, C + D),
        case("after=terminal,text=more", R, A, B, C, S, D + delta('"content":"more"')),
    ),
    "duplicate_done": (case("", R, A, B, C, S, D + D), case("times=3", *MESSAGE[:5], M6 * 3, of="message")),
    "missing_done": (case("", R, A, B, C, S), case("", *MESSAGE[:5], of="message")),
    "cumulative_delta": (
        case("", R, A, delta('"content":"Hello ☃"'), delta('"content":"Hello ☃!"'), S, D),
        case("at_event=3", R, A, B, delta('"content":"Hello ☃!"'), S, D),
    ),
    "nonfinite_json": (
        case("", R, A, delta('"content":"lo ☃"').replace(b"}}]}", LOGPROB % b"-Infinity"), C, S, D),
        case("value=nan,at_event=1", R, A.replace(b"}}]}", LOGPROB % b"NaN"), B, C, S, D),
        case("value=inf", *MESSAGE[:2], M3.replace(b"}}", b'},"logprob":Infinity}'), M4, M5, M6, of="message"),
    ),
    # G. Tool calls.
    "tool_index_missing": (
        case("", *(frame.replace(b'"index":0,', b"").replace(b'"index":1,', b"") for frame in CALLED), of="tools"),
        case("at_event=1", K1, K2.replace(b'"index":0,', b""), *CALLED[2:], of="tools"),
    ),
    "tool_index_collision": (case("", *(frame.replace(b'"index":1', b'"index":0') for frame in CALLED), of="tools"),),
    "tool_interleaved": (case("", K1, L1, K2, L2, K3, L3, K4, F, D, of="tools"),),
    "tool_args_truncated": (case("", K1, K2, K3, K4, L1, call(1, r"{\"y"), F, D, of="tools"),),
    "tool_delta_dropped": (case("", K1, K2, K4, L1, L2, L3, F, D, of="tools"),),
    "tool_name_late": (
        case(
            "",
            call(0, "", '"id":"a",'),
            K2,
            K3,
            K4.replace(b'"}}]', b'","name":"f"}}]'),
            call(1, "", '"id":"b",'),
            L2,
            L3.replace(b'"}}]', b'","name":"g"}}]'),
            F,
            D,
            of="tools",
        ),
    ),
    # H. The order of events.
    "block_index_gap": (
        case("", M1, *(frame.replace(b'"index":0', b'"index":1') for frame in (M2, M3, M4)), M5, M6, of="message"),
    ),
    "delta_before_start": (
        case("", M1, M3, M4, M5, M6, of="message"),
        case("start=late", M1, M3, M2, M4, M5, M6, of="message"),
    ),
    "no_message_start": (case("", M2, M3, M4, M5, M6, of="message"),),
    "no_message_delta": (
        case("", M1, M2, M3, M4, M6, of="message"),
        case("stop=false", M1, M2, M3, M4, of="message"),
    ),
    "unknown_event": (
        case("", *before_c(b'data: {"type":"brand_new"}\n\n')),
        case("type=x,at_event=3", M1, M2, M3, b'event: x\ndata: {"type":"x"}\n\n' + M4, M5, M6, of="message"),
    ),
}
