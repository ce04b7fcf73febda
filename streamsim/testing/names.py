"""Finding the recording that a test names.

Law: the nearest wins: the folder of the test's recordings, the folder of the test, the current one, what is shipped.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from streamsim.errors import RecordingError
from streamsim.plan.planner import Planner
from streamsim.recording import codec
from streamsim.shells.files import SUFFIX, read_blocks, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

# Planners of files that were read, by path, time and size: hashing and reading a stream is done once for many tests.
_KEPT: dict[tuple[Path, int, int], Planner] = {}
_MOST = 64


def find(name: str | Path, folders: tuple[Path, ...]) -> Path:
    """Return the file that ``name`` means: a path, with or without suffix, or the name of a shipped recording.

    Raises:
        RecordingError: There is no such file; names that come near are listed.

    """
    for path in _candidates(Path(name), folders):
        if _is_file(path):
            return path
    known = shipped()
    if str(name).removesuffix(SUFFIX) in known:
        return known[str(name).removesuffix(SUFFIX)]
    beside = [path.stem for path in sorted(folders[0].glob(f"**/*{SUFFIX}"))] if folders else []
    near = get_close_matches(str(name).removesuffix(SUFFIX), [*beside, *known], n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"shipped are {', '.join(known)}"
    shown = f"{str(name)[:60]}…" if len(str(name)) > 60 else str(name)
    raise RecordingError(shown, "there is no such file, nor a shipped recording of that name", remedy)


def _candidates(name: Path, folders: tuple[Path, ...]) -> Iterator[Path]:
    for folder in (*folders, Path()):
        yield folder / name
        if name.suffix != SUFFIX:
            yield folder / f"{name}{SUFFIX}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that is no path at all
        return False


def planner(path: Path) -> Planner:
    """Return the planner of the recording in ``path``.

    Raises:
        RecordingError: It cannot be read.

    """
    try:
        known = path.stat()
    except OSError as error:
        raise RecordingError(str(path), error.strerror or str(error), "check the file") from error
    key = (path.resolve(), known.st_mtime_ns, known.st_size)
    kept = _KEPT.get(key)
    if kept is None:
        kept = Planner(codec.decode(read_blocks(path), source=str(path)), name=path.stem)
        if len(_KEPT) >= _MOST:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = kept
    return kept
