"""Ends what does not end.

Law: on Unix, in the main thread, a parser in an endless loop is interrupted by an alarm; elsewhere nothing can stop it
but the end of its process, which is for whoever started that.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator


IDLE: Final = 5
"""So many times as long may a stream take that waits: for a machine that is busy with something else, or for ever."""


class Hung(BaseException):
    """Time is over. Not an Exception: parsers catch those."""


@contextmanager
def patience(seconds: float) -> Generator[None]:
    """Raise `Hung` in what runs inside, once it worked for ``seconds``, or idled for some times as long."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [signal.signal(number, _ring) for number in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * IDLE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in zip((signal.SIGPROF, signal.SIGALRM), before, strict=True):
            signal.signal(number, handler)


def _ring(*_: object) -> None:
    raise Hung
