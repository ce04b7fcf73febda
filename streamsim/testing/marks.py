"""The marker ``streamsim``: what a test replays, declared above it.

Law: nearer marks go before farther ones, option by option.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from streamsim.errors import UsageError
from streamsim.testing.options import Options, checked

if TYPE_CHECKING:
    from streamsim.plan.faults import Fault

WHERE = "@pytest.mark.streamsim"
ALL = "all"


class Mark(Protocol):
    """One marker, as pytest gives it."""

    @property
    def args(self) -> tuple[object, ...]:
        """What stands before the options."""
        ...

    @property
    def kwargs(self) -> Mapping[str, object]:
        """The options."""
        ...


class Strike(NamedTuple):
    """The faults of one run of a test, and whether they were picked because all are to be tried."""

    faults: tuple[str | Fault, ...]
    any: bool = False


class Declared(NamedTuple):
    """What all marks of a test say.

    Attributes:
        given: What to replay: a recording, or what is said; nothing: the test says so itself.
        options: For each replay of the test, unless it says otherwise.
        freeze: Whether dates are virtual too; None: as configured.

    """

    given: tuple[object, ...]
    options: Options
    freeze: bool | None


def declared(marks: Iterable[Mark], strike: Strike | None) -> Declared:
    """Return what ``marks`` say, the nearest first, for the run of the test that ``strike`` is given to.

    Raises:
        UsageError: They say what cannot be understood.

    """
    told, before = _told(marks)
    given = next((args for args in before if args not in ((), (None,))), ())
    if len(given) > 1 and not told.get("dialect"):
        raise UsageError(WHERE, "it takes one recording", "give everything else by name")
    freeze = told.get("freeze")
    options = checked(told, WHERE, "freeze")
    if strike is not None:
        options["faults"] = strike.faults
    return Declared(given, options, None if freeze is None else bool(freeze))


def _told(marks: Iterable[Mark]) -> tuple[dict[str, object], list[tuple[object, ...]]]:
    """Return all options, and what stands before the options of each mark."""
    told: dict[str, object] = {}
    before: list[tuple[object, ...]] = []
    for mark in marks:
        told = {**mark.kwargs, **told}
        before.append(mark.args)
    return told, before


def strikes(marks: Iterable[Mark]) -> dict[str, Strike] | None:
    """Return the runs that ``marks`` ask for, by readable ids; None where they ask for one.

    ``faults="all"`` asks for a run with each fault there is, a list for one with each of its items; an item that is a
    list itself strikes together.
    """
    told, _ = _told(marks)
    faults = told.get("faults")
    if faults == ALL:
        from streamsim.plan.faults import CATALOGUE  # noqa: PLC0415 - only where it is asked for

        return {name: Strike((name,), any=True) for name in CATALOGUE}
    if isinstance(faults, str) or not isinstance(faults, Sequence):
        return None
    runs = [Strike(_together(item)) for item in cast("Sequence[object]", faults)]
    return {_id(run): run for run in runs}


def _together(item: object) -> tuple[str | Fault, ...]:
    """Return what strikes together; whether these are faults is judged when they are played."""
    several = cast("Sequence[str | Fault]", item) if isinstance(item, list | tuple) else (cast("str | Fault", item),)
    return tuple(several)


def _id(run: Strike) -> str:
    from streamsim.plan.faults import Fault, spell_fault  # noqa: PLC0415 - only where it is asked for

    return "+".join(spell_fault(fault) if isinstance(fault, Fault) else str(fault) for fault in run.faults) or "none"
