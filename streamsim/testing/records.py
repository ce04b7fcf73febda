"""Whether a replay plays a recording or makes one.

``none``: it plays, and there must be one. ``once``: it plays if there is one, else it records. ``new``: it plays what
there is, and records what else is asked for. ``all``: it records anew.

Law: a recording is replaced whole, when the test is over; one that nobody answered is not kept.
"""

from __future__ import annotations

import os
from shutil import copyfile
from typing import TYPE_CHECKING, Literal, TypeAlias

from streamsim.errors import RecordingError
from streamsim.shells.missing import Missing
from streamsim.shells.recorder import Upstream

if TYPE_CHECKING:
    from pathlib import Path

RecordMode: TypeAlias = Literal["none", "once", "new", "all"]

_NO_ANSWER = frozenset({"unreachable"})


def records(mode: RecordMode, path: Path) -> bool:
    """Tell whether there is something to record.

    Raises:
        RecordingError: There is no recording, and none is to be made.

    """
    if path.is_file():
        return mode in ("new", "all")
    if mode == "none":
        remedy = "run the test once with --streamsim-record=once"
        raise RecordingError(str(path), "there is no such recording, and --streamsim-record=none makes none", remedy)
    return True


class Take:
    """A recording in the making.

    Attributes:
        missing: Who asks the upstream.

    """

    def __init__(self, path: Path, url: str, mode: RecordMode) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        upstream = Upstream(url, where="replay: upstream", with_path=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._part.unlink(missing_ok=True)
            if mode == "new" and path.is_file():
                copyfile(path, self._part)
        except OSError as error:
            raise RecordingError(str(path), f"cannot be written: {error.strerror}", "check the folder") from error
        self.missing = Missing(upstream, self._part)

    @property
    def idle(self) -> bool:
        """Whether the end of every exchange was seen."""
        return not self.missing.session.open

    def close(self) -> int:
        """Put the recording in its place; return how many exchanges are new in it.

        Raises:
            RecordingError: It could not be written.

        """
        session = self.missing.session
        self.missing.close()
        kept = sum(count for cause, count in session.causes.items() if cause not in _NO_ANSWER)
        if kept and session.failure is None:
            self._part.replace(self._path)
        self._part.unlink(missing_ok=True)
        if session.failure is not None:
            raise session.failure
        return kept
