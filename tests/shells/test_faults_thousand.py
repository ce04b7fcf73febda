"""A thousand clients that ask one server for a thousand different faults, all at once."""

from __future__ import annotations

import asyncio
import resource
import socket
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.plan.faults import CATALOGUE, parse_fault, spell_fault
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.plan.faults.fault import Placed
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.running import allow_many_sockets
from tests.builders import as_file, exchange, recording
from tests.cli.test_serve import serve
from tests.shells.fault_cases import CASES
from tests.shells.fault_streams import CHUNKED, FRAMES, TYPE
from tests.shells.raw import ask, request
from tests.shells.seen import promised, promised_end
from tests.shells.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from tests.shells.seen import Ended

CLIENTS = 1000
PATIENCE_S = 60.0
# Minutes of faults are tens of milliseconds; the recording is as much slower, so that all streams run side by side.
SPEED = 2000
ANSWERED_US = 60_000_000
GAP_US = 100_000_000
SLOW = recording(exchange(headers=(TYPE, CHUNKED), chunks=FRAMES, response_us=ANSWERED_US, gaps_us=GAP_US))
PACING = Pacing(speed=(SPEED, 1))
CLEAN = request("/v1/chat/completions", "x-streamsim-key: clean")
UNKNOWN = request("/nothing/like/it", method="GET", body=b"")


class Client(NamedTuple):
    """What one client asks for, and what it must get."""

    fault: str
    asks: bytes
    raw: bytes
    ended: Ended


# What a fault of meaning strikes is not at any place: it finds its own, or none.
MEANT = frozenset((*GROUPS["Meaning"], *GROUPS["Tool calls"], *GROUPS["Sequence"]))


def different_faults() -> list[str]:
    """Return a thousand faults: all the cases that are spelt out, then every fault at every place in turn."""
    told = [
        name + (f":{one.options}" if one.options and name not in MEANT else "")
        for name, cases in CASES.items()
        for one in cases
    ]
    placed = [_everywhere(name) for name, kind in CATALOGUE.items() if issubclass(kind, Placed) and name not in MEANT]
    in_turn = (fault for row in zip_longest(*placed) for fault in row if fault is not None)
    spelt = dict.fromkeys(spell_fault(parse_fault(fault)) for fault in chain(told, in_turn))
    return list(islice(spelt, CLIENTS))


def _everywhere(name: str) -> Iterator[str]:
    """Yield a fault at many places that the recording has and the fault can strike."""
    small = ",size=99" if name == "huge_event" else ""
    for event in range(4):
        yield f"{name}:at_event={event}{small}"
        yield f"{name}:at_chunk={event}{small}"
    for nth in range(25):
        if name != "truncate_mid_json":
            yield f"{name}:at_byte={7 * nth}{small}"
        yield f"{name}:probability=1/{nth + 2}{small}"


def clients() -> list[Client]:
    """Return them all, with what is planned for each."""
    planner = Planner(SLOW)
    found: list[Client] = []
    for nth, fault in enumerate(different_faults()):
        plan = planner.plan(1, Profile(pacing=PACING, faults=(parse_fault(fault),)))
        asks = request("/v1/chat/completions", f"x-streamsim-fault: {fault}", f"x-streamsim-key: {nth}")
        found.append(Client(fault, asks, b"".join(promised(plan)), promised_end(plan)))
    return found


async def play(port: int, client: Client, start: asyncio.Event) -> str:
    """Ask, read all that is planned, see the end or leave; return what went wrong."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await start.wait()
        await loop.sock_sendall(sock, client.asks)
        if client.ended in ("refuse", "ignore"):
            head = await loop.sock_recv(sock, 1 << 16)
            return "" if head.startswith(b"HTTP/1.1 501 ") else f"{client.fault}: {head!r}"
        raw = await _read(sock, lambda raw: len(raw) >= len(client.raw))
        if raw != client.raw:
            return f"{client.fault}: {raw!r} instead of {client.raw!r}"
        ended = await _end(sock, client.ended)
        return "" if ended == client.ended else f"{client.fault}: {ended} instead of {client.ended}"


async def _read(sock: socket.socket, enough: Callable[[bytearray], bool]) -> bytes:
    loop = asyncio.get_running_loop()
    raw = bytearray()
    while not enough(raw) and (data := await loop.sock_recv(sock, 1 << 18)):
        raw += data
    return bytes(raw)


async def _end(sock: socket.socket, expected: Ended) -> str:
    """Return how the connection ended; who is to hang leaves."""
    loop = asyncio.get_running_loop()
    if expected == "silence":
        return expected
    try:
        if expected == "open":
            await loop.sock_sendall(sock, UNKNOWN)
            return "open" if (await loop.sock_recv(sock, 1 << 16)).startswith(b"HTTP/1.1 404 ") else "fin"
        return "fin" if not await loop.sock_recv(sock, 1) else "more"
    except ConnectionResetError:
        return "reset"


async def all_at_once(port: int, wanted: Iterable[Client]) -> list[str]:
    """Let all clients play together; return all that went wrong."""
    start = asyncio.Event()
    tasks = [asyncio.create_task(play(port, client, start)) for client in wanted]
    await asyncio.sleep(0)
    start.set()
    async with asyncio.timeout(PATIENCE_S):
        return [wrong for wrong in await asyncio.gather(*tasks) if wrong]


@pytest.fixture
def many_files() -> Generator[None, None, None]:
    """As many sockets as the system allows."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_many_sockets()
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def open_files(process: int | str) -> int:
    """Return how many files a process has open; 0 where the system does not tell."""
    folder = Path(f"/proc/{process}/fd")
    return len([*folder.iterdir()]) if folder.is_dir() else 0


def clean() -> bytes:
    """Return what a client gets that asks for no fault."""
    return b"".join(promised(Planner(SLOW).plan(1, Profile(pacing=PACING))))


def settled(port: int, process: int | str, before: int) -> bool:
    """Ask for the clean stream, to the byte, until no file is open but those of the beginning."""
    for _ in range(50):
        answer = ask(port, CLEAN)
        told = answer.head + b"".join(b"%x\r\n%b\r\n" % (len(data), data) for data in answer.chunks) + b"0\r\n\r\n"
        assert told == clean()
        if open_files(process) <= before:
            return True
    return False


def test_they_are_a_thousand_different_faults() -> None:
    """All of the catalogue, no two alike."""
    faults = different_faults()
    assert len(set(faults)) == CLIENTS
    assert {fault.partition(":")[0] for fault in faults} == set(CATALOGUE)


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.full)])
def test_a_server_survives_a_thousand_faults(share: int) -> None:
    """Each client gets its own bytes and end; no session, task, file or exception is left, and the next is served."""
    wanted = clients()[::share]
    listens = [client for client in wanted if client.ended not in ("refuse", "ignore")]  # as a server does that listens
    engine = Engine([Planner(SLOW)], Settings(profile=Profile(pacing=PACING)))
    with serving(engine) as server:
        ask(server.port, CLEAN)
        before = open_files("self")
        assert asyncio.run(all_at_once(server.port, wanted)) == []
        assert settled(server.port, "self", before)
        assert server.eventually(lambda: not server.server.sessions)
        answered = [trace for trace in server.traces if "faults" in trace.as_json()]
        assert len(answered) == len(listens)
        assert {trace.outcome for trace in answered} == {"complete", "fin", "reset", "hang", "client left"}
        assert all(min(trace.lateness_ns(), default=0) >= 0 for trace in answered)


@pytest.mark.usefixtures("many_files")
def test_serve_survives_a_thousand_faults(tmp_path: Path) -> None:
    """The command too: nothing on stderr but one miss, no file left open, the next client served, a clean end."""
    path = tmp_path / "slow.jsonl"
    path.write_bytes(as_file(SLOW))
    wanted = clients()
    with serve(path, "--speed", f"{SPEED}x") as served:
        ask(served.port, CLEAN)
        before = open_files(served.process.pid)
        assert asyncio.run(all_at_once(served.port, wanted)) == []
        assert settled(served.port, served.process.pid, before)
        code, out, complaints = served.end()
        assert (code, out) == (0, "")
        assert [line for line in complaints.splitlines() if "no recorded exchange answers" not in line] == []
