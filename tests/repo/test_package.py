"""What people install: built from the source distribution, as a distributor would."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.repo.tree import ROOT

pytest.importorskip("hatchling", reason="building needs hatchling, which the extra 'test' brings")


def build(target: str, source: Path, folder: Path) -> Path:
    """Build ``target`` (sdist or wheel) of the tree at ``source`` and return the file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    archive = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution."""
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


def shipped() -> set[str]:
    """Return the names of the files of recordings."""
    return {path.name for path in (ROOT / "recordings").glob("*.jsonl")}


def test_the_source_distribution_holds_all_that_the_tests_need(source: Path) -> None:
    """Whoever packages streamsim can run its tests."""
    assert {path.name for path in (source / "recordings").glob("*.jsonl")} == shipped()
    for needed in ("tests/repo/tree.py", "fixtures/README.md", "docs/README.md", "README.md", "LICENSE"):
        assert (source / needed).is_file(), needed


def test_the_wheel_holds_the_package_its_types_and_its_recordings(wheel: Path) -> None:
    """Types are announced (PEP 561), recordings are shipped, tests are not."""
    with ZipFile(wheel) as packed:
        names = set(packed.namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "streamsim").rglob("*.py")}
    assert modules | {"streamsim/py.typed"} <= names
    assert {f"streamsim/shipped/recordings/{recording}" for recording in shipped()} <= names
    profiles = {path.name for path in (ROOT / "fixtures" / "profiles").glob("*.toml")}
    assert {f"streamsim/shipped/profiles/{profile}" for profile in profiles} <= names
    assert [name for name in names if not name.startswith(("streamsim/", "streamsim-"))] == []


def test_what_is_installed_finds_its_recordings_by_name(wheel: Path, tmp_path: Path) -> None:
    """A shipped name works far from the checkout."""
    with ZipFile(wheel) as packed:
        packed.extractall(tmp_path)  # noqa: S202 - we have just built it
    chosen = Path(min(shipped())).stem
    command = [sys.executable, "-m", "streamsim", "inspect", "--json", chosen]
    run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert json.loads(run.stdout)["exchanges_in_file"] > 0
    command = [sys.executable, "-m", "streamsim", "plan", "--json", chosen, "--profile", "reset-mid-stream"]
    run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert json.loads(run.stdout)["plans"][0]["faults"][0]["outcome"] == "applied"


def test_asking_for_the_version_loads_no_shell() -> None:
    """A command pays for what it does: the version costs click, and neither event loop, parsers nor tables."""
    code = (
        "import sys; sys.argv = ['streamsim', '--version']\n"
        "import streamsim.cli\n"
        "try: streamsim.cli.main()\n"
        "except SystemExit: print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = run.stdout.split()
    assert loaded[0] == "streamsim"
    assert [name for name in loaded if name in {"asyncio", "httptools", "msgspec", "rich", "ssl"}] == []
    assert [name for name in loaded if name.startswith(("streamsim.shells", "streamsim.engine"))] == []
