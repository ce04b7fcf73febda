"""Linux's timers that are files (timerfd_create(2)), as Python 3.13 has them; before, by the C library's own names.

Law: times are those of the monotonic clock, in absolute nanoseconds.
"""

from __future__ import annotations

import os
import sys
import time

SECOND_NS = 1_000_000_000

if sys.version_info >= (3, 13) and sys.platform == "linux":

    def create() -> int:
        """Return the file of a new timer, which never blocks.

        Raises:
            OSError: The system has none to give.

        """
        return os.timerfd_create(time.CLOCK_MONOTONIC, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)

    def set_ns(file: int, at_ns: int) -> None:
        """Have ``file`` readable from ``at_ns`` on, and not before; 0: never."""
        os.timerfd_settime_ns(file, flags=os.TFD_TIMER_ABSTIME, initial=at_ns)

elif sys.platform == "linux" and sys.maxsize > 1 << 32:
    import ctypes

    _ABSTIME = 1  # linux/timerfd.h
    _SPEC = ctypes.c_long * 4  # struct itimerspec: interval and value, each in seconds and nanoseconds
    _LIBC = ctypes.CDLL(None, use_errno=True)
    _LIBC.timerfd_settime.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]

    def create() -> int:
        """Return the file of a new timer, which never blocks.

        Raises:
            OSError: The system has none to give.

        """
        file = int(_LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC))
        if file < 0:
            raise OSError(ctypes.get_errno(), "there is no timerfd")
        return file

    def set_ns(file: int, at_ns: int) -> None:
        """Have ``file`` readable from ``at_ns`` on, and not before; 0: never."""
        _LIBC.timerfd_settime(file, _ABSTIME, _SPEC(0, 0, *divmod(at_ns, SECOND_NS)), None)

else:

    def create() -> int:
        """Return the file of a new timer, which never blocks.

        Raises:
            OSError: The system has none to give.

        """
        raise OSError("there is no timerfd")

    def set_ns(file: int, at_ns: int) -> None:
        """Have ``file`` readable from ``at_ns`` on, and not before; 0: never."""
        raise NotImplementedError
