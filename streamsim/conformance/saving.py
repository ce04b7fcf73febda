"""Findings as files: a recording that can be served and played, and a test that fails until the bug is gone.

Law: the files of a finding are named by its root cause, and say the same whoever found it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, cast

from streamsim.conformance.recorded import Manner, recording_of
from streamsim.conformance.report import reading_it
from streamsim.conformance.rules import rule
from streamsim.conformance.shapes import SHAPES
from streamsim.conformance.targets import PROBE
from streamsim.errors import RecordingError
from streamsim.recording import codec
from streamsim.shells.files import save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamsim.conformance.finding import Finding
    from streamsim.conformance.policy import Policy
    from streamsim.conformance.targets import Spec

_APART = Manner(pause_s=0.02)
"""How a saved stream is played: slowly enough to be watched."""


def save_all(folder: Path, spec: Spec, policy: Policy, findings: Sequence[Finding]) -> list[Path]:
    """Write two files for each finding, over those of an earlier time; return them.

    Raises:
        RecordingError: They cannot be written.

    """
    make_room(folder)
    short = Counter(name(finding) for finding in findings)
    written: list[Path] = []
    for finding in findings:
        title = name(finding, whole=short[name(finding)] > 1)
        recording = folder / f"{title}.jsonl"
        test = folder / f"test_{title.replace('-', '_')}.py"
        save(recording, b"".join(codec.encode(recording_of(streams(finding, policy), _APART))), force=True)
        save(test, source_of_test(spec, policy, finding, title).encode(), force=True)
        written += [recording, test]
    return written


def make_room(folder: Path) -> None:
    """Make the folder, if it is not there.

    Raises:
        RecordingError: There can be none.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"there can be no folder: {error.strerror}"
        raise RecordingError(str(folder), problem, "choose another --save folder") from error


def name(finding: Finding, *, whole: bool = False) -> str:
    """Return what its files are called: the rule and the most telling feature, or all of them."""
    telling = finding.features if whole else finding.features[-1:]
    words = [finding.rule, *(each for each in telling if each != finding.rule)]
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


def streams(finding: Finding, policy: Policy) -> list[Sequence[bytes]]:
    """Return its streams: that of the other instance or connection, if it takes one, and the one that shows it.

    Where the size is the point, it is made anew.
    """
    shape = next((each.holding(policy) for each in SHAPES if each.name == finding.shape), None)
    shown = finding.chunks if shape is None else shape.chunks(finding.size)
    return [finding.before, shown] if finding.before else [shown]


def source_of_test(spec: Spec, policy: Policy, finding: Finding, title: str) -> str:
    """Return a test file for pytest."""
    law = rule(finding.rule).law
    told = [f"    {line}" for line in _body(policy, finding)]
    probe = f", probe={spec.probe!r}" if spec.probe != PROBE else ""
    imports = ["from streamsim.conformance.targets import Spec, opened"]
    if not finding.direct:
        imports = [
            "from streamsim.conformance import Policy",
            "from streamsim.conformance.spreading import Work, do_all",
            "from streamsim.conformance.targets import Spec",
        ]
    return "\n".join(
        [
            f'"""Found by streamsim fuzz: {_plain(finding.what)}."""',
            "",
            *imports,
            "",
            f"PARSER = Spec({spec.kind!r}, {spec.text!r}{probe})",
            "",
            "",
            f"def test_{title.replace('-', '_')}() -> None:",
            f'    """{law[0].upper()}{law[1:]} ({rule(finding.rule).section})."""',
            *told,
            "",
        ]
    )


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")


def _body(policy: Policy, finding: Finding) -> list[str]:
    if not finding.direct:
        return [f"assert not do_all(Work(PARSER, {_spelt(policy)}, rules=({finding.rule!r},))).findings"]
    return ["with opened(PARSER) as target:", *(f"    {line}" for line in reading_it(finding))]


def _spelt(policy: Policy) -> str:
    """Return what makes this policy."""
    default = type(policy)()
    names = [name for name in policy.__struct_fields__ if getattr(policy, name) != getattr(default, name)]
    return f"Policy({', '.join(f'{name}={_value(getattr(policy, name))}' for name in names)})"


def _value(value: object) -> str:
    """Return ``value`` spelt; sets in the order of their words."""
    if isinstance(value, frozenset):
        return f"frozenset({sorted(map(str, cast('frozenset[str]', value)))!r})"
    return repr(value)
