"""Live counters of a recording in progress, for a person at a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from streamsim.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Generator

    from streamsim.shells.recorder import Session


class _View:
    """Drawn anew, from the session's counters, each time rich asks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __rich__(self) -> Table:
        session = self._session
        ttft = "-" if session.ttft_us is None else format_duration(session.ttft_us * 1000)
        table = Table.grid(padding=(0, 2))
        table.add_row(
            f"[bold]{session.exchanges}[/] exchanges",
            f"[green]{session.open}[/] open",
            f"[bold]{session.events}[/] events",
            f"[bold]{session.bytes:,}[/] bytes",
            f"TTFT [bold]{ttft}[/]",
        )
        return table


@contextmanager
def counters(session: Session) -> Generator[None, None, None]:
    """Show the counters on stderr while the block runs."""
    console = Console(stderr=True)
    with Live(_View(session), console=console, refresh_per_second=8, transient=True):
        yield
