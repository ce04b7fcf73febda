"""Everything that can go wrong and is not the programmer's doing.

A message reads *where: what is wrong; what to do*, so that one line is enough at the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class StreamsimError(Exception):
    """Base of all errors that streamsim raises on purpose.

    Attributes:
        where: A file and line, an option, a URL: the place to look at.
        problem: What is wrong there.
        remedy: What to do about it.

    """

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{where}: {problem}; {remedy}")

    def __reduce__(self) -> tuple[type[StreamsimError], tuple[str, str, str]]:
        """Be told between processes as what it is."""
        return type(self), (self.where, self.problem, self.remedy)


class UsageError(StreamsimError):
    """An option or argument that cannot be understood."""


class RecordingError(StreamsimError):
    """A recording that cannot be read or written."""


class ProfileError(StreamsimError):
    """A profile that cannot be understood."""


class ScriptError(StreamsimError):
    """A script that cannot be understood."""


class PlanError(StreamsimError):
    """A plan that cannot be made from this recording."""


class UpstreamError(StreamsimError):
    """A server that cannot be reached or understood while recording."""


class VirtualDeadlock(StreamsimError):  # noqa: N818 - what it is called elsewhere
    """Everybody waits and nobody ever comes: a virtual clock has nowhere to go."""


class StreamMismatch(StreamsimError, AssertionError):  # noqa: N818 - a failed assertion
    """A stream that is not what a test says it is."""


def nearest(name: str, known: Iterable[str], *, most: int = 3, cutoff: float = 0.6) -> str:
    """Return a question after the names that are spelt nearly like ``name``, ``most`` of them; "" where none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - most runs have no error

    return meant(get_close_matches(name, list(known), n=most, cutoff=cutoff))


def meant(names: list[str]) -> str:
    """Return a question after ``names``; "" where there is none."""
    return f"did you mean {' or '.join(names)}?" if names else ""
