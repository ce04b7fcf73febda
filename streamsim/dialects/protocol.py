"""What a dialect is: how a provider's events are read, and how they are written.

Law: a dialect keeps no state. What it says of an event depends on that event alone; what it says of a stream, on its
events alone. No body, however broken, makes reading raise.

A dialect is a module in ``known/`` with ``DIALECTS``, a tuple of instances; it is found there, and nothing names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec

from streamsim.dialects.asking import whole_by_field, whole_by_path
from streamsim.wire import Headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Told
    from streamsim.rng import Rng
    from streamsim.sse import Event


class Clues(msgspec.Struct, frozen=True):
    """What is known of a stream besides its events; whatever is not known is empty.

    Attributes:
        method, target, host: Of the request; ``host`` is that of the provider, in lower case, without port.
        request, response: Headers.
        comments: The first comment lines, without their colon and one space.

    """

    method: str = ""
    target: str = ""
    host: str = ""
    request: Headers = ()
    response: Headers = ()
    comments: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """Return a response header, in lower case; "" where there is none."""
        return ", ".join(value.strip() for key, value in self.response if key.lower() == name).lower()

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Problem(msgspec.Struct, frozen=True):
    """Where a stream breaks its dialect's grammar.

    Attributes:
        event: Index of the event; None where something is missing at the end.
        rule: The rule's name, in lower case with underscores: ``finish_missing``.
        message: What is wrong, in one line.

    """

    event: int | None
    rule: str
    message: str


class Written(msgspec.Struct, frozen=True):
    """One write of a provider: whole frames.

    Attributes:
        data: The bytes.
        content: A reader sees the answer grow with it.
        pause_ns: How long the provider waits before it, on top of what pacing says.

    """

    data: bytes
    content: bool = False
    pause_ns: int = 0


class Writer(Protocol):
    """How a provider writes an answer. Ids, padding and times are drawn from dice: same dice, same bytes."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]]
    """Method and target of each; ``{model}`` stands for the model's name. The first is the usual one."""

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return the response's headers, without framing, date and length: for `write`, or else for `whole`."""
        ...

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield what is written, from the first frame to the last."""
        ...

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the body that answers ``stream: false``."""
        ...

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return headers and body of an HTTP error; a type or code that ``failure`` lacks is that of ``status``."""
        ...

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:
        """Return the frames that report ``failure`` after the events ``before``; None where the dialect has none."""
        ...


class Dialect(Protocol):
    """A provider's protocol inside events. Subclass it; what is not overridden says nothing.

    Attributes:
        name: What people call it, in lower case with hyphens.
        family: Name of the dialect that it is a variation of; "" for what is none.
        writer: How it is written; None for what is only read.
        whole_at: How the path of a whole answer ends, and how that of the stream; empty where these are one place.

    """

    name: ClassVar[str]
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = None
    whole_at: ClassVar[tuple[tuple[str, str], ...]] = ()

    def owns(self, event: Event) -> bool:
        """Tell whether ``event`` can only be of this dialect or of a variation of it. Variations are not asked."""
        ...

    def marks(self, event: Event) -> bool:  # noqa: ARG002 - the neutral answer
        """Tell, of a variation: whether ``event`` shows that the stream is of this variation."""
        return False

    def suits(self, clues: Clues) -> bool:  # noqa: ARG002 - the neutral answer
        """Tell, of a variation: whether a stream of its family, of which ``clues`` are known, is of this variation.

        This counts more than what events show: a provider may pass on the events of another one.
        """
        return False

    def asks_whole(self, target: str, body: bytes) -> bool:
        """Tell whether a request wants the whole answer at once.

        By its path where there are two places, else by ``stream`` in its body, which need not be there.
        """
        return whole_by_path(target, self.whole_at) if self.whole_at else whole_by_field(body)

    def tell(self, event: Event) -> Told:
        """Return all that ``event`` tells, decoding it once."""
        ...

    def problems(self, events: Sequence[Event]) -> list[Problem]:  # noqa: ARG002 - the neutral answer
        """Return where a stream breaks the grammar: order, pairs, what must come, what must not."""
        return []

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the answer ended as the grammar says, well or with an error told in full."""
        return any(self.tell(event).terminal for event in reversed(events))

    def with_text(self, event: Event, text: str) -> str | None:  # noqa: ARG002 - the neutral answer
        """Return the data with ``text`` for its only growing text, else unchanged; None if it has not exactly one."""
        return None
