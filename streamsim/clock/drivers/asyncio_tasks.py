"""Where the tasks of an event loop wait, and how to wake one of them with an error."""

from __future__ import annotations

import asyncio
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_LIBRARY = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
# Where a chain of awaits goes on: coroutines, generators, asynchronous generators.
_KINDS = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
_MOST_TOLD = 20


def waiting(loop: asyncio.AbstractEventLoop, first: asyncio.Task[object] | None = None) -> list[str]:
    """Return name and place of each unfinished task, for people; ``first`` first, then by name."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: (task is not first, len(task.get_name()), task.get_name()))
    told = [f"{task.get_name()} at {_place(task)}" for task in tasks[:_MOST_TOLD]]
    more = len(tasks) - _MOST_TOLD
    return [*told, f"{more} more"] if more > 0 else told


def interrupt(task: asyncio.Task[object], error: Exception) -> bool:
    """Have ``error`` raised at what ``task`` waits for, or at what the task it waits for waits for, and so on.

    Returns:
        Whether that could be done: a task that waits for nothing, being about to run, cannot be interrupted.

    """
    future: asyncio.Future[object] | None = task
    while isinstance(future, asyncio.Task):
        future = getattr(future, "_fut_waiter", None)
    if future is None or future.done():
        return False
    future.set_exception(error)
    return True


def _place(task: asyncio.Task[object]) -> str:
    """Return the innermost place that is no library's, else the outermost."""
    frames = _frames(task.get_coro())
    if not frames:
        return "an unknown place"
    own = [frame for frame in frames if not frame.f_code.co_filename.startswith(_LIBRARY)]
    frame = own[-1] if own else frames[0]
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"


def _frames(awaited: object) -> list[FrameType]:
    """Return the frames of a chain of awaits, the outermost first."""
    frames: list[FrameType] = []
    while awaited is not None:
        for frame_name, next_name in _KINDS:
            frame: FrameType | None = getattr(awaited, frame_name, None)
            if frame is not None:
                frames.append(frame)
                awaited = getattr(awaited, next_name, None)
                break
        else:
            return frames
    return frames
