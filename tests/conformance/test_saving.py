"""Findings as files, to be replayed and to be run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from streamsim.conformance.finding import Finding
from streamsim.conformance.policy import Policy
from streamsim.conformance.reading import Seen
from streamsim.conformance.saving import name, save_all, source_of_test, streams
from streamsim.conformance.targets import Spec
from streamsim.errors import RecordingError
from streamsim.shells.files import load

ROOT = Path(__file__).parents[2]
SPEC = Spec("python", "tests.conformance.misbehaving:only_lf")
CRLF = Finding(
    rule="line-ends",
    features=("crlf",),
    label="bug",
    what="gave 0 events instead of 1",
    chunks=(b"data: a\r\n", b"\r\n"),
    expected=(Seen("a"),),
)
LONG = Finding("linear-time", ("quadratic",), "bug", "long", shape="one long line in one chunk", size=64)


def test_a_finding_becomes_a_recording(tmp_path: Path) -> None:
    """It holds the chunks as they were fed, each 20 ms after the last."""
    written = save_all(tmp_path / "found", SPEC, Policy(), [CRLF])
    assert [path.name for path in written] == ["line-ends-crlf.jsonl", "test_line_ends_crlf.py"]
    (exchange,) = load(written[0]).exchanges
    assert [chunk.data for chunk in exchange.chunks] == [b"data: a\r\n", b"\r\n"]
    assert {chunk.dt_us for chunk in exchange.chunks} == {20_000}


def test_a_recording_holds_the_stream_before_too(tmp_path: Path) -> None:
    """Where it takes another stream to show it, that is the first exchange, and the one that shows it the second."""
    leak = replace(CRLF, rule="isolation", features=("shared-state",), before=(b"data: x",))
    first, second = load(save_all(tmp_path, SPEC, Policy(), [leak])[0]).exchanges
    assert [chunk.data for chunk in (*first.chunks, *second.chunks)] == [b"data: x", *leak.chunks]


def test_a_finding_becomes_a_test() -> None:
    """What the parser has a place for is compared, and what it raises."""
    assert source_of_test(SPEC, Policy(), CRLF, "line-ends-crlf") == (
        '"""Found by streamsim fuzz: gave 0 events instead of 1."""\n'
        "\n"
        "from streamsim.conformance.targets import Spec, opened\n"
        "\n"
        "PARSER = Spec('python', 'tests.conformance.misbehaving:only_lf')\n"
        "\n"
        "\n"
        "def test_line_ends_crlf() -> None:\n"
        '    """LF, CRLF and CR each end a line, in any mixture, and nothing else does (9.2.5)."""\n'
        "    with opened(PARSER) as target:\n"
        "        reading = target.read([b'data: a\\r\\n', b'\\r\\n'])\n"
        '        assert (reading.error, reading.hung) == ("", False)\n'
        "        assert [(event.data,) for event in reading.events] == [\n"
        "            ('a',),\n"
        "        ]\n"
    )


@pytest.mark.parametrize(("parser", "code"), [("only_lf", 1), ("right", 0)])
def test_the_test_fails_until_the_bug_is_gone(tmp_path: Path, parser: str, code: int) -> None:
    """It needs nothing but pytest and the parser."""
    spec = Spec("python", f"tests.conformance.misbehaving:{parser}")
    _, test = save_all(tmp_path, spec, Policy(), [CRLF])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(test)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == code, done.stdout.decode()


def test_what_takes_size_to_show_is_searched_for_again() -> None:
    """The recording is as large as what was fed, and the test looks for the rule."""
    assert b"".join(*streams(LONG, Policy())) == b"data: " + b"x" * 64 + b"\n\n"
    source = source_of_test(SPEC, Policy(), LONG, name(LONG))
    assert "    assert not do_all(Work(PARSER, Policy(), rules=('linear-time',))).findings\n" in source


def test_what_finds_out_the_form_is_kept() -> None:
    """A test of a parser that decodes payloads tries its form with one."""
    policy = Policy(payload='{"text":TEXT}')
    spec = Spec("python", "a:b", probe=policy.simplest)
    assert """PARSER = Spec('python', 'a:b', probe=b'data: {"text":"a"}\\n\\n')""" in source_of_test(
        spec, policy, CRLF, "x"
    )


def test_another_connection_is_read_first() -> None:
    """By the same instance."""
    again = Finding("reconnect", ("reconnect",), "bug", "another result", (b"b",), before=(b"a",))
    assert "        reading = target.read_on([b'a'], [b'b'])\n" in source_of_test(SPEC, Policy(), again, "x")


def test_another_instance_is_read_first() -> None:
    """Before, or meanwhile, as it was when it was found."""
    after = Finding("isolation", ("shared-state",), "bug", "another result after another instance ended", (b"b",))
    body = source_of_test(SPEC, Policy(), replace(after, before=(b"a",)), "x")
    assert "        target.read([b'a'])\n        reading = target.read([b'b'])\n" in body
    told = "another result while another instance stood inside a line"
    body = source_of_test(SPEC, Policy(), replace(after, before=(b"a",), what=told), "x")
    assert "        _, reading = target.read_within([b'a', b'\\n\\n'], [b'b'], 1)\n" in body


def test_findings_of_one_rule_have_files_of_their_own(tmp_path: Path) -> None:
    """Where the short name is not enough, all features are told."""
    other = replace(CRLF, features=("id", "crlf"))
    names = [path.name for path in save_all(tmp_path, SPEC, Policy(), [CRLF, other]) if path.suffix == ".jsonl"]
    assert names == ["line-ends-crlf.jsonl", "line-ends-id-crlf.jsonl"]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    """One line says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="there can be no folder"):
        save_all(tmp_path / "file" / "found", SPEC, Policy(), [CRLF])
