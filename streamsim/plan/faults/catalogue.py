"""The closed list of faults, in the order in which people look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.plan.faults.bad_chunk_header import BadChunkHeader
from streamsim.plan.faults.bandwidth import Bandwidth
from streamsim.plan.faults.block_index_gap import BlockIndexGap
from streamsim.plan.faults.bom import Bom
from streamsim.plan.faults.buffer_all import BufferAll
from streamsim.plan.faults.burst import Burst
from streamsim.plan.faults.choices_empty import ChoicesEmpty
from streamsim.plan.faults.choices_null import ChoicesNull
from streamsim.plan.faults.clean_truncation import CleanTruncation
from streamsim.plan.faults.close_mid_chunked import CloseMidChunked
from streamsim.plan.faults.coalesce import Coalesce
from streamsim.plan.faults.comment_as_data import CommentAsData
from streamsim.plan.faults.comment_inside_event import CommentInsideEvent
from streamsim.plan.faults.comment_keepalive import CommentKeepalive
from streamsim.plan.faults.comments_only import CommentsOnly
from streamsim.plan.faults.connection_close_mask import ConnectionCloseMask
from streamsim.plan.faults.content_after_finish import ContentAfterFinish
from streamsim.plan.faults.content_key_absent import ContentKeyAbsent
from streamsim.plan.faults.content_type import ContentType
from streamsim.plan.faults.corrupt import Corrupt
from streamsim.plan.faults.cumulative_delta import CumulativeDelta
from streamsim.plan.faults.delta_before_start import DeltaBeforeStart
from streamsim.plan.faults.delta_null import DeltaNull
from streamsim.plan.faults.drop import Drop
from streamsim.plan.faults.duplicate import Duplicate
from streamsim.plan.faults.duplicate_done import DuplicateDone
from streamsim.plan.faults.empty_data import EmptyData
from streamsim.plan.faults.empty_reply import EmptyReply
from streamsim.plan.faults.empty_stream import EmptyStream
from streamsim.plan.faults.error_event import ErrorEvent
from streamsim.plan.faults.event_without_data import EventWithoutData
from streamsim.plan.faults.false_encoding import FalseEncoding
from streamsim.plan.faults.field_without_colon import FieldWithoutColon
from streamsim.plan.faults.finish_every_chunk import FinishEveryChunk
from streamsim.plan.faults.finish_missing import FinishMissing
from streamsim.plan.faults.finish_stop_with_tools import FinishStopWithTools
from streamsim.plan.faults.gap import Gap
from streamsim.plan.faults.gzip import Gzip
from streamsim.plan.faults.gzip_truncated import GzipTruncated
from streamsim.plan.faults.hold_after_terminal import HoldAfterTerminal
from streamsim.plan.faults.http_error import HttpError
from streamsim.plan.faults.huge_event import HugeEvent
from streamsim.plan.faults.ignore import Ignore
from streamsim.plan.faults.invalid_utf8 import InvalidUtf8
from streamsim.plan.faults.leading_spaces import LeadingSpaces
from streamsim.plan.faults.line_ends import LineEnds
from streamsim.plan.faults.meta_only import MetaOnly
from streamsim.plan.faults.missing_done import MissingDone
from streamsim.plan.faults.missing_event_line import MissingEventLine
from streamsim.plan.faults.multiline_data import MultilineData
from streamsim.plan.faults.no_final_blank import NoFinalBlank
from streamsim.plan.faults.no_message_delta import NoMessageDelta
from streamsim.plan.faults.no_message_start import NoMessageStart
from streamsim.plan.faults.no_space import NoSpace
from streamsim.plan.faults.nonfinite_json import NonfiniteJson
from streamsim.plan.faults.nonjson_heartbeat import NonjsonHeartbeat
from streamsim.plan.faults.null_chunk import NullChunk
from streamsim.plan.faults.proxy_terminates_partial import ProxyTerminatesPartial
from streamsim.plan.faults.refuse import Refuse
from streamsim.plan.faults.reorder import Reorder
from streamsim.plan.faults.replacement_deltas import ReplacementDeltas
from streamsim.plan.faults.replay_on_reconnect import ReplayOnReconnect
from streamsim.plan.faults.reset_after_terminal import ResetAfterTerminal
from streamsim.plan.faults.reset_peer import ResetPeer
from streamsim.plan.faults.resplit import Resplit
from streamsim.plan.faults.short_content_length import ShortContentLength
from streamsim.plan.faults.slicer import Slicer
from streamsim.plan.faults.slow_first_event import SlowFirstEvent
from streamsim.plan.faults.split import Split
from streamsim.plan.faults.stall import Stall
from streamsim.plan.faults.stall_headers import StallHeaders
from streamsim.plan.faults.stall_masked_by_keepalive import StallMaskedByKeepalive
from streamsim.plan.faults.sticky_id_comment import StickyIdComment
from streamsim.plan.faults.tool_args_truncated import ToolArgsTruncated
from streamsim.plan.faults.tool_delta_dropped import ToolDeltaDropped
from streamsim.plan.faults.tool_index_collision import ToolIndexCollision
from streamsim.plan.faults.tool_index_missing import ToolIndexMissing
from streamsim.plan.faults.tool_interleaved import ToolInterleaved
from streamsim.plan.faults.tool_name_late import ToolNameLate
from streamsim.plan.faults.trickle import Trickle
from streamsim.plan.faults.truncate_close_delimited import TruncateCloseDelimited
from streamsim.plan.faults.truncate_mid_json import TruncateMidJson
from streamsim.plan.faults.unframed_error import UnframedError
from streamsim.plan.faults.unicode_newline import UnicodeNewline
from streamsim.plan.faults.unknown_event import UnknownEvent
from streamsim.plan.faults.unterminated_then_error import UnterminatedThenError
from streamsim.plan.faults.wrong_body import WrongBody

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Fault

CONNECTION: tuple[type[Fault], ...] = (
    ResetPeer,
    CloseMidChunked,
    ShortContentLength,
    TruncateCloseDelimited,
    CleanTruncation,
    TruncateMidJson,
    ResetAfterTerminal,
    HoldAfterTerminal,
    EmptyReply,
    BadChunkHeader,
    ConnectionCloseMask,
    Refuse,
    Ignore,
)
TIME: tuple[type[Fault], ...] = (
    StallHeaders,
    SlowFirstEvent,
    Stall,
    StallMaskedByKeepalive,
    CommentsOnly,
    Gap,
    BufferAll,
    Burst,
    Bandwidth,
    Trickle,
)
BYTES: tuple[type[Fault], ...] = (
    Split,
    Slicer,
    Coalesce,
    LineEnds,
    Bom,
    UnicodeNewline,
    ContentType,
    InvalidUtf8,
    ReplacementDeltas,
    Gzip,
    GzipTruncated,
    FalseEncoding,
    HugeEvent,
    Corrupt,
)
FRAMES: tuple[type[Fault], ...] = (
    CommentKeepalive,
    CommentAsData,
    CommentInsideEvent,
    EmptyData,
    MetaOnly,
    StickyIdComment,
    EventWithoutData,
    NonjsonHeartbeat,
    NoSpace,
    MissingEventLine,
    NoFinalBlank,
    UnframedError,
    UnterminatedThenError,
    ProxyTerminatesPartial,
    MultilineData,
    LeadingSpaces,
    FieldWithoutColon,
    Drop,
    Duplicate,
    Reorder,
)
ANSWERS: tuple[type[Fault], ...] = (
    ErrorEvent,
    WrongBody,
    EmptyStream,
    HttpError,
    ReplayOnReconnect,
)
MEANING: tuple[type[Fault], ...] = (
    Resplit,
    ChoicesEmpty,
    ChoicesNull,
    DeltaNull,
    NullChunk,
    ContentKeyAbsent,
    FinishMissing,
    FinishEveryChunk,
    FinishStopWithTools,
    ContentAfterFinish,
    DuplicateDone,
    MissingDone,
    CumulativeDelta,
    NonfiniteJson,
)
TOOLS: tuple[type[Fault], ...] = (
    ToolIndexMissing,
    ToolIndexCollision,
    ToolInterleaved,
    ToolArgsTruncated,
    ToolDeltaDropped,
    ToolNameLate,
)
SEQUENCE: tuple[type[Fault], ...] = (
    BlockIndexGap,
    DeltaBeforeStart,
    NoMessageStart,
    NoMessageDelta,
    UnknownEvent,
)

GROUPS: dict[str, tuple[type[Fault], ...]] = {
    "Connection": CONNECTION,
    "Time": TIME,
    "Bytes": BYTES,
    "Frames": FRAMES,
    "Answers": ANSWERS,
    "Meaning": MEANING,
    "Tool calls": TOOLS,
    "Sequence": SEQUENCE,
}
CATALOGUE: dict[str, type[Fault]] = {kind.name(): kind for kinds in GROUPS.values() for kind in kinds}
