"""The closed list of faults, in the order in which people look for them.

Law: a fault is the class in the module of its own name, and is loaded when somebody asks for it: there are many, and
most runs ask for none.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final, TypeGuard

from streamsim.ondemand import OnDemand
from streamsim.plan.faults.fault import Fault

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Connection": (
        "reset_peer", "close_mid_chunked", "short_content_length", "truncate_close_delimited", "clean_truncation",
        "truncate_mid_json", "reset_after_terminal", "hold_after_terminal", "empty_reply", "bad_chunk_header",
        "connection_close_mask", "refuse", "ignore",
    ),
    "Time": (
        "stall_headers", "slow_first_event", "stall", "stall_masked_by_keepalive", "comments_only", "gap",
        "buffer_all", "burst", "bandwidth", "trickle",
    ),
    "Bytes": (
        "split", "slicer", "coalesce", "line_ends", "bom", "unicode_newline", "content_type", "invalid_utf8",
        "replacement_deltas", "gzip", "gzip_truncated", "false_encoding", "huge_event", "corrupt",
    ),
    "Frames": (
        "comment_keepalive", "comment_as_data", "comment_inside_event", "empty_data", "meta_only", "sticky_id_comment",
        "event_without_data", "nonjson_heartbeat", "no_space", "missing_event_line", "no_final_blank",
        "unframed_error", "unterminated_then_error", "proxy_terminates_partial", "multiline_data", "leading_spaces",
        "field_without_colon", "drop", "duplicate", "reorder",
    ),
    "Answers": (
        "error_event", "wrong_body", "empty_stream", "http_error", "replay_on_reconnect",
    ),
    "Meaning": (
        "resplit", "choices_empty", "choices_null", "delta_null", "null_chunk", "content_key_absent", "finish_missing",
        "finish_every_chunk", "finish_stop_with_tools", "content_after_finish", "duplicate_done", "missing_done",
        "cumulative_delta", "nonfinite_json",
    ),
    "Tool calls": (
        "tool_index_missing", "tool_index_collision", "tool_interleaved", "tool_args_truncated", "tool_delta_dropped",
        "tool_name_late",
    ),
    "Sequence": (
        "block_index_gap", "delta_before_start", "no_message_start", "no_message_delta", "unknown_event",
    ),
}  # fmt: skip


@cache
def _loaded(name: str) -> type[Fault]:
    module = import_module(f"{__package__}.{name}")
    (kind,) = (kind for kind in vars(module).values() if _is_of(kind, module.__name__))
    return kind


def _is_of(kind: object, module: str) -> TypeGuard[type[Fault]]:
    return isinstance(kind, type) and issubclass(kind, Fault) and kind.__module__ == module


CATALOGUE: Final = OnDemand((name for names in GROUPS.values() for name in names), _loaded)
