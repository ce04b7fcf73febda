"""Recordings in files: found by path or shipped name, read in blocks, written line by line.

Law of writing: every line is handed to the system whole, at once, in one write; a killed recorder leaves at most one
torn line, the last.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.errors import RecordingError
from streamsim.recording import codec
from streamsim.recording.model import Header, Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.recording.model import Line, Recording

Existing: TypeAlias = Literal["refuse", "append", "force"]

BLOCK = 1 << 20
SUFFIX = ".jsonl"


def shipped() -> dict[str, Path]:
    """Return the recordings that come with streamsim, by name."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "shipped" / "recordings", package.parent / "recordings"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    return {}


def resolve(name: str) -> Path:
    """Return the file that ``name`` means: a path, or the name of a shipped recording.

    Raises:
        RecordingError: There is no such file; names that come near are listed.

    """
    path = Path(name)
    if path.is_dir():
        raise RecordingError(name, "this is a folder", f"name a {SUFFIX} file in it")
    if path.exists():  # pipes too
        return path
    known = shipped()
    if name.removesuffix(SUFFIX) in known:
        return known[name.removesuffix(SUFFIX)]
    beside = [str(other) for other in path.parent.glob(f"*{SUFFIX}")] if path.parent.is_dir() else []
    near = get_close_matches(name, [*beside, *known], n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"shipped are {', '.join(known) or 'none'}"
    raise RecordingError(name, "there is no such file, nor a shipped recording of that name", remedy)


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
    """Return the recording in a file, or the shipped one of that name.

    Raises:
        RecordingError: There is none, or a line of it is bad; with ``salvage`` all before a bad line is returned.

    """
    path = resolve(str(name))
    return codec.decode(read_blocks(path), source=str(name), salvage=salvage)


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
        self._appended = existing == "append" and path.exists() and path.stat().st_size > 0
        if self._appended:
            self._file = self._append()
        else:
            self._file = _open(path, "xb" if existing == "refuse" else "wb")
            os.write(self._file, codec.write(header))

    def _append(self) -> int:
        """Continue an existing recording; a torn last line would swallow the next one, so it is an error."""
        recording = codec.decode(read_blocks(self._path), source=str(self._path))
        if recording.torn:
            raise RecordingError(str(self._path), "its last line is torn", "repair or remove that line, then append")
        self._header = recording.header
        requests = [exchange.request for exchange in recording.exchanges]
        self.next_exchange = max((request.exchange for request in requests), default=0) + 1
        self.next_connection = max((request.connection for request in requests), default=0) + 1
        file = _open(self._path, "ab")
        if not self._path.read_bytes().endswith(b"\n"):
            os.write(file, b"\n")
        return file

    def write(self, lines: Iterable[Line]) -> None:
        """Write ``lines``.

        Raises:
            RecordingError: The system does not take them (a full disk, a broken pipe).

        """
        for line in lines:
            data = codec.write(line)
            try:
                while data:
                    data = data[os.write(self._file, data) :]
            except OSError as error:
                problem = f"cannot be written: {error.strerror or error}"
                raise RecordingError(str(self._path), problem, "what was written before stays valid") from error

    def close(self, redacted: Iterable[str] = (), *, discard: bool = False) -> None:
        """Close the file; if more was redacted than its header says, say it there.

        With ``discard`` nothing was recorded: a file that we made is removed, so that the next try finds no file.
        """
        os.close(self._file)
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
        beside = self._path.with_name(f".{self._path.name}.new")
        with beside.open("wb") as new, self._path.open("rb") as old:
            old.readline()
            new.write(codec.write(header))
            while block := old.read(BLOCK):
                new.write(block)
        beside.replace(self._path)


def _open(path: Path, mode: Literal["wb", "xb", "ab"]) -> int:
    flags = {"wb": os.O_TRUNC, "xb": os.O_EXCL, "ab": os.O_APPEND}[mode]
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    except FileExistsError as error:
        remedy = "add to it with --append or replace it with --force"
        raise RecordingError(str(path), "the file exists", remedy) from error
    except OSError as error:
        raise RecordingError(str(path), f"cannot be written: {error.strerror}", "choose another -o file") from error
