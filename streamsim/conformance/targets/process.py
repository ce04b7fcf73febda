"""A parser in a process of its own, of any language.

Law: one process reads many streams; one that dies or falls silent is replaced, and what it did is what was read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.conformance.reading import Held, Reading, Target
from streamsim.conformance.targets import messages
from streamsim.conformance.targets.child import NOISE, Child, Ended, Silent
from streamsim.conformance.targets.messages import Answer, Case, Hello, Introduction, Within
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTING_S: Final = 60.0
GRACE_S: Final = 1.0
"""For a process that watches its own time to say so."""
PER_MEGABYTE_S: Final = 5.0
_TALK: Final = 200
"""Lines that are no answer, such as what a parser prints, before that is too much."""


class ProcessTarget(Target):
    """Speaks with ``command`` over its standard input and output.

    Attributes:
        command: Its words.
        where: What errors call it.
        memory: How many bytes it may take, over those it has when it starts.

    """

    def __init__(self, command: Sequence[str], where: str, *, patience_s: float, memory: int) -> None:
        """Start it, and hear what it can do.

        Raises:
            UsageError: It cannot be run, or does not speak as it should.

        """
        self.command, self.where, self.memory = tuple(command), where, memory
        self.patience_s = patience_s
        self._child: Child | None = None
        self._limit = 0
        self._number = 0
        hello = self._started()
        self.name = hello.name or " ".join(command)
        self.cuts, self.prompt, self.within = hello.cuts, hello.prompt, hello.within
        self.reconnects, self._repeats = hello.reconnects, hello.repeats

    def read(self, chunks: Sequence[bytes]) -> Reading:
        """Read one stream."""
        return messages.reading(self._asked(messages.spelt(chunks)))

    def read_within(self, outer: Sequence[bytes], inner: Sequence[bytes], after: int) -> tuple[Reading, Reading]:
        """Read ``inner`` whole while another instance has read ``after`` chunks of ``outer``."""
        told = self._asked(messages.spelt(outer), Within(after, messages.spelt(inner)))
        failed = told.inner or Answer(error=told.error or "no 'inner' in the answer", hung=told.hung)
        return messages.reading(told), messages.reading(failed)

    def held(self, chunks: Sequence[bytes], times: int) -> Held | None:
        """Ask how much it held; who does not say that is looked at from outside."""
        if not self._repeats:
            return None
        if self._child is not None:
            self._child.forget_peak()
        told = self._asked(messages.spelt(chunks), times=times)
        if told.error or told.hung or self._child is None:
            return None
        if told.held is not None:
            return Held(told.held)
        peak = self._child.peak()
        return Held(peak, NOISE) if peak else None

    def at_work_s(self) -> float:
        """Return the processor time of the process; where the system does not tell, what the clock on the wall says."""
        spent = None if self._child is None else self._child.at_work_s()
        return time.monotonic() if spent is None else spent

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Read ``first``, and ``then`` by the same instance."""
        return messages.reading(self._asked(messages.spelt(first), then=messages.spelt(then)))

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _asked(
        self, chunks: list[str], within: Within | None = None, then: list[str] | None = None, times: int = 0
    ) -> Answer:
        self._number += 1
        line = messages.encode(Case(self._number, chunks, within, then, times))
        try:
            if self._child is None:
                self._started()
            return self._heard(line, PER_MEGABYTE_S * len(line) * max(1, times) / 2e6)
        except Ended as ended:
            self._child = None
            return Answer(error=str(ended))
        except Silent:
            self._child = None
            return Answer(hung=True)

    def _heard(self, line: bytes, more_s: float) -> Answer:
        child = self._child
        assert child is not None  # noqa: S101 - just started
        child.forget_errors()
        deadline = time.monotonic() + self.patience_s + GRACE_S + more_s
        told = b""
        for _ in range(_TALK):
            told = child.ask(line, max(0.0, deadline - time.monotonic()), self._limit)
            line = b""
            try:
                found: Answer = messages.decode(told, Answer)
            except ValueError as error:
                if told.lstrip().startswith(b"{"):
                    raise self._babble(f"its answer cannot be read: {error}") from error
                continue
            if found.case == self._number:
                return found
        raise self._babble(f"no answer in {_TALK} lines, the last one {told[:80]!r}")

    def _babble(self, problem: str) -> UsageError:
        self.close()
        remedy = "have it print answers and nothing else; see docs/reference/fuzz-protocol.md"
        return UsageError(self.where, problem, remedy)

    def _started(self) -> Introduction:
        child = Child(self.command, self.where)
        remedy = "see docs/reference/fuzz-protocol.md"
        try:
            line = child.ask(messages.encode(Hello()), STARTING_S)
            hello: Introduction = messages.decode(line, Introduction)
        except Ended as ended:
            raise UsageError(self.where, f"it does not start: {ended}", remedy) from None
        except Silent:
            problem = f"it did not answer the first line in {STARTING_S:g} s"
            raise UsageError(self.where, problem, remedy) from None
        except (ValueError, msgspec.ValidationError) as error:
            child.end()
            raise UsageError(self.where, f"its first line is no introduction: {error}", remedy) from None
        if hello.problem:
            child.end()
            raise UsageError(self.where, hello.problem, "name a parser as package.module:callable")
        self._child = child
        held = child.resident()
        self._limit = held + self.memory if held and self.memory else 0
        return hello
