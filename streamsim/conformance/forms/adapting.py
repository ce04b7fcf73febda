"""Which form a parser has.

Law: nothing is guessed that can be tried: what a function takes is found out with the simplest stream there is.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from streamsim.conformance.forms import responding, sources
from streamsim.conformance.forms.client import OfUrl
from streamsim.conformance.forms.pulling import OfAsync, OfAsyncWhole, OfChunks, OfWhole, Pulling, method
from streamsim.conformance.forms.pushing import FEED, Pushed, PushedLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.conformance.forms.sources import Source
    from streamsim.conformance.reading import Target

Form: TypeAlias = Literal[
    "chunks",
    "bytes",
    "lines",
    "byte lines",
    "text chunks",
    "text",
    "httpx",
    "requests",
    "push",
    "push text",
    "push lines",
    "async",
    "async text",
    "async lines",
    "async byte lines",
    "async bytes",
    "async httpx",
    "client",
]


def _slowly(medium: Callable[[Source], Any]) -> Callable[[Source], Any]:
    return lambda source: sources.AsyncSource(medium(source))


_FORMS: Final[dict[Form, Callable[[Callable[..., Any], str], Pulling]]] = {
    "chunks": OfChunks,
    "bytes": OfWhole,
    "lines": partial(OfWhole, medium=sources.lines),
    "byte lines": partial(OfWhole, medium=sources.byte_lines),
    "text chunks": partial(OfChunks, medium=sources.texts),
    "text": partial(OfWhole, medium=sources.text),
    "httpx": partial(OfChunks, medium=responding.of_httpx),
    "requests": partial(OfChunks, medium=responding.of_requests),
    "push": Pushed,
    "push text": partial(Pushed, medium=sources.texts),
    "push lines": partial(PushedLines, medium=sources.lines),
    "async": OfAsync,
    "async text": partial(OfAsync, medium=_slowly(sources.texts)),
    "async lines": partial(OfAsyncWhole, medium=_slowly(sources.lines)),
    "async byte lines": partial(OfAsyncWhole, medium=_slowly(sources.byte_lines)),
    "async bytes": partial(OfAsyncWhole, medium=b"".join),
    "async httpx": partial(OfAsync, medium=responding.of_async_httpx),
    "client": OfUrl,
}
_LIBRARIES: Final[dict[Form, str]] = {"httpx": "httpx", "requests": "requests", "async httpx": "httpx"}
_FIRST_S: Final = 60.0
"""How long the first stream may take: a parser may have much to import."""
_LIKELIEST: Final[tuple[Form, ...]] = get_args(Form)
"""All of them, the likeliest first."""
_ANY: Final = "what it takes was tried in vain: say how= one of " + ", ".join(_LIKELIEST)


def adapt(parse: Callable[..., Any], how: Form | None = None, name: str = "", probe: bytes = b"data: a\n\n") -> Pulling:
    """Return ``parse`` as a target; where its form is not said, ``probe`` is the stream to try with.

    The form in which it reads that stream, once and twice over, is its own; else the first in which it reads it once.

    Raises:
        ValueError: Its form can't be told; ``how`` says it.

    """
    title = name or _named(parse)
    if how in _FORMS:
        return _of(how, parse, title)
    readable: Form | None = None
    for form in _likely(parse) if how is None else ():
        target = _of(form, parse, title)
        once, twice = _read(target, probe), _read(target, probe + probe)
        if once == 1 and twice == 2:
            return target
        target.close()
        if once == 1 and readable is None:
            readable = form
    if readable is not None:
        return _of(readable, parse, title)
    raise ValueError(f"{title}: {_ANY}")


def _of(form: Form, parse: Callable[..., Any], title: str) -> Pulling:
    target = _FORMS[form](parse, title)
    target.form = form
    return target


def _likely(parse: Callable[..., Any]) -> list[Form]:
    """Return the forms that are worth a try, the likeliest first."""
    parameters = _parameters(parse)
    if parameters and parameters[0] in ("url", "uri", "address"):
        return ["client"]
    first = ""
    if not parameters or (inspect.isclass(parse) and method(parse, FEED[:-1])):
        first = "push"
    elif inspect.isasyncgenfunction(parse) or inspect.iscoroutinefunction(parse):
        first = "async"
    likely: list[Form] = [form for form in _LIKELIEST if (parameters or form.startswith(first)) and _there(form)]
    likely.sort(key=lambda form: not form.startswith(first))
    return likely


def _there(form: Form) -> bool:
    return responding.there(_LIBRARIES.get(form, ""))


def _parameters(parse: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(parse).parameters)
    except (TypeError, ValueError):
        return ["data"]


def _read(target: Target, probe: bytes) -> int:
    """Return how many events it reads in ``probe``, each as it should be; 0 if it does not read it."""
    target.patience_s, usual = _FIRST_S, target.patience_s
    reading = target.read((probe,))
    target.patience_s = usual
    return 0 if reading.error else sum("a" in each.data for each in reading.events)


def _named(parse: object) -> str:
    module = getattr(parse, "__module__", "") or ""
    return f"{module}.{getattr(parse, '__qualname__', type(parse).__name__)}".lstrip(".")
