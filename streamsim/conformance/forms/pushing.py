"""Parsers that are pushed: an object with a method that takes a chunk, and perhaps one for the end.

Law: a fresh object reads each stream. Events come back from the method, or through a callback given to the constructor.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from streamsim.conformance.forms.pulling import Log, Pulling, told
from streamsim.conformance.forms.sources import Source
from streamsim.conformance.forms.watching import Hung, patience

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.conformance.reading import Reading

FEED: Final = ("feed", "push", "receive_bytes", "receive_data", "write", "put", "send", "decode", "parse", "__call__")
CLOSE: Final = ("close", "flush", "end", "finish", "eof", "done")
RESET: Final = "reset"
ON: Final = ("on_event", "on_message", "onevent", "onmessage", "callback")


class Pushed(Pulling):
    """``make()`` or ``make(callback)`` gives an object that is fed."""

    prompt = True
    within = True

    def __init__(self, make: Callable[..., Any], name: str) -> None:
        super().__init__(make, name)
        self._called_back = _wants_callback(make)
        self.reconnects = callable(getattr(make, RESET, None))

    def _read(self, source: Source) -> Reading:
        log = Log()
        try:
            with patience(self.patience_s):
                self._run(source, log)
        except Hung:
            return log.reading(hung=True)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is a finding
            return log.reading(told(error))
        return log.reading()

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Read ``first``, reset the object, and have it read ``then``."""
        source = Source(then)
        source.first = first
        return self._read(source)

    def _run(self, source: Source, log: Log) -> None:
        parser = self._fresh(lambda event: log.add(event, source.given))
        feed = method(parser, FEED)
        for chunk in source.first:
            for event in feed(chunk) or ():
                log.add(event, 0)
        if source.first:
            getattr(parser, RESET)()
        for chunk in source:
            for event in feed(chunk) or ():
                log.add(event, source.given)
        close = method(parser, CLOSE)
        if close is not None:
            for event in close() or ():
                log.add(event, source.given)

    def _fresh(self, callback: Callable[[object], None]) -> Any:
        if self._called_back:
            return self.parse(callback)
        parser = self.parse()
        for name in ON:
            if hasattr(parser, name) and getattr(parser, name) is None:
                setattr(parser, name, callback)
        return parser


def method(parser: object, names: tuple[str, ...]) -> Any:
    """Return the first of the methods ``names`` that ``parser`` has."""
    return next((getattr(parser, name) for name in names if callable(getattr(parser, name, None))), None)


def _wants_callback(make: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(
        each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        for each in parameters
    )
