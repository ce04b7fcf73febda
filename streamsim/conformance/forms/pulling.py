"""Functions that pull: from a whole stream or piece by piece, with or without async.

Law: an event counts as delivered when the parser hands it out, with the chunks that it had pulled by then.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from streamsim.conformance.forms.seeing import seen
from streamsim.conformance.forms.sources import AsyncSource, Source
from streamsim.conformance.forms.watching import Hung, patience
from streamsim.conformance.reading import Held, Reading, Seen, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_GIVE: Final = ("events", "iter_sse", "aiter_sse", "iter_events", "aiter_events", "iter", "aiter", "stream", "messages")


def told(error: BaseException) -> str:
    """Return an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


class Log:
    """The events of one reading, as they come; ``kept`` or not.

    Attributes:
        noted: Called with each.

    """

    def __init__(self, *, kept: bool = True) -> None:
        self.events: list[Seen] = []
        self.after: list[int] = []
        self._kept = kept
        self.noted: Callable[[], object] = bool

    def add(self, event: object, after: int) -> None:
        """Keep one event; None is none."""
        if event is not None and self._kept:
            self.noted()
            self.events.append(seen(event))
            self.after.append(after)

    def reading(self, error: str = "", *, hung: bool = False, prompt: bool = True) -> Reading:
        """Return what was read."""
        return Reading(tuple(self.events), tuple(self.after) if prompt else (), error, hung)


class Pulling(Target):
    """What all of them share.

    Attributes:
        form: What it is called.

    """

    form = ""

    def __init__(self, parse: Callable[..., Any], name: str) -> None:
        self.parse = parse
        self.name = name

    def read(self, chunks: Sequence[bytes]) -> Reading:
        """Read one stream."""
        return self._read(Source(chunks))

    def read_within(self, outer: Sequence[bytes], inner: Sequence[bytes], after: int) -> tuple[Reading, Reading]:
        """Read ``inner`` when ``outer`` would have to give one more chunk."""
        found: list[Reading] = []
        first = self._read(Source(outer, lambda: found.append(self.read(inner)), after))
        return first, found[0] if found else self.read(inner)

    def held(self, chunks: Sequence[bytes], times: int) -> Held | None:
        """Read a long stream; None for what takes it whole."""
        if not self.cuts:
            return None
        source = Source(chunks)
        source.times = times
        return self._traced(source)

    def _traced(self, source: Source) -> Held:
        """Read, and tell how much was held at the most."""
        began = not tracemalloc.is_tracing()
        tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            self._read(source, Log(kept=False))
            return Held(tracemalloc.get_traced_memory()[1])
        finally:
            if began:
                tracemalloc.stop()

    def _read(self, source: Source, log: Log | None = None) -> Reading:
        log = log or Log()
        try:
            with patience(self.patience_s):
                self._run(source, log)
        except Hung:
            return log.reading(hung=True, prompt=self.prompt)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is a finding
            return log.reading(told(error), prompt=self.prompt)
        return log.reading(prompt=self.prompt)

    def _run(self, source: Source, log: Log) -> None:
        raise NotImplementedError


class OfWhole(Pulling):
    """``parse(whole)`` returns the events of a whole stream: of bytes, of text, or of its lines."""

    cuts = False

    def __init__(self, parse: Callable[..., Any], name: str, medium: Callable[[Source], Any] = b"".join) -> None:
        super().__init__(parse, name)
        self._medium = medium

    def _run(self, source: Source, log: Log) -> None:
        for event in events_of(self.parse(self._medium(source))):
            log.add(event, 0)


class OfChunks(Pulling):
    """``parse(chunks)`` takes an iterable of chunks, or a response, and returns an iterator of events."""

    prompt = True
    within = True

    def __init__(self, parse: Callable[..., Any], name: str, medium: Callable[[Source], Any] = iter) -> None:
        super().__init__(parse, name)
        self._medium = medium

    def _run(self, source: Source, log: Log) -> None:
        for event in events_of(self.parse(self._medium(source))):
            log.add(event, source.given)


class OfAsync(Pulling):
    """``parse(chunks)`` takes an asynchronous iterator, or a response; it returns one, or a coroutine of a list.

    Each stream gets an event loop of its own.
    """

    prompt = True
    within = True

    def __init__(self, parse: Callable[..., Any], name: str, medium: Callable[[Source], Any] = AsyncSource) -> None:
        super().__init__(parse, name)
        self._medium = medium

    def _run(self, source: Source, log: Log) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._pull(source, log))

    def read_within(self, outer: Sequence[bytes], inner: Sequence[bytes], after: int) -> tuple[Reading, Reading]:
        """Read ``inner`` in another thread: a loop cannot run in a loop."""
        found: list[Reading] = []

        def aside() -> None:
            thread = threading.Thread(target=lambda: found.append(self.read(inner)))
            thread.start()
            thread.join(self.patience_s)

        first = self._read(Source(outer, aside, after))
        return first, found[0] if found else self.read(inner)

    async def _pull(self, source: Source, log: Log) -> None:
        answer = events_of(self.parse(self._medium(source)))
        if inspect.isawaitable(answer):
            answer = events_of(await answer)
        if hasattr(answer, "__aiter__"):
            async for event in answer:
                log.add(event, source.given)
            with suppress(AttributeError):
                await answer.aclose()
        else:
            for event in answer:
                log.add(event, source.given)


class OfAsyncWhole(OfAsync):
    """The same, given a whole stream: bytes, text, or lines one after the other."""

    cuts = False
    prompt = False
    within = False


def events_of(answer: Any) -> Any:
    """Return what can be iterated: ``answer``, or what a method of it for that gives."""
    if any(hasattr(answer, name) for name in ("__iter__", "__aiter__", "__await__")):
        return answer
    give = method(answer, _GIVE)
    return answer if give is None else give()


def method(parser: object, names: tuple[str, ...]) -> Any:
    """Return the first of the methods ``names`` that ``parser`` has."""
    return next((getattr(parser, name) for name in names if callable(getattr(parser, name, None))), None)
