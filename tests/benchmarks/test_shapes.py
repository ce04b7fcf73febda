from __future__ import annotations

import ast
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import inputs, parsers, streams
from benchmarks.bench import Bench
from benchmarks.inputs import chat_events, large_file, recording, recording_file
from benchmarks.peers import ours
from benchmarks.peers.answering import Answer
from benchmarks.processes import listening
from benchmarks.programs.naive import chunks
from benchmarks.shapes import (
    NAMES,
    drift,
    fuzz,
    memory,
    parse,
    plan,
    plugin,
    proxy,
    record,
    shape,
    simulate,
    start,
    virtual,
    workers,
)
from streamsim import Planner, load
from streamsim.sse import Event
from streamsim.sse import parse as events_of

if TYPE_CHECKING:
    from benchmarks.measure import Sample

SHAPES = Path(parse.__file__).parent


def test_every_shape_is_known_by_name() -> None:
    """No file lies in the folder of shapes that the command does not run."""
    assert sorted(NAMES) == sorted(path.stem for path in SHAPES.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_says_what_it_measures(name: str) -> None:
    """The table shows the docstring, which begins with the shape's name."""
    assert (ast.get_docstring(ast.parse((SHAPES / f"{name}.py").read_text())) or "").startswith(f"{name.capitalize()}:")
    assert callable(shape(name).run)


def test_a_chat_answer_is_the_same_everywhere() -> None:
    """The events that servers and recordings carry are seeded: their digest never changes."""
    digest = "92af363a0d8bb0e1fbaa8d7763054c409959fa2b6aa784408278c999770d3dec"
    assert sha256(b"".join(chat_events(100))).hexdigest() == digest


@pytest.mark.parametrize("count", [3, 100, 500])
def test_a_chat_answer_has_as_many_events_as_asked_for(count: int) -> None:
    """Each frame is one event, of 200 bytes or so, and the last is ``[DONE]``."""
    frames = chat_events(count)
    found = events_of(b"".join(frames))
    assert len(frames) == len(found) == count
    assert found[-1] == Event("[DONE]")
    assert all(190 < len(frame) < 240 for frame in frames[:-1])


def test_seeds_make_different_answers() -> None:
    """A large recording does not hold one answer again and again."""
    assert chat_events(100, seed=1) != chat_events(100, seed=2)


def test_a_recording_is_due_in_even_gaps(tmp_path: Path) -> None:
    """The first event is due with the request, each other one gap after the one before, one to a chunk."""
    frames = chat_events(100)
    (exchange,) = load(recording_file(tmp_path / "r.jsonl", frames)).exchanges
    assert [chunk.data for chunk in exchange.chunks] == frames
    body = [step.at_ns for step in exchange.timeline() if step.origin >= 0]
    assert body == [nth * inputs.GAP_US * 1000 for nth in range(100)]


def test_a_large_file_is_a_recording_of_that_size(tmp_path: Path) -> None:
    """The file of the load shape is whole, at least as large as asked for, and hardly larger."""
    path = large_file(tmp_path / "large.jsonl", 100_000, frames=20)
    assert 100_000 <= path.stat().st_size < 110_000
    loaded = load(path)
    assert len(loaded.exchanges) > 10
    assert {len(exchange.chunks) for exchange in loaded.exchanges} == {20}


def test_events_of_150_bytes_are_that_long() -> None:
    """Each event is one line of exactly 150 bytes with its line ends, and different words make different events."""
    frames = streams.events_of_150_bytes(200)
    assert {len(frame) for frame in frames} == {150}
    assert {frame.count(b"\n") for frame in frames} == {2}
    assert len(set(frames)) > 5


def test_a_crlf_stream_has_no_other_line_end() -> None:
    """Every LF follows a CR, and every CR is followed by an LF."""
    data = b"".join(streams.crlf(50))
    assert data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n") == 100


def test_two_line_events_have_a_name() -> None:
    """Each event is a name and one line of data."""
    frames = streams.two_lines(50)
    assert {frame.count(b"\n") for frame in frames} == {3}
    assert {event.type for event in events_of(b"".join(frames))} == {"content_block_delta"}


def test_non_ascii_events_have_characters_of_every_length() -> None:
    """Characters of one, two, three and four bytes stand in every event."""
    for frame in streams.non_ascii(20):
        assert {len(char.encode()) for char in frame.decode()} == {1, 2, 3, 4}


def test_a_mixed_stream_has_every_kind_of_line() -> None:
    """Comments, ids, names and data of several lines are all there, so that no fast path takes it whole."""
    data = b"".join(streams.mixed(100))
    found = events_of(data)
    assert len(found) == 100
    assert data.count(b": keep-alive\n\n") == 10
    assert {event.type for event in found} == {"message", "delta"}
    assert sum("\n" in event.data for event in found) == 34
    assert found[-1].id == "99"


@pytest.mark.parametrize("kilobytes", [1, 1024])
def test_one_line_is_as_long_as_it_says(kilobytes: int) -> None:
    """A stream of one event of one line, of a whole number of KiB."""
    frame = streams.one_line(kilobytes)
    assert len(frame) == kilobytes * 1024
    assert frame.count(b"\n") == 2


@pytest.mark.parametrize("case", parse.CASES, ids=lambda case: case.name)
def test_a_parse_case_grows_in_proportion(case: parse.Case) -> None:
    """Four times the length is four times the bytes, and our parser finds all events in the reads."""
    small, large = case.build(64), case.build(256)
    assert sum(map(len, large)) == pytest.approx(4 * sum(map(len, small)), rel=0.1)
    assert parsers.ours(small) == len(events_of(b"".join(small)))


@pytest.mark.parametrize("case", [case for case in parse.CASES if "ids" not in case.name], ids=lambda case: case.name)
def test_both_parsers_find_the_same_events(case: parse.Case) -> None:
    """Speeds are comparable: both do the whole work. Only with ids does httpx-sse give events for comments, too."""
    pytest.importorskip("httpx_sse")
    reads = case.build(64)
    assert parsers.ours(reads) == parsers.core(reads) > 0


@pytest.mark.parametrize(
    ("name", "size"), [("64 KB reads", 65536), ("1 KB reads", 1024), ("1-byte reads", 1), ("one a read", 0)]
)
def test_reads_are_as_large_as_the_case_says(name: str, size: int) -> None:
    """Every read but the last has the size in the case's name; "one a read" ends each in a blank line."""
    cases = [case for case in parse.CASES if name in case.name]
    assert cases
    for case in cases:
        reads = case.build(512)
        if size:
            assert {len(read) for read in reads[:-1]} <= {size}
        else:
            assert all(read.endswith(b"\n\n") for read in reads)


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_a_plan_has_as_many_chunks_as_it_says(count: int) -> None:
    """Chunks of the recording that is planned; all but a few carry content, so that the pacing has work."""
    planned = Planner(recording(plan.events(count))).plan(1)
    assert sum(step.origin >= 0 for step in planned.timeline) == count
    assert planned.events[-1] == count


def test_a_plan_is_of_what_is_loaded(tmp_path: Path) -> None:
    """The file that is loaded holds the recording that is planned, and all its times are told."""
    path = recording_file(tmp_path / "r.jsonl", plan.events(1000))
    told = load(path)
    assert told.exchanges == recording(plan.events(1000)).exchanges
    assert {metric.name for metric in plan.METRICS} == set(plan._sample(path, told))


def test_examples_are_counted_as_they_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there shall be are drawn, of every strategy, each is used, and the search tells how many it tried."""
    assert fuzz.campaign() == fuzz.EXAMPLES
    monkeypatch.setattr(fuzz, "EXAMPLES", 20)
    for strategy in fuzz.STRATEGIES.values():
        used: list[object] = []
        assert fuzz.drawn(strategy, used.append) == len(used) == 20


def test_a_start_is_that_of_the_installed_command(tmp_path: Path) -> None:
    """What is started is what users start, and it answers with the recording."""
    command = start._as_installed(ours, Bench(folder=tmp_path, rounds=1))
    assert command.words[: len(start._streamsim()) + 1] == (*start._streamsim(), "serve")
    assert start._first_byte(command)[start.WALL] > 0


def test_two_workers_are_two_processes(tmp_path: Path) -> None:
    """Both answer at one port, and the CPU of both is counted."""
    bench = Bench(folder=tmp_path, rounds=1)
    with listening(bench, ours.command(bench, workers.ANSWER, "--workers", "2")) as server:
        assert len(server.pids()) == 3  # with the one that started them


def test_what_a_proxy_adds_is_what_the_direct_way_of_the_same_round_lacks() -> None:
    """The upstream's own age of a chunk is taken off, round by round; nobody in between has no CPU."""
    ages = {proxy.DIRECT: [0.5, 1.0], "ours": [0.75, 1.5]}
    taken: dict[str, list[Sample]] = {
        name: [{proxy.P50: p50, proxy.P99: 9.0, proxy.CPU: 1.0} for p50 in told] for name, told in ages.items()
    }
    told = proxy._added(taken)
    assert [sample[proxy.ADDED] for sample in told["ours"]] == [0.25, 0.5]
    assert [set(sample) for sample in told[proxy.DIRECT]] == [{proxy.P50, proxy.P99}] * 2


def test_a_simulated_cluster_is_busy() -> None:
    """About four fifths of its places are taken, and all requests are answered."""
    found = simulate.simulated(10_000)
    assert (found.requests, found.completed) == (10_000, 10_000)
    assert 0.7 < found.in_system / (8 * 64) < 0.9


def test_every_client_in_memory_gets_its_whole_stream_on_time() -> None:
    """One write an event, one gap apart, from when the client began; no two clients begin together."""
    frames = chat_events(5)
    clients = virtual.played(Planner(recording(frames)), streams=3)
    for nth, client in enumerate(clients):
        begun_ns = nth * virtual.APART_NS
        assert [write.at_ns - begun_ns for write in client.writes] == [n * virtual.GAP_NS for n in range(5)]
        assert all(frame in client.received for frame in frames)


def test_drift_is_what_the_last_events_are_later_than_the_first() -> None:
    """A server whose every gap is 0.1 ms too long drifts by that for each event between the two ends."""
    gap_ns = drift.GAP_MS * 1_000_000
    late = drift.told(7, [20_000_007 + nth * (gap_ns + 100_000) for nth in range(500)], 20.0, 500)
    assert late["drift"] == pytest.approx(0.1 * (500 - drift.EDGE))
    assert late["earliest"] == 0


def test_drift_is_not_told_of_half_a_stream() -> None:
    """A stream that lost events is no measurement."""
    with pytest.raises(RuntimeError, match="499 of 500"):
        drift.told(0, [0] * 499, 0.0, 500)


def test_the_naive_server_sends_the_same_chunks() -> None:
    """The peers of our own writing send each event as a chunk of its own, as the recording has it."""
    frames = chat_events(10)
    assert chunks(b"".join(frames)) == [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames]


def test_tasks_on_an_event_loop_wait_as_long_as_they_say() -> None:
    """The last of three tasks begins two steps late and waits all its gaps, in virtual time."""
    assert virtual.waited(tasks=3) == pytest.approx(2 * virtual.APART_NS + virtual.WAITS * virtual.GAP_NS, abs=1000)


def test_the_sdk_gets_every_event_in_virtual_time() -> None:
    """Each stream of the SDK is whole, without what it swallows, and all play at once."""
    openai = pytest.importorskip("openai")
    events, now_ns = virtual.through_sdk(openai, streams=2)
    assert events == 2 * (virtual.EVENTS - 1)
    assert now_ns == (virtual.EVENTS - 1) * virtual.GAP_NS


def test_the_tests_of_the_plugin_are_as_many_as_they_say(tmp_path: Path) -> None:
    """Each file has as many tests as its name says; pytest runs it, and a failure is no measurement."""
    folder = plugin.suite(tmp_path)
    assert "range(21)" in (folder / "test_ours_21.py").read_text()
    assert plugin.pytest_cpu_s(folder, "bare", plugin=True) > 0
    (folder / "test_broken.py").write_text("def test_nothing(streamsim):\n    pass\n")
    with pytest.raises(RuntimeError, match="fixture 'streamsim' not found"):
        plugin.pytest_cpu_s(folder, "broken", plugin=False)


def test_what_a_client_saw_of_a_recorded_stream_is_told() -> None:
    """When the first and last event came, the longest wait between, and the CPU of client and recorder."""
    seen = record.Seen(arrivals_ms=[nth * 20.0 for nth in range(49)] + [1000.0], cpu_s=0.01)
    assert record.told(seen, 0.005) == {
        "first event after": 0.0,
        "last event after": 1000.0,
        "longest gap": 40.0,
        "CPU an event": pytest.approx(300),
    }
    with pytest.raises(RuntimeError, match="1 of 50"):
        record.told(record.Seen(arrivals_ms=[0.0], cpu_s=0.0), 0.0)


def test_the_answer_that_peers_are_told_has_as_many_events(tmp_path: Path) -> None:
    """Ours are whole events; a server that cuts words itself is told one for each event that it does not add."""
    answer = Answer(events=100, gap_ms=20)
    assert len(events_of(b"".join(answer.frames))) == 100
    assert len(answer.words(3)) == 97
    assert {len(word) for word in answer.words(3)} == {3}
    assert answer.file(Bench(folder=tmp_path, rounds=1)).read_bytes() == b"".join(answer.frames)


def test_memory_is_told_of_all_processes() -> None:
    """A process has some memory, and two have that of both."""
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("told on Linux only")
    here = os.getpid()
    assert memory.resident([here, here]) > 1.5 * memory.resident([here]) > 1e6
