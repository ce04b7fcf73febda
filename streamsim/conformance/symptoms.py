"""What an example shows of the fault behind it: what shows only known symptoms is no finding of its own.

Law: a symptom is told by what was expected and what came, whatever the stream held; where the two only differ, nothing
is told, and then findings are told apart by what their streams hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.conformance.features import blamed, feature

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from streamsim.conformance.judge import Breach
    from streamsim.conformance.reading import Seen

_MARK: Final = "\ufeff"


MARK_GOES: Final = "U+FEFF goes"
FIRST_LINE: Final = "an empty first line of data goes"
LAST_LINE: Final = "an empty last line of data goes"
ANY_LINE: Final = "empty lines of data go"


class _Text(NamedTuple):
    """Some of a text goes: ``left`` is what is left of any text."""

    says: str
    left: Callable[[str], str]


def _without_edges(text: str) -> str:
    return "\n".join(line.strip().strip(_MARK).strip() for line in text.split("\n"))


def _without_marks(text: str) -> str:
    return text.replace(_MARK, "")


def _without_first(text: str) -> str:
    return text.lstrip("\n")


def _without_last(text: str) -> str:
    return text.rstrip("\n")


def _without_empty_lines(text: str) -> str:
    return "\n".join(filter(None, text.split("\n")))


# Applied in this order, where several are known; the last one is more than those before it.
_TEXTS: Final = (
    _Text("white space at the edges goes", _without_edges),
    _Text(MARK_GOES, _without_marks),
    _Text(FIRST_LINE, _without_first),
    _Text(LAST_LINE, _without_last),
    _Text(ANY_LINE, _without_empty_lines),
)
MORE: Final = "events come of blank lines"
MORE_OF_FIELDS: Final = "events come of fields other than data"
MORE_OF_ID: Final = "events come of an id, without data"
FEWER: Final = "events without data go"


def symptoms(breach: Breach, held: frozenset[str]) -> tuple[str, ...]:
    """Return what ``breach`` shows, each in words; nothing if it is none of what is known here."""
    if breach.kind in ("crash", "hang"):
        return _crash(breach, held)
    if breach.kind != "events":
        return ()
    told = [each.says for each in _TEXTS if _alike(breach.expected, breach.got, [each])]
    if len(told) > 1 and told[-1] == ANY_LINE:
        told.pop()  # the first or the last one is all there is to see
    told = [_either_way(each, breach) for each in told]
    if "unfinished" not in held and _with_data(breach.expected) == _with_data(breach.got):
        told.append(_more(held) if len(breach.got) > len(breach.expected) else FEWER)
    return tuple(told)


def covered(breach: Breach, held: frozenset[str], known: Collection[str]) -> bool:
    """Tell whether faults of ``known`` symptoms, one or several together, explain ``breach``."""
    if breach.kind != "events":
        return any(each in known for each in symptoms(breach, held))
    forms = [each for each in _TEXTS if _either_way(each.says, breach) in known]
    expected, got = breach.expected, breach.got
    more = _more(held) in known or MORE in known
    if "unfinished" not in held and (more if len(got) > len(expected) else FEWER in known):
        expected, got = _with_data(expected), _with_data(got)
    return _alike(expected, got, forms)


def _more(held: frozenset[str]) -> str:
    if "no-data-id" in held:
        return MORE_OF_ID
    return MORE_OF_FIELDS if "no-data" in held else MORE


def overlap(one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether what shows the symptoms ``one`` is behind ``other``, too."""
    return any(each in other for name in one for each in (name, *_consequences(name)))


def _consequences(name: str) -> tuple[str, ...]:
    """Return what comes of ``name``: what is raised at a blank line is raised at one after an id, too."""
    error, at, rule = name.rpartition(" at ")
    return (f"{error}{at}no-data-id",) if rule == "noise" else _CONSEQUENCES.get(name, ())


_CONSEQUENCES: Final = {MORE: (MORE_OF_ID, MORE_OF_FIELDS), ANY_LINE: (FIRST_LINE, LAST_LINE)}


def _either_way(says: str, breach: Breach) -> str:
    """Return ``says``, or its contrary where there is more text than expected, not less."""
    expected, got = (sum(map(_length, events)) for events in (breach.expected, breach.got))
    return says if got <= expected else f"{says}, and is not there"


def _length(event: Seen) -> int:
    return sum(len(_named(text or "")) for text in (event.data, event.type, event.id))


def _crash(breach: Breach, held: frozenset[str]) -> tuple[str, ...]:
    """Return which error was raised where: the same one, under the same rule, is raised by the same line.

    So it is with what did not end. What is no UTF-8 and what is cut inside a character are decoded by different lines,
    in the same words.
    """
    name = blamed(held) if held else ""
    rule = feature(name).rule if name else ""
    if rule in ("", "utf-8"):
        return ()
    place = name if name in _OF_THEIR_OWN else rule
    return (f"{breach.what.partition(':')[0]} at {place}",)


_OF_THEIR_OWN: Final = ("lines", "no-data-id")
"""Read by other lines than what else is under their rule."""


def _alike(expected: Sequence[Seen], got: Sequence[Seen], forms: Sequence[_Text]) -> bool:
    """Tell whether the same events came, but for what goes of their texts."""
    return len(expected) == len(got) and all(
        one.retry == other.retry
        and all(
            _same(mine or "", theirs or "", forms)
            for mine, theirs in ((one.data, other.data), (one.type, other.type), (one.id, other.id))
        )
        for one, other in zip(expected, got, strict=True)
    )


def _same(expected: str, got: str, forms: Sequence[_Text]) -> bool:
    """Tell whether a text came, but for what goes of it; of a name of which nothing is left, the usual one."""
    left, other = _left(expected, forms), _left(got, forms)
    return left == other or ((left, other) != (expected, got) and _named(left) == _named(other))


def _named(text: str) -> str:
    return "" if text == "message" else text


def _left(text: str, forms: Sequence[_Text]) -> str:
    for each in forms:
        text = each.left(text)
    return text


def _with_data(events: Sequence[Seen]) -> tuple[Seen, ...]:
    return tuple(each for each in events if each.data.strip())
