"""The files of the project, in a checkout as in an unpacked source distribution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

_FOLDERS = (".ci", "benchmarks", "docs", "fixtures", "recordings", "streamsim", "tests")
_TEXT = {"", ".cfg", ".css", ".html", ".js", ".json", ".jsonl", ".md", ".mjs", ".py", ".sh", ".sse", ".toml", ".txt"}


def files(*suffixes: str) -> Iterator[Path]:
    """Yield all files of the project, or those with one of ``suffixes``, in order."""
    found = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    for folder in _FOLDERS:
        found += (ROOT / folder).rglob("*")
    for path in sorted(found):
        if path.is_file() and "__pycache__" not in path.parts and (not suffixes or path.suffix in suffixes):
            yield path


def text_files() -> Iterator[Path]:
    """Yield the files that people write and read."""
    return files(*_TEXT)


def name(path: Path) -> str:
    """Return ``path`` as people write it: from the project's root on, with slashes."""
    return path.relative_to(ROOT).as_posix()
