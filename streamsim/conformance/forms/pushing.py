"""Parsers that are pushed: an object with a method that takes a chunk, and perhaps one for the end.

Law: a fresh object reads each stream. Events come back from the method, or through a callback that is given to the
constructor, to a method for that, or by setting an attribute for it that is None.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from streamsim.conformance.forms.pulling import Pulling, method
from streamsim.conformance.forms.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamsim.conformance.forms.pulling import Log
    from streamsim.conformance.reading import Reading

FEED: Final = ("feed", "push", "receive_bytes", "receive_data", "write", "put", "send", "decode", "parse", "__call__")
CLOSE: Final = ("close", "flush", "end", "finish", "eof", "done")
RESET: Final = "reset"
ON: Final = ("on_event", "on_message", "onevent", "onmessage", "callback")
SUBSCRIBE: Final = ("on", "subscribe", "add_listener", "add_callback", "set_callback", "register")


class Pushed(Pulling):
    """``make()`` or ``make(callback)`` gives an object that is fed, or a generator that is sent what comes."""

    prompt = True
    within = True

    def __init__(
        self, make: Callable[..., Any], name: str, medium: Callable[[Iterable[bytes]], Iterable[Any]] = iter
    ) -> None:
        super().__init__(make, name)
        self._medium = medium
        self._called_back = _required(make) > 0
        self.reconnects = callable(getattr(make, RESET, None))

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Read ``first``, reset the object, and have it read ``then``."""
        source = Source(then)
        source.first = first
        return self._read(source)

    def _run(self, source: Source, log: Log) -> None:
        parser = self._fresh(lambda event: log.add(event, source.given))
        feed = method(parser, FEED)
        for chunk in self._medium(source.first):
            for event in _several(feed(chunk)):
                log.add(event, 0)
        if source.first:
            getattr(parser, RESET)()
        for chunk in self._medium(source):
            for event in _several(feed(chunk)):
                log.add(event, source.given)
        close = method(parser, CLOSE)
        if close is not None:
            for event in _several(close()):
                log.add(event, source.given)

    def _fresh(self, callback: Callable[[object], None]) -> Any:
        parser = self.parse(callback) if self._called_back else self.parse()
        if inspect.isgenerator(parser):
            next(parser)  # up to where it waits for the first chunk
        if self._called_back:
            return parser
        for name in ON:
            if hasattr(parser, name) and getattr(parser, name) is None:
                setattr(parser, name, callback)
        subscribe = method(parser, SUBSCRIBE)
        if subscribe is not None and _required(subscribe) == 1:
            subscribe(callback)
        return parser


class PushedLines(Pushed):
    """The same, fed with lines."""

    cuts = False
    prompt = False


def _several(answer: Any) -> Any:
    """Return what a method gave as events: none, one, or several."""
    if answer is None:
        return ()
    one = issubclass(type(answer), str | bytes | dict) or hasattr(answer, "_fields") or not hasattr(answer, "__iter__")
    return (answer,) if one else answer


def _required(call: Callable[..., Any]) -> int:
    """Return how many arguments ``call`` cannot do without, by position; 0 where it does not tell."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return 0
    return sum(
        each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        for each in parameters
    )
