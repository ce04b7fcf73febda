"""A Python parser in a process of its own: ``python -m streamsim.conformance.targets.host package.module:callable``.

Law: what the parser prints goes to stderr, so that answers are all there is on stdout; past its share of memory it gets
a MemoryError, and nothing else on the machine suffers.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from streamsim.conformance.forms import adapt
from streamsim.conformance.policy import Policy
from streamsim.conformance.targets import messages
from streamsim.conformance.targets.messages import Answer, Case, Introduction

if TYPE_CHECKING:
    from typing import BinaryIO

    from streamsim.conformance.reading import Target


def main(name: str, memory: int = 0, patience_s: float = 0.0, how: str = "", probe: str = "") -> None:
    """Answer cases until there are no more."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdin.buffer.readline()
    try:
        target = load(name, how, probe)
    except Exception as error:  # noqa: BLE001 - importing runs anything
        _say(out, messages.encode(Introduction(problem=f"it cannot be loaded: {type(error).__name__}: {error}")))
        return
    target.patience_s = patience_s or target.patience_s
    _say(out, messages.encode(_introduced(name, target)))
    _limit(memory)
    for line in sys.stdin.buffer:
        _say(out, messages.encode(_answered(target, messages.decode(line, Case))))


def load(name: str, how: str = "", probe: str = "") -> Target:
    """Return the parser called ``package.module:callable``.

    Args:
        name: So.
        how: Its form; "" if that is to be found out.
        probe: With which stream; "" for the simplest there is.

    Raises:
        ValueError: The name is not of that form.

    """
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise ValueError(f"{name!r} is not of the form package.module:callable")
    if "" not in sys.path:
        sys.path.insert(0, "")
    found: object = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return adapt(found, how or None, probe=probe.encode() or Policy().simplest)  # type: ignore[arg-type]  # it says so if it is none


def _introduced(name: str, target: Target) -> Introduction:
    return Introduction(name, target.cuts, target.prompt, target.within, target.reconnects, repeats=target.cuts)


def _answered(target: Target, case: Case) -> Answer:
    chunks = messages.read(case.chunks)
    if case.times:
        held = target.held(chunks, case.times)
        return Answer(case.case, held=None if held is None else held.size)
    if case.then is not None:
        return messages.answer(case.case, target.read_on(chunks, messages.read(case.then)))
    if case.within is None:
        return messages.answer(case.case, target.read(chunks))
    return messages.answer(case.case, *target.read_within(chunks, messages.read(case.within.chunks), case.within.after))


def _say(out: BinaryIO, line: bytes) -> None:
    out.write(line)
    out.flush()


def _limit(memory: int) -> None:
    """Let the process have so much more address space than it has now; not everywhere can that be said."""
    if not memory:
        return
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - there is none on Windows

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    _name, _memory, _patience_s, _how, _probe = (*sys.argv[1:], *("", "0", "0", "", "")[len(sys.argv) - 1 :])
    main(_name, int(_memory), float(_patience_s), _how, _probe)
