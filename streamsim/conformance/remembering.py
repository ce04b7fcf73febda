"""What was found in a parser before, so that it is looked at first the next time.

Law: a file a parser; what is remembered is tried again before it is believed, and forgotten when it is mended.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from streamsim.conformance.finding import Finding
from streamsim.conformance.judge import Judge
from streamsim.conformance.targets import opened
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.targets import Spec


def remembered(folder: Path, spec: Spec, policy: Policy, rules: Sequence[str]) -> tuple[Finding, ...]:
    """Return what was found before in this parser and is still wrong with it.

    Raises:
        UsageError: What is there cannot be read.

    """
    path = _path(folder, spec)
    if not path.exists():
        return ()
    try:
        known = msgspec.json.decode(path.read_bytes(), type=list[Finding])
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(str(path), f"it is no list of findings: {error}", "remove it") from error
    again = [each for each in known if each.chunks and not each.before and (not rules or each.rule in rules)]
    with opened(spec) as target:
        judge = Judge(target, policy)
        return tuple(each for each in again if judge(each.chunks) is not None)


def remember(folder: Path, spec: Spec, findings: Sequence[Finding]) -> None:
    """Keep ``findings`` in place of those of an earlier time.

    Raises:
        UsageError: They cannot be written.

    """
    path = _path(folder, spec)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(list(findings)), indent=1) + b"\n")
    except OSError as error:
        raise UsageError(
            "--database", f"{path} cannot be written: {error.strerror}", "choose another folder"
        ) from error


def _path(folder: Path, spec: Spec) -> Path:
    return folder / f"{hashlib.sha256(f'{spec.kind} {spec.text}'.encode()).hexdigest()[:16]}.json"
