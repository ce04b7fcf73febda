"""What was found before is tried first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.policy import Policy
from streamsim.conformance.remembering import remember, remembered
from streamsim.conformance.targets import Spec
from streamsim.errors import UsageError
from tests.conformance.test_saving import CRLF, LONG, SPEC

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = Spec("python", "tests.conformance.misbehaving:right")


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    """A folder that is not there is empty."""
    assert remembered(tmp_path / "none", SPEC, Policy(), ()) == ()


def test_what_is_still_broken_is_remembered(tmp_path: Path) -> None:
    """What only size shows is searched for anew; so is what belongs to other rules, and other parsers."""
    remember(tmp_path / "known", SPEC, [CRLF, LONG])
    assert remembered(tmp_path / "known", SPEC, Policy(), ()) == (CRLF,)
    assert remembered(tmp_path / "known", SPEC, Policy(), ("bom",)) == ()
    assert remembered(tmp_path / "known", RIGHT, Policy(), ()) == ()


def test_what_was_mended_is_forgotten(tmp_path: Path) -> None:
    """It is tried before it is believed."""
    remember(tmp_path, RIGHT, [CRLF])
    assert remembered(tmp_path, RIGHT, Policy(), ()) == ()


def test_a_file_that_is_no_list_of_findings_is_named(tmp_path: Path) -> None:
    """One line says what to do."""
    remember(tmp_path, SPEC, [])
    (path,) = tmp_path.iterdir()
    path.write_text("[7]")
    with pytest.raises(UsageError, match=r"it is no list of findings: .*; remove it"):
        remembered(tmp_path, SPEC, Policy(), ())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One line says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"--database: .* cannot be written"):
        remember(tmp_path / "file" / "known", SPEC, [])
