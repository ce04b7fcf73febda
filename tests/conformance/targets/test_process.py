"""Parsers in processes of their own, behaving and not."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.reading import Reading, Seen
from streamsim.conformance.targets import Spec, opened
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamsim.conformance.reading import Target

MODULE = "tests.conformance.misbehaving"
A = Seen("a", "message", "")


@contextmanager
def parser(name: str, **limits: float) -> Iterator[Target]:
    with opened(Spec("python", f"{MODULE}:{name}", **limits)) as target:  # type: ignore[arg-type]
        yield target


@contextmanager
def program(tmp_path: Path, text: str, patience_s: float = 2.0) -> Iterator[Target]:
    """Give a program in Python that is none of ours."""
    path = tmp_path / "program.py"
    path.write_text(text)
    with opened(Spec("command", f"{sys.executable} -u {path}", patience_s)) as target:
        yield target


def test_a_callable_is_read_in_another_process() -> None:
    """Events come with how many chunks had been given."""
    with parser("right") as target:
        assert (target.prompt, target.cuts, target.within) == (True, True, True)
        assert target.read([b"data: a\n", b"\n", b"data: b\n\n"]) == Reading((A, Seen("b", "message", "")), (2, 3))


def test_two_instances_are_interleaved() -> None:
    """The inner stream is read whole while the outer one is inside an event."""
    with parser("right") as target:
        outer, inner = target.read_within([b"data: x", b"\n\n"], [b"data: a\n\n"], 1)
        assert (outer.events, inner.events) == ((Seen("x", "message", ""),), (A,))


def test_what_a_parser_prints_is_no_answer() -> None:
    """Its output does not get in the way."""
    with parser("talking") as target:
        assert target.read([b"data: a\n\n"]).events == (A,)


def test_a_crash_is_a_reading_and_the_next_stream_is_read() -> None:
    """A process that a signal killed is started again."""
    with parser("dying") as target:
        assert target.read([b"data: die\n\n"]).error == "Crash: the process ended, killed by SIGSEGV"
        assert target.read([b"data: a\n\n"]).events == (A,)


def test_a_hang_is_a_reading_and_the_next_stream_is_read() -> None:
    """What does not end is stopped."""
    with parser("looping", patience_s=0.3) as target:
        assert target.read([b"data: loop\n\n"]).hung
        assert target.read([b"data: a\n\n"]).events == (A,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
def test_eaten_memory_is_a_reading() -> None:
    """Past its share a parser gets a MemoryError, and nothing else suffers."""
    with parser("eating", memory=256 << 20) as target:
        assert target.read([b"data: eat\n\n"]).error.startswith("MemoryError")
        assert target.read([b"data: a\n\n"]).events == (A,)


HELLO = """
import json, sys
sys.stdin.readline()
print(json.dumps({"name": "mine"}))
for line in sys.stdin:
    case = json.loads(line)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a process holds")
def test_a_program_that_eats_memory_is_ended(tmp_path: Path) -> None:
    """What it holds is watched from outside."""
    eats = HELLO + "    eaten = []\n    while True: eaten.append(bytearray(b'.') * (8 << 20))\n"
    path = tmp_path / "program.py"
    path.write_text(eats)
    with opened(Spec("command", f"{sys.executable} -u {path}", 20.0, 64 << 20)) as target:
        assert target.read([b"data: a\n\n"]).error == "MemoryError: it held more than 64 MiB and was ended" or (
            target.read([b"data: a\n\n"]).error.startswith("MemoryError")
        )


def test_a_program_that_ends_tells_its_last_error(tmp_path: Path) -> None:
    """The line that names an error is part of the finding."""
    with program(tmp_path, HELLO + "    raise ValueError('no such field')\n") as target:
        assert target.name == "mine"
        assert target.read([b"x"]).error == "Crash: the process ended, exit code 1: ValueError: no such field"


def test_a_program_that_falls_silent_hangs(tmp_path: Path) -> None:
    """No answer in time is a hang."""
    with program(tmp_path, HELLO, patience_s=0.2) as target:
        assert target.read([b"x"]) == Reading(hung=True)


def test_halves_of_surrogate_pairs_are_shown(tmp_path: Path) -> None:
    """What JavaScript's strings can hold and no UTF-8 can is spelt out."""
    answers = HELLO + r"""    print('{"case": %d, "events": [{"data": "\\ud83d"}]}' % case["case"])"""
    with program(tmp_path, answers) as target:
        assert target.read([b"x"]).events == (Seen("\\ud83d"),)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (Spec("python", "nothing"), "nothing: it cannot be loaded: ValueError: 'nothing' is not of the form"),
        (Spec("python", "no.such.module:parse"), "it cannot be loaded: ModuleNotFoundError"),
        (Spec("command", "no-such-program-here"), "--command: no-such-program-here cannot be run: No such file"),
        (Spec("command", "'open"), '--command: "\'open" is no command: No closing quotation'),
        (Spec("command", ""), "--command: the command is empty"),
        (Spec("command", "true"), "--command: it does not start: Crash: the process ended, exit code 0"),
        (Spec("command", "echo hello"), "--command: its first line is no introduction"),
        (Spec("client", "cat"), "--client: the command has no place for the URL; write {url} where it goes"),
    ],
)
def test_what_cannot_be_started_is_the_users_to_mend(spec: Spec, told: str) -> None:
    """One line says what is wrong."""
    with pytest.raises(UsageError) as caught, opened(spec):
        pass
    assert told in str(caught.value)


def test_an_answer_that_cannot_be_read_is_the_adapters_to_mend(tmp_path: Path) -> None:
    """It is no finding."""
    answers = HELLO + """    print('{"case": %d, "events": [{"data": 7}]}' % case["case"])\n"""
    with (
        program(tmp_path, answers) as target,
        pytest.raises(UsageError, match="its answer cannot be read: Expected `str`"),
    ):
        target.read([b"x"])
