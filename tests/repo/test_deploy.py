"""The image and the manifest that others copy: linters find nothing, and they fit the code. No engine is needed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import yaml

from streamsim.cli.serve import command
from streamsim.engine.core import Engine
from streamsim.engine.script import Script
from streamsim.units import SECOND, parse_duration
from streamsim.version import __version__
from tests.engine.asking import asked
from tests.repo.test_package import build
from tests.repo.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY = ROOT / "docs" / "examples" / "deploy"
DOCKERFILE, MANIFEST = DEPLOY / "Dockerfile", DEPLOY / "kubernetes.yaml"

LINTERS = {
    "hadolint": (DOCKERFILE, (), ("USER 10001:10001", "USER root")),
    "kubernetes-validate": (MANIFEST, ("--strict",), ("containerPort: 8080", "containerPort: eight")),
}


def lint(name: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a linter of the extra ``dev``; without it the test is skipped."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here: the extra 'dev' brings it")
    return subprocess.run([found, *LINTERS[name][1], str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", LINTERS)
def test_linters_find_nothing(name: str, tmp_path: Path) -> None:
    """A linter passes the file as it is, and does not pass it with a mistake in it."""
    path, _, (right, wrong) = LINTERS[name]
    done = lint(name, path)
    assert done.returncode == 0, done.stdout + done.stderr
    text = path.read_text(encoding="utf-8")
    assert right in text
    broken = tmp_path / path.name
    broken.write_text(text.replace(right, wrong), encoding="utf-8")
    assert lint(name, broken).returncode != 0


def instructions(word: str) -> list[str]:
    """Return what follows each ``word`` of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text(encoding="utf-8"))
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def resources() -> dict[str, Any]:
    with MANIFEST.open(encoding="utf-8") as file:
        return {each["kind"]: each for each in yaml.safe_load_all(file)}


def container() -> dict[str, Any]:
    (found,) = resources()["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def copied() -> Iterator[str]:
    for line in instructions("COPY"):
        if not line.startswith("--"):
            *sources, _ = line.split()
            yield from (source.rstrip("/") for source in sources)


def test_the_image_is_made_of_what_a_wheel_needs(tmp_path: Path) -> None:
    """What the Dockerfile copies, and its list of exceptions lets through, makes a wheel with all that streamsim is."""
    pytest.importorskip("hatchling", reason="building needs hatchling, which the extra 'test' brings")
    ignoring = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignoring[1] == "*"
    assert sorted(line[1:] for line in ignoring if line.startswith("!")) == sorted(copied())
    source = tmp_path / "source"
    for name in copied():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    with ZipFile(build("wheel", source, tmp_path / "built")) as wheel:
        names = {name for name in wheel.namelist() if name.startswith("streamsim/")}
    shipped = {f"streamsim/shipped/recordings/{path.name}" for path in (ROOT / "recordings").glob("*.jsonl")}
    shipped.add("streamsim/shipped/recordings/INDEX.md")
    shipped |= {f"streamsim/shipped/profiles/{path.name}" for path in (ROOT / "fixtures" / "profiles").glob("*.toml")}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "streamsim").rglob("*.py")}
    assert names == modules | shipped | {"streamsim/py.typed"}


def test_the_commands_are_ones_that_streamsim_takes() -> None:
    """Image and manifest start a server with options that there are, on the port that both name."""
    entry, start = (json.loads(*instructions(word)) for word in ("ENTRYPOINT", "CMD"))
    assert entry == ["streamsim"]
    for words in (start, container()["args"]):
        assert words[0] == "serve"
        with command.make_context("serve", words[1:]) as context:
            assert (context.params["host"], context.params["port"]) == ("0.0.0.0", 8080)
    assert instructions("EXPOSE") == ["8080"]
    assert container()["ports"] == [{"name": "http", "containerPort": 8080}]
    assert container()["image"] == f"streamsim:{__version__}"


def test_the_probes_ask_for_pages_that_there_are() -> None:
    """Each path of a probe, of the scrape and of the image's own check is answered."""
    annotations = resources()["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    paths = [container()[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")]
    (own,) = instructions("HEALTHCHECK")
    paths += [annotations["prometheus.io/path"], *re.findall(r"http://127\.0\.0\.1:8080(/[^']*)", own)]
    engine = Engine([])
    engine.metrics = lambda _: ("text/plain", b"")
    for path in paths:
        answer = engine.answer(asked("GET", path, b""))
        assert isinstance(answer, Script)
        assert answer.wires[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(paths) == 5


def test_a_pod_lives_as_long_as_its_answers_may_go_on() -> None:
    """What Kubernetes grants is more than what the server takes to end; both run as the same user, who is not root."""
    spec = resources()["Deployment"]["spec"]["template"]["spec"]
    args = container()["args"]
    grace_s = parse_duration(args[args.index("--grace") + 1]) // SECOND
    assert spec["terminationGracePeriodSeconds"] > container()["lifecycle"]["preStop"]["sleep"]["seconds"] + grace_s
    user = spec["securityContext"]["runAsUser"]
    assert instructions("USER") == [f"{user}:{spec['securityContext']['runAsGroup']}"]
    assert user > 0
    assert resources()["Deployment"]["spec"]["replicas"] >= 2
