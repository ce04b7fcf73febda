"""Playing in the terminal, under a clock that only moves when it is waited on."""

from __future__ import annotations

import gzip
import io
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli
from streamsim.clock.core import VirtualClock
from streamsim.errors import RecordingError
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Plan, Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import Chunk, Ending
from streamsim.shells import terminal
from streamsim.shells.terminal import Player, TerminalClock, forgive, harmless, shower
from streamsim.wire import End, Hang, Head, Ignore, Raw, Send, Timeline
from tests.builders import EVENT_STREAM, HELLO, as_file, chat, exchange, recording, sse, timeline

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.recording.model import Exchange

MS = 1_000_000


class Waited(VirtualClock):
    """A virtual clock that can be waited on, and remembers for when; at ``interrupt_ns`` the user presses Ctrl-C."""

    def __init__(self, start_ns: int = 0, interrupt_ns: int | None = None) -> None:
        super().__init__(start_ns)
        self.deadlines: list[int] = []
        self._interrupt_ns = interrupt_ns

    def wait_until_ns(self, deadline_ns: int) -> None:
        self.deadlines.append(deadline_ns)
        if self._interrupt_ns is not None and deadline_ns > self._interrupt_ns:
            self.advance_to_ns(self._interrupt_ns)
            raise KeyboardInterrupt
        self.advance_to_ns(deadline_ns)


class Screen(io.StringIO):
    """Remembers what was written when."""

    def __init__(self, clock: Waited) -> None:
        super().__init__()
        self.seen: list[tuple[int, str]] = []
        self._clock = clock

    def write(self, text: str) -> int:
        self.seen.append((self._clock.now_ns(), text))
        return super().write(text)


def played(told: Exchange, *, pacing: Pacing = Pacing(), clock: Waited | None = None) -> tuple[str, str]:  # noqa: B008
    """Return what is shown of ``told``, and the summary."""
    return played_plan(Planner(recording(told)).plan(1, Profile(pacing=pacing)), clock)


def played_plan(plan: Plan, clock: Waited | None = None) -> tuple[str, str]:
    """Return what is shown of ``plan``, and the summary."""
    out = io.StringIO()
    summary = Player(plan, out, clock or Waited()).play()
    return out.getvalue(), summary


def plan_of(steps: Timeline) -> Plan:
    """Return ``steps`` as a plan of no recording."""
    return Plan("id", "made.jsonl", 1, 0, 1, steps, (0,) * len(steps), "generic")


def test_content_appears_when_it_is_due() -> None:
    """Every delta is written at its absolute time, whenever playing began."""
    clock = Waited(start_ns=7_000 * MS)
    out = Screen(clock)
    told = exchange(chunks=chat("Hel", "lo"), gaps_us=[1000, 20_000, 30_000, 0, 0])
    summary = Player(Planner(recording(told)).plan(1), out, clock).play()
    assert out.seen == [(7_121 * MS, "Hel"), (7_151 * MS, "lo"), (7_151 * MS, "\n")]
    assert clock.deadlines == [7_000 * MS + at * MS for at in (100, 101, 121, 151, 151, 151, 151)]
    assert summary == "exchange 1: status 200, TTFT 121ms, 5 events in 151ms, ended complete"


def test_events_of_an_unknown_dialect_are_shown_one_a_line() -> None:
    """Where no content is known, data is what a reader has; a terminal ``[DONE]`` is none."""
    shown, summary = played(exchange(chunks=[*HELLO, *sse("[DONE]")]))
    assert shown == "one\ntwo\nthree\n"
    assert summary == "exchange 1: status 200, TTFT 120ms, 4 events in 180ms, ended complete"


def test_pacing_is_that_of_the_plan() -> None:
    """Playing adds nothing to the plan's times."""
    clock = Waited()
    played(exchange(), pacing=Pacing(speed=(2, 1)), clock=clock)
    assert clock.deadlines == [50 * MS, 60 * MS, 70 * MS, 80 * MS, 80 * MS]


def test_controls_in_content_are_escaped() -> None:
    """A recording cannot drive the terminal; line feeds, tabs and letters of any script pass."""
    assert harmless("a\tb\n\x1b[31m\r\x00\x7f\x9b 你好\\") == "a\tb\n\\x1b[31m\\r\\x00\\x7f\\u009b 你好\\"
    shown, _ = played(exchange(chunks=chat("\x1b]0;", "owned\x07")))
    assert shown == "\\x1b]0;owned\\x07\n"


def test_an_answer_that_is_no_stream_shows_its_body() -> None:
    """An error in JSON is what a reader would see; characters may be cut between chunks."""
    body = '{"error":"ñ"}'.encode()
    cut = body.index(b"\xb1")
    told = exchange(status=404, headers=(("content-type", "application/json"),), chunks=[body[:cut], body[cut:]])
    assert played(told) == ('{"error":"ñ"}\n', "exchange 1: status 404, 14 bytes in 140ms, ended complete")


def test_what_is_no_text_is_only_counted() -> None:
    """Pictures are not for terminals."""
    show = shower((("content-type", "image/png"),))
    assert show(b"\x89PNG") == "[4 bytes of image/png]\n"


def test_compressed_text_is_shown_decoded() -> None:
    """A reader's client decodes it too."""
    assert shower((("content-encoding", "gzip"),))(gzip.compress(b"hello")) == "hello"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("complete", "ended complete"),
        ("fin", "ended with FIN before the body was complete"),
        (None, "ended with FIN before the body was complete"),
        ("reset", "ended with RST"),
        ("timeout", "ended in silence (a hang)"),
    ],
)
def test_the_summary_says_how_it_ended(end: str | None, words: str) -> None:
    """As the timeline ends it; a hang without end is over at once, for nothing more would be seen."""
    assert played(exchange(end=end))[1] == f"exchange 1: status 200, TTFT 120ms, 3 events in 160ms, {words}"


def test_a_server_that_was_not_reached_gives_no_answer() -> None:
    """Nothing is shown, and that is said."""
    told = exchange(status=0, chunks=(), end="unreachable", end_us=5000)
    assert played(told) == ("", "exchange 1: no answer, 0 bytes in 5ms, connection refused")
    assert played_plan(plan_of(timeline((0, Ignore())))) == (
        "",
        "exchange 1: no answer, 0 bytes in 0, connection attempt never answered",
    )


def test_a_hang_with_an_end_is_waited_out() -> None:
    """The reader waits as long as the server holds the connection."""
    clock = Waited()
    steps = timeline((0, Head(200, headers=EVENT_STREAM)), (5 * MS, Hang(10 * MS)))
    assert played_plan(plan_of(steps), clock)[1] == (
        "exchange 1: status 200, 0 events in 15ms, ended in silence (a hang)"
    )


def test_of_a_chunk_cut_short_a_reader_sees_what_came() -> None:
    """Bytes of a chunk that was announced longer are content; what breaks the framing is not."""
    told = exchange(chunks=chat("a")[:2], end=Ending(exchange=1, dt_us=0, cause="protocol_error", text="ZZ\r\nx"))
    frame = chat("b")[1].decode()
    told.chunks.append(Chunk(exchange=1, dt_us=1000, text=frame + "data: {", cut=True))
    assert played(told)[0] == "ab\n"


@pytest.mark.parametrize(
    ("raw", "framing", "shown"),
    [
        (b"5\r\nabcdefg", "chunked", "abcde\n"),
        (b"5 \r\nab", "chunked", ""),
        (b"5", "chunked", ""),
        (b"2\r\nab", "close", ""),
    ],
)
def test_raw_bytes_are_read_as_a_lenient_client_does(raw: bytes, framing: str, shown: str) -> None:
    """The beginning of a chunk is taken, other bytes outside the framing are not."""
    head = Head(200, framing="chunked") if framing == "chunked" else Head(200, framing="close")
    assert played_plan(plan_of(timeline((0, head), (0, Raw(raw)), (0, Send(b"")), (0, End()))))[0] == shown


def test_bytes_before_any_head_are_not_shown() -> None:
    """What is no HTTP answer has no content."""
    assert played_plan(plan_of(timeline((0, Raw(b"garbage")), (0, Hang()))))[0] == ""


def test_control_c_ends_it_cleanly() -> None:
    """The line is finished, and the summary is of what was seen by then."""
    told = exchange(chunks=chat("a", "b"))
    shown = played(told, clock=Waited(interrupt_ns=150 * MS))
    assert shown == ("a\n", "exchange 1: status 200, TTFT 140ms, 2 events in 150ms, interrupted")
    early = played(told, clock=Waited(interrupt_ns=30 * MS))
    assert early == ("", "exchange 1: no answer, 0 bytes in 30ms, interrupted")


def test_interrupted_while_the_head_is_shown_there_were_no_events() -> None:
    """A step that was not finished does not count."""

    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise KeyboardInterrupt

    plan = Planner(recording(exchange(chunks=HELLO[:1]))).plan(1)
    player = Player(plan, Broken(), Waited())
    assert player.play() == "exchange 1: status 200, TTFT 120ms, 0 events in 120ms, interrupted"
    assert player.interrupted


def test_the_real_clock_is_never_early_and_naps_at_most_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sleep that ends too soon is repeated, a past deadline is not waited for, and no nap is too long."""
    naps: list[float] = []

    class Steered(TerminalClock):
        def __init__(self) -> None:
            self.at_ns = 0

        def now_ns(self) -> int:
            return self.at_ns

    clock = Steered()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.at_ns += max(1, int(seconds * 1e9 / 2)) if seconds < 1 else int(seconds * 1e9)

    monkeypatch.setattr(time, "sleep", sleep)
    clock.wait_until_ns(2 * 3600 * 1000 * MS + 4)
    assert naps[:2] == [3600.0, 3600.0]
    assert clock.now_ns() == 2 * 3600 * 1000 * MS + 4
    naps.clear()
    clock.wait_until_ns(1)
    assert naps == []


def test_the_real_clock_tells_the_time_of_the_machine() -> None:
    """Its time goes on, and waiting for now returns."""
    clock = TerminalClock()
    before_ns = clock.now_ns()
    clock.wait_until_ns(before_ns)
    assert clock.now_ns() >= before_ns


def test_an_output_that_is_no_file_needs_no_forgiving() -> None:
    """What has no encoding lacks no character; what has one escapes what it lacks."""
    plain = io.StringIO()
    assert forgive(plain) is plain
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    forgive(narrow).write("☃")
    narrow.flush()
    assert narrow.buffer.getvalue() == b"\\u2603"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a recording of two exchanges, ``two.jsonl``, under a virtual clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(terminal, "TerminalClock", Waited)
    told = recording(exchange(chunks=chat("a", "b")), exchange(method="GET", target="/x", end="reset"))
    (tmp_path / "two.jsonl").write_bytes(as_file(told))


@pytest.mark.usefixtures("session")
def test_play_shows_all_exchanges_and_sums_up_on_stderr() -> None:
    """Content goes to stdout, everything about it to stderr."""
    result = CliRunner().invoke(cli, ["play", "two.jsonl"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout == "ab\none\ntwo\nthree\n"
    assert result.stderr.split("\n") == [
        "exchange 1: POST /v1/chat/completions",
        "exchange 1: status 200, TTFT 140ms, 5 events in 200ms, ended complete",
        "exchange 2: GET /x",
        "exchange 2: status 200, TTFT 120ms, 3 events in 160ms, ended with RST",
        "",
    ]


@pytest.mark.usefixtures("session")
def test_play_one_exchange_with_a_pacing() -> None:
    """One exchange needs no heading; the options are those of plan."""
    result = CliRunner().invoke(cli, ["play", "two.jsonl", "--exchange", "2", "--speed", "2x"], catch_exceptions=False)
    assert result.stdout == "one\ntwo\nthree\n"
    assert result.stderr == "exchange 2: status 200, TTFT 60ms, 3 events in 80ms, ended with RST\n"


@pytest.mark.usefixtures("session")
def test_control_c_ends_the_whole_play(monkeypatch: pytest.MonkeyPatch) -> None:
    """No further exchange begins, and the exit code says that all is well."""
    monkeypatch.setattr(terminal, "TerminalClock", lambda: Waited(interrupt_ns=150 * MS))
    result = CliRunner().invoke(cli, ["play", "two.jsonl"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout == "a\n"
    assert result.stderr.count("\n") == 2


@pytest.mark.usefixtures("session")
def test_play_of_an_unknown_exchange_is_an_error() -> None:
    """The remedy names those there are."""
    result = CliRunner().invoke(cli, ["play", "two.jsonl", "--exchange", "5"])
    assert isinstance(result.exception, RecordingError)
    assert str(result.exception) == "two.jsonl: there is no exchange 5; it has 1, 2"
