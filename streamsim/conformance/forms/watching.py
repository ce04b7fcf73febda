"""Ends what does not end.

Law: on Unix, in the main thread, a parser in an endless loop is interrupted by an alarm; elsewhere nothing can stop it
but the end of its process, which is for whoever started that.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class Hung(BaseException):
    """Time is over. Not an Exception: parsers catch those."""


@contextmanager
def patience(seconds: float) -> Generator[None]:
    """Raise `Hung` in what runs inside, once ``seconds`` are over."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(*_: object) -> None:
    raise Hung
