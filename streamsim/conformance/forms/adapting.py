"""Which form a parser has.

Law: nothing is guessed that can be tried: what a function takes is found out with the simplest stream there is.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from streamsim.conformance.forms.client import OfUrl
from streamsim.conformance.forms.pulling import OfAsync, OfAsyncBytes, OfBytes, OfChunks, OfLines, Pulling
from streamsim.conformance.forms.pushing import FEED, Pushed, method

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.conformance.reading import Target

Form: TypeAlias = Literal["bytes", "chunks", "lines", "async", "async bytes", "push", "client"]

_FORMS: Final[dict[str, Callable[[Callable[..., Any], str], Pulling]]] = {
    "bytes": OfBytes,
    "chunks": OfChunks,
    "lines": OfLines,
    "async": OfAsync,
    "async bytes": OfAsyncBytes,
    "push": Pushed,
    "client": OfUrl,
}
_FIRST_S: Final = 60.0
"""How long the first stream may take: a parser may have much to import."""
_ANY: Final = "what it takes was tried in vain: say how= one of " + ", ".join(get_args(Form))


def adapt(parse: Callable[..., Any], how: Form | None = None, name: str = "", probe: bytes = b"data: a\n\n") -> Target:
    """Return ``parse`` as a target; where its form is not said, ``probe`` is the stream to try with.

    Raises:
        ValueError: Its form can't be told; ``how`` says it.

    """
    title = name or _named(parse)
    forms = [how] if how else _likely(parse)
    for form in forms:
        try:
            target = _FORMS[form](parse, title)
        except (KeyError, TypeError):
            continue
        if _works(target, probe) or how:
            return target
    raise ValueError(f"{title}: {_ANY}")


def _likely(parse: Callable[..., Any]) -> list[Form]:
    if inspect.isclass(parse):
        return ["push", "chunks", "bytes"] if method(parse, FEED[:-1]) else ["chunks", "bytes"]
    parameters = _parameters(parse)
    if parameters and parameters[0] in ("url", "uri", "address"):
        return ["client"]
    if inspect.isasyncgenfunction(parse) or inspect.iscoroutinefunction(parse):
        return ["async", "async bytes"]
    return ["push"] if not parameters else ["chunks", "bytes", "lines", "push", "async", "async bytes"]


def _parameters(parse: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(parse).parameters)
    except (TypeError, ValueError):
        return ["data"]


def _works(target: Target, probe: bytes) -> bool:
    target.patience_s, usual = _FIRST_S, target.patience_s
    reading = target.read((probe,))
    target.patience_s = usual
    return not reading.error and len(reading.events) == 1 and "a" in reading.events[0].data


def _named(parse: object) -> str:
    module = getattr(parse, "__module__", "") or ""
    return f"{module}.{getattr(parse, '__qualname__', type(parse).__name__)}".lstrip(".")
