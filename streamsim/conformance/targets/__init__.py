"""Parsers under test that live elsewhere: in a process of their own, in another language, behind a URL.

Law: which parser is meant is data, so that it can be sent to who does the work; what is opened is closed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from streamsim.conformance.policy import Policy
from streamsim.conformance.targets.child import own_python
from streamsim.conformance.targets.client import ClientTarget, words
from streamsim.conformance.targets.process import ProcessTarget

if TYPE_CHECKING:
    from collections.abc import Generator

    from streamsim.conformance.reading import Target

__all__ = ["MEMORY", "PATIENCE_S", "Spec", "opened"]

PATIENCE_S: Final = 2.0
MEMORY: Final = 1 << 30
PROBE: Final = Policy().simplest
HOST: Final = "streamsim.conformance.targets.host"


class Spec(msgspec.Struct, frozen=True):
    """Which parser.

    Attributes:
        kind: ``python``: a callable; ``command``: it reads cases; ``client``: it is given a URL.
        text: ``package.module:callable``, or the command.
        patience_s: How long one small stream may take.
        memory: How many bytes it may take over those it starts with.
        probe: The stream with which the form of a callable is found out, of one event.

    """

    kind: Literal["python", "command", "client"]
    text: str
    patience_s: float = PATIENCE_S
    memory: int = MEMORY
    probe: bytes = PROBE


@contextmanager
def opened(spec: Spec) -> Generator[Target]:
    """Give the parser, freshly started.

    Raises:
        UsageError: It cannot be started.

    """
    target = _open(spec)
    try:
        yield target
    finally:
        target.close()


def _open(spec: Spec) -> Target:
    if spec.kind == "client":
        return ClientTarget(spec.text, patience_s=spec.patience_s, memory=spec.memory)
    if spec.kind == "command":
        command, where = words(spec.text, "--command"), "--command"
    else:
        limits = str(spec.memory), str(spec.patience_s)
        command, where = own_python(HOST, spec.text, *limits, "", spec.probe.decode()), spec.text
    return ProcessTarget(command, where, patience_s=spec.patience_s, memory=spec.memory)
