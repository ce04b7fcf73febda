"""What a stream can hold that parsers stumble over: the names of root causes.

Law: the features of a sample follow from its bytes and cuts, however it was made. A feature that was found broken is
left out of all later samples, and shrinking cannot slip into it.

The table's order is that of telling: of several features an example needs, the last one names the rule that is broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Feature(NamedTuple):
    """One feature.

    Attributes:
        name: In lower case with hyphens.
        rule: The rule that is broken where this is what a parser can't do.
        says: What a stream with it holds.
        needs: Other features that come with it.
        presumes: Features that have to be read for it to say anything: where one is broken, so is this.
        edge: Only unusual streams have it.

    """

    name: str
    rule: str
    says: str
    needs: tuple[str, ...] = ()
    edge: bool = False
    presumes: tuple[str, ...] = ()


FEATURES: Final[tuple[Feature, ...]] = (
    Feature("events", "fields", "several events"),
    Feature("lines", "fields", "several data lines in an event"),
    Feature("event", "fields", "an event name"),
    Feature("id", "fields", "an id"),
    Feature("retry", "retry", "a reconnection time"),
    Feature("comment", "noise", "a comment beside fields"),
    Feature("unknown", "noise", "an unknown field beside others"),
    Feature("colon", "values", "a colon in a value"),
    Feature("words", "values", "a value that some protocol gives a meaning: [DONE], null, error"),
    Feature("no-space", "spaces", "no space after the colon"),
    Feature("characters", "utf-8", "characters of several bytes"),
    Feature("event-last", "fields", "an event name or id after the data", edge=True),
    Feature("twice", "fields", "event name or id twice in a block: the last one counts", edge=True),
    Feature("event-empty", "fields", "an empty event name: the event is a message", ("event",), edge=True),
    Feature("event-forgotten", "fields", "an event without a name after one that has one", ("event", "events")),
    Feature("id-lasts", "ids", "an event without an id after one that has one", ("id", "events")),
    Feature("id-empty", "ids", "an empty id after one that is not", ("id",)),
    Feature("empty-data", "empty-data", "an event of which all data is one empty line"),
    Feature("empty-inside", "empty-data", "an empty data line between others", ("lines",)),
    Feature("empty-first", "empty-data", "an empty first data line", ("lines",)),
    Feature("empty-last", "empty-data", "an empty last data line", ("lines",)),
    Feature("empty-lines", "empty-data", "an event of several data lines, all empty", ("lines",), edge=True),
    Feature("no-colon", "fields", "a field name without a colon", edge=True),
    Feature("space-first", "spaces", "a value that begins with a space of its own"),
    Feature("space-last", "spaces", "a value that ends in a space or tab"),
    Feature("tab-first", "spaces", "a value that begins with a tab"),
    Feature("wide-space", "spaces", "a value that begins or ends with a space that is not ASCII", ("characters",)),
    Feature("space-only", "spaces", "a value of nothing but a space", edge=True),
    Feature("blank-first", "noise", "blank lines before the first event"),
    Feature("blanks", "noise", "more than one blank line between events"),
    Feature("comment-block", "noise", "a block of comments only", presumes=("comment",)),
    Feature("no-data", "no-data", "a block without data, with an event name, a reconnection time or an unknown field"),
    Feature("no-data-id", "no-data", "a block without data, with an id or after one", ("id",)),
    Feature("id-alone", "ids", "an id in a block without data, and then an event", ("no-data-id",)),
    Feature("comment-first", "noise", "a comment that looks like a field, or holds one", ("comment",)),
    Feature("unknown-like", "noise", "a field whose name resembles a known one: other case, longer",
            ("unknown",), edge=True),
    Feature("name-space", "noise", "a field name with a space before or after it", ("unknown",), edge=True,
            presumes=("space-last",)),
    Feature("white-line", "noise", "a line of nothing but spaces: an unknown field, not a blank line",
            ("unknown", "no-colon"), edge=True),
    Feature("no-data-event", "no-data", "an event name in a block without data, and then an event",
            ("no-data", "event"), presumes=("event-forgotten",)),
    Feature("retry-bad", "retry", "a reconnection time that is not all ASCII digits", ("retry",), edge=True),
    Feature("retry-space", "retry", "a reconnection time with a space or tab before or after it", ("retry",), edge=True,
            presumes=("retry-bad", "space-first", "space-last")),
    Feature("retry-huge", "retry", "a reconnection time of very many digits", ("retry",), edge=True),
    Feature("id-nul", "ids", "an id with NUL", ("id",), edge=True),
    Feature("nul", "values", "NUL or another control character in data", edge=True),
    Feature("separators", "line-ends", "U+2028, U+2029, U+0085, VT, FF or FS to RS in a line",
            presumes=("characters",)),
    Feature("bom-inside", "bom", "U+FEFF elsewhere than at the beginning", edge=True, presumes=("characters",)),
    Feature("bom", "bom", "a byte order mark at the beginning", edge=True, presumes=("characters",)),
    Feature("bom-twice", "bom", "two byte order marks at the beginning: the first goes",
            ("bom", "bom-inside", "unknown-like"), edge=True),
    Feature("crlf", "line-ends", "CRLF for line ends"),
    Feature("cr", "line-ends", "CR for line ends", edge=True),
    Feature("mixed", "line-ends", "several kinds of line ends", edge=True),
    Feature("invalid", "utf-8", "bytes that are no UTF-8", ("characters",), edge=True),
    Feature("unfinished", "end", "an event without its blank line, at the end"),
    Feature("cut-event", "chunks", "a cut after a blank line"),
    Feature("cut-line", "chunks", "a cut between two lines"),
    Feature("cut-blank", "chunks", "a cut before a blank line", presumes=("cut-line",)),
    Feature("cut", "chunks", "a cut inside a line", presumes=("cut-line", "cut-blank")),
    Feature("cut-empty", "chunks", "an empty chunk"),
    Feature("cut-crlf", "chunks", "a cut between CR and LF", ("crlf",), presumes=("cut",)),
    Feature("cut-character", "utf-8", "a cut inside a character", ("characters",), presumes=("cut",)),
    Feature("cut-bom", "bom", "a cut inside the byte order mark", ("bom",), edge=True,
            presumes=("cut", "cut-character")),
    Feature("late", "promptness", "an event that is complete, and a chunk that does not come"),
)  # fmt: skip

COMMON: Final = frozenset({
    "events", "lines", "event", "id", "retry", "comment", "unknown", "colon", "characters", "crlf", "cut-event",
    "cut-blank", "cut-line", "cut", "late",
})  # fmt: skip
"""What streams are made of: it is not to blame alone when it fails together with something else."""

BEFORE: Final = frozenset({"events", "blank-first", "blanks", "comment-block", "no-data", "no-data-id"})
"""What may stand before a block: where only something has to, it says nothing what."""

ORDER: Final = {feature.name: number for number, feature in enumerate(FEATURES)}
NAMES: Final = frozenset(ORDER)

OF_LINES: Final = frozenset({
    "events", "characters", "separators", "bom-inside", "crlf", "invalid", "blanks", "unfinished", "cut-line", "cut",
    "cut-empty", "cut-crlf", "cut-character", "late",
})  # fmt: skip
"""What lines of JSON can hold, too."""


CUTS: Final = frozenset({"cut", "cut-line", "cut-blank", "cut-event"})
"""Cuts that are as common; each is switched off once it is to blame."""


def feature(name: str) -> Feature:
    """Return the feature ``name``."""
    return FEATURES[ORDER[name]]


def with_needs(name: str) -> frozenset[str]:
    """Return ``name`` and all that comes with it."""
    return frozenset({name}.union(*map(with_needs, feature(name).needs)))


def telling(names: frozenset[str]) -> list[str]:
    """Return ``names``, the most telling last."""
    return sorted(names, key=ORDER.__getitem__)


def late_with(names: Sequence[str]) -> tuple[str, ...]:
    """Return what makes an event come late, and ``late``; nothing if ``names`` end otherwise, or are all common."""
    if not names or names[-1] != "late":
        return ()
    special = telling(frozenset(names) - COMMON)
    return (special[-1], "late") if special else ()


def blamed(names: frozenset[str]) -> str:
    """Return the feature that is the cause: the most telling one that is not common, if there is one."""
    special = telling(names - COMMON)
    return special[-1] if special else telling(names)[-1]
