"""Finding the recording, or the script of one, that a test names.

Law: the nearest wins: the folder of the test's recordings, the folder of the test, the current one, what is shipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streamsim.errors import RecordingError, nearest
from streamsim.shells.files import SCRIPT_SUFFIX, SUFFIX, load, shipped
from streamsim.testing.planned import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.plan.planner import Planner

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
    shown = f"{str(name)[:60]}…" if len(str(name)) > 60 else str(name)
    remedy = _near(str(name), [*_beside(folders), *known]) or f"shipped are {', '.join(known)}"
    raise RecordingError(shown, "there is no such file, nor a shipped recording of that name", remedy)


def _near(name: str, known: list[str]) -> str:
    """Return what to do about a ``name`` that means nothing: take one that comes near it, or have a text said."""
    if near := nearest(name.removesuffix(SUFFIX), known, cutoff=0.5):
        return near
    return 'to have a text said, name a dialect: dialect="openai-chat"' if " " in name else ""


def _beside(folders: tuple[Path, ...]) -> list[str]:
    """Return what the folder of recordings holds, and what scripts the other ones."""
    recordings = [path.stem for folder in folders[:1] for path in sorted(folder.glob(f"**/*{SUFFIX}"))]
    return [*recordings, *(path.name for folder in folders for path in sorted(folder.glob(f"*{SCRIPT_SUFFIX}")))]


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
    """Return the planner of the recording in ``path``, or of the one that a script in it makes.

    Raises:
        RecordingError: It cannot be read.
        ScriptError: It is a script that cannot be understood.

    """
    try:
        known = path.stat()
    except OSError as error:
        raise RecordingError(str(path), error.strerror or str(error), "check the file") from error
    key = (path.resolve(), known.st_mtime_ns, known.st_size)
    kept = _KEPT.get(key)
    if kept is None:
        kept = Kept(load(path), name=path.stem)
        if len(_KEPT) >= _MOST:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = kept
    return kept
