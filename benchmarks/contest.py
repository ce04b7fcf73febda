"""Who takes part: servers started side by side, and rows for those that cannot be had."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from benchmarks.bench import AbsentError
from benchmarks.peers.answering import check
from benchmarks.processes import listening
from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import ExitStack

    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer
    from benchmarks.processes import Command, Server


class Peer(Protocol):
    """What a peer's file gives; some have more.

    ``prepare(server, answer)``: what to do once it listens. ``HEAVY``: whether its installation takes gigabytes.
    """

    NAME: str

    def command(self, bench: Bench, answer: Answer, /) -> Command:
        """Return how to start it."""
        ...


@contextmanager
def served(bench: Bench, peer: Peer, answer: Answer) -> Iterator[Server]:
    """Run ``peer`` until it is no longer needed."""
    with listening(bench, peer.command(bench, answer)) as server:
        prepare = getattr(peer, "prepare", None)
        if prepare is not None:
            prepare(server, answer)
        yield server


def entered(
    bench: Bench, stack: ExitStack, case: str, answer: Answer, peers: Iterable[Peer], *, asked: bool = True
) -> tuple[dict[str, Server], list[Row]]:
    """Start ``peers`` for as long as ``stack`` is open.

    Args:
        bench: The run.
        stack: What ends them.
        case: What the skipped rows are about.
        answer: What they are to answer.
        peers: Who takes part.
        asked: Whether each is asked once, and has to give that answer.

    Returns:
        Those that could be started, by name, and a skipped row for each other one.

    """
    servers: dict[str, Server] = {}
    skipped: list[Row] = []
    for peer in peers:
        if not bench.big and getattr(peer, "HEAVY", False):
            skipped.append(Row(case=case, peer=peer.NAME, skipped="installs gigabytes: only with --big"))
            continue
        try:
            server = stack.enter_context(served(bench, peer, answer))
            if asked:
                check(server, answer)
        except (AbsentError, RuntimeError, OSError) as error:
            skipped.append(Row(case=case, peer=peer.NAME, skipped=str(error)))
        else:
            servers[peer.NAME] = server
    return servers, skipped
