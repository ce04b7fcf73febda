"""Recordings and profiles in files: found by path or shipped name; recordings are read in blocks, written line by line.

Law of writing: lines are handed to the system whole and at once; a killed recorder leaves at most one torn line, the
last.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.errors import ProfileError, RecordingError, ScriptError, StreamsimError, nearest
from streamsim.plan.profile_file import read_profile
from streamsim.plan.say import written
from streamsim.plan.script_file import read_script
from streamsim.recording import codec
from streamsim.recording.model import Header, Kept, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from streamsim.plan.profile import Profile
    from streamsim.plan.script_file import Script
    from streamsim.recording.model import Entry, Recording

Existing: TypeAlias = Literal["refuse", "append", "force"]

BLOCK = 256 << 10  # what fits a cache: a larger one is read from memory twice
SUFFIX = ".jsonl"
PROFILE_SUFFIX = SCRIPT_SUFFIX = ".toml"


def shipped() -> dict[str, Path]:
    """Return the recordings that come with streamsim, by name."""
    return _shipped("recordings", "recordings", SUFFIX)


def shipped_profiles() -> dict[str, Path]:
    """Return the profiles that come with streamsim, by name."""
    return _shipped("profiles", "fixtures/profiles", PROFILE_SUFFIX)


def _shipped(installed: str, checkout: str, suffix: str) -> dict[str, Path]:
    """Return the files of a folder that is one of the package in a wheel, and beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "shipped" / installed, package.parent / checkout):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob(f"*{suffix}"))}
    return {}


def resolve(name: str) -> Path:
    """Return the file that ``name`` means: a path, or the name of a shipped recording.

    Raises:
        RecordingError: There is no such file; names that come near are listed.

    """
    return _found(name, SUFFIX, shipped, "recording", RecordingError)


def _found(
    name: str, suffix: str, shipped_ones: Callable[[], dict[str, Path]], noun: str, failure: type[StreamsimError]
) -> Path:
    path = Path(name)
    try:
        if path.is_dir():
            raise failure(name, "this is a folder", f"name a {suffix} file in it")
        if path.exists():  # pipes too
            return path
    except OSError as error:
        raise failure(name, error.strerror or str(error), "check the path") from error
    known = shipped_ones()
    if name.removesuffix(suffix) in known:
        return known[name.removesuffix(suffix)]
    beside = [str(other) for other in path.parent.glob(f"*{suffix}")] if path.parent.is_dir() else []
    remedy = nearest(name, [*beside, *known], cutoff=0.5) or f"shipped are {', '.join(known) or 'none'}"
    raise failure(name, f"there is no such file, nor a shipped {noun} of that name", remedy)


def read_blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of ``path``.

    Raises:
        RecordingError: The file cannot be read.

    """
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise RecordingError(str(path), error.strerror or str(error), "check the file") from error


def load(name: str | Path, *, salvage: bool = False) -> Recording:
    """Return the recording in a file, or the shipped one of that name, or the one that a script in a file makes.

    Raises:
        RecordingError: There is none, or a line of it is bad; with ``salvage`` all before a bad line is returned.
        ScriptError: It is a script (``.toml``) that cannot be understood.

    """
    if _is_script(name):
        return written(load_script(name), where=f"{name}: dialect")
    return codec.decode(blocks(name), source=str(name), salvage=salvage)


def _is_script(name: str | Path) -> bool:
    return Path(name).suffix == SCRIPT_SUFFIX


def blocks(name: str | Path) -> Iterable[bytes]:
    """Return the bytes of a recording: those of the file, or of the shipped one, or those that a script makes.

    Raises:
        RecordingError: There is none.
        ScriptError: It is a script (``.toml``) that cannot be understood.

    """
    return codec.encode(load(name)) if _is_script(name) else read_blocks(resolve(str(name)))


def load_script(name: str | Path) -> Script:
    """Return the script in a file.

    Raises:
        ScriptError: There is none, or it cannot be understood.

    """
    path = _found(str(name), SCRIPT_SUFFIX, dict, "script", ScriptError)
    return read_script(_text(path, str(name), ScriptError), source=str(name))


def _text(path: Path, name: str, failure: type[StreamsimError]) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise failure(name, error.strerror or str(error), "check the file") from error
    except UnicodeDecodeError as error:
        raise failure(name, "it is not UTF-8", "save it as UTF-8") from error


def load_profile(name: str | Path) -> Profile:
    """Return the profile in a file, or the shipped one of that name.

    Raises:
        ProfileError: There is none, or it cannot be understood.

    """
    path = _found(str(name), PROFILE_SUFFIX, shipped_profiles, "profile", ProfileError)
    text = _text(path, str(name), ProfileError)
    return read_profile(text, source=str(name), name=path.stem)


def save(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a whole file; an existing one only with ``force``.

    Raises:
        RecordingError: It exists, or cannot be written.

    """
    if not force and path.exists():
        raise RecordingError(str(path), "the file exists", "replace it with --force")
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unwritable(path, error, "choose another -o file") from error


class Writer:
    """Writes one recording as it happens.

    Attributes:
        next_exchange, next_connection: The numbers to go on with, above all that an appended file already has.

    """

    def __init__(self, path: Path, header: Header, *, existing: Existing = "refuse") -> None:
        self.next_exchange = 1
        self.next_connection = 1
        self._path = path
        self._header: Header | Kept = header
        self._appended = existing == "append" and path.is_file() and path.stat().st_size > 0
        if self._appended:
            self._continue()
        self._file = _open(path, {"refuse": os.O_EXCL, "append": os.O_APPEND, "force": os.O_TRUNC}[existing])
        try:
            self._put(self._opening())
        except RecordingError:
            self.close(discard=True)
            raise

    def _continue(self) -> None:
        """Take header and numbers of an existing recording; a torn last line would swallow the next one."""
        reader = codec.Reader(str(self._path))
        for _, entries in reader.batches(read_blocks(self._path)):
            for entry in entries:
                line = entry.line if isinstance(entry, Kept) else entry
                if isinstance(line, Request):
                    self.next_exchange = max(self.next_exchange, line.exchange + 1)
                    self.next_connection = max(self.next_connection, line.connection + 1)
        self._header = reader.require_header()
        if reader.torn:
            raise RecordingError(str(self._path), "its last line is torn", "repair or remove that line, then append")

    def _opening(self) -> bytes:
        """Return what goes before the first line: the header, or the LF that a last line may lack."""
        if not self._appended:
            return codec.write(self._header)
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return b"" if file.read() == b"\n" else b"\n"

    def write(self, lines: Iterable[Entry]) -> None:
        """Write ``lines``, all in one piece.

        Raises:
            RecordingError: The system does not take them (a full disk, a broken pipe).

        """
        self._put(codec.write_all(tuple(lines)))

    def _put(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise _unwritable(self._path, error, "what was written before stays valid") from error

    def close(self, redacted: Iterable[str] = (), *, discard: bool = False) -> None:
        """Close the file; if more was redacted than its header says, say it there.

        With ``discard`` nothing was recorded: a file that we made is removed, so that the next try finds no file.

        Raises:
            RecordingError: There is no room for the new header; the file is as it was.

        """
        os.close(self._file)
        if not self._path.is_file():  # a device or a pipe is not ours to remove or replace
            return
        if discard:
            if not self._appended:
                self._path.unlink()
            return
        header = self._header
        if isinstance(header, Kept):
            return
        names = tuple(sorted({*header.redacted, *redacted}))
        if names != header.redacted:
            self._rewrite(msgspec.structs.replace(header, redacted=names))

    def _rewrite(self, header: Header) -> None:
        """Replace the first line; the file under its name is at every moment the old one or the new one, whole."""
        from shutil import copyfileobj, copymode  # noqa: PLC0415 - brings archives, and few recordings come here

        path = self._path.resolve()  # through a symbolic link, which stays one
        beside = path.with_name(f".{path.name}.new")
        try:
            with beside.open("wb") as new, path.open("rb") as old:
                old.readline()
                new.write(codec.write(header))
                copyfileobj(old, new, BLOCK)
            copymode(path, beside)
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            remedy = "the recording is whole, but its header does not list what was redacted"
            raise _unwritable(self._path, error, remedy) from error


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    except FileExistsError as error:
        remedy = "add to it with --append or replace it with --force"
        raise RecordingError(str(path), "the file exists", remedy) from error
    except OSError as error:
        raise _unwritable(path, error, "choose another -o file") from error


def _unwritable(path: Path, error: OSError, remedy: str) -> RecordingError:
    return RecordingError(str(path), f"cannot be written: {error.strerror or error}", remedy)
