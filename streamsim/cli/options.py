"""Options that commands share: which exchange, how it is paced, and the seed.

Law: an option takes the string that a profile and a request header take, and a wrong one is named by its option.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeAlias, TypeVar

import click

from streamsim.errors import RecordingError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import DEFAULT_SEED, Plan, Planner
from streamsim.plan.profile import Profile
from streamsim.units import parse_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.plan.distribution import Distribution
    from streamsim.recording.model import Recording

_P = ParamSpec("_P")
_R = TypeVar("_R")

Speed: TypeAlias = tuple[int, int]

KEEP = "recorded"


def _distribution(_: click.Context, option: click.Parameter, text: str | None) -> Distribution | None:
    """Read a distribution; None, like ``recorded``, keeps what was recorded."""
    if text is None or text.strip() == KEEP:
        return None
    return parse_distribution(text, where=option.opts[0])


def _spread(_: click.Context, option: click.Parameter, text: str | None) -> Distribution | None:
    return None if text is None else parse_distribution(text, where=option.opts[0])


def _speed(_: click.Context, option: click.Parameter, text: str | None) -> Speed:
    """Read ``2``, ``0.5``, ``1/4`` or ``2x``."""
    if text is None:
        return (1, 1)
    ratio = parse_ratio(text.strip().removesuffix("x"), where=option.opts[0])
    return ratio.numerator, ratio.denominator


_OPTIONS = (
    click.option(
        "--pacing",
        type=click.Choice(["recorded", "instant"]),
        default="recorded",
        show_default=True,
        help="Where times start from: as recorded, or all at once.",
    ),
    click.option("--ttfb", callback=_distribution, metavar="TIME", help="Request to first response byte."),
    click.option("--ttft", callback=_distribution, metavar="TIME", help="Request to first content."),
    click.option(
        "--itl",
        callback=_distribution,
        metavar="TIME",
        help="Gap between content chunks: 30ms, uniform(20ms,50ms), normal(30ms,5ms), lognormal(30ms,0.4) or recorded.",
    ),
    click.option("--jitter", callback=_spread, metavar="TIME", help="How far each chunk may move, both ways."),
    click.option("--speed", callback=_speed, metavar="RATIO", help="Divide all times, last: 2, 0.5, 1/4 or 2x."),
)


def pacing_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Add the pacing options; ``command`` takes them as one ``profile``.

    The errors, at the command line: UsageError, where a value is no duration, distribution or ratio.
    """

    @wraps(command)
    def paced(
        *args: object,
        pacing: Literal["recorded", "instant"],
        ttfb: Distribution | None,
        ttft: Distribution | None,
        itl: Distribution | None,
        jitter: Distribution | None,
        speed: Speed,
        **rest: object,
    ) -> _R:
        chosen = Pacing(mode=pacing, ttfb=ttfb, ttft=ttft, itl=itl, jitter=jitter, speed=speed)
        return command(*args, profile=Profile(pacing=chosen), **rest)

    for option in reversed(_OPTIONS):
        paced = option(paced)
    return paced


def seed_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add ``--seed``, an integer from 0 on."""
    seeded = click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=DEFAULT_SEED,
        show_default=True,
        help="Replays everything that is drawn.",
    )
    return seeded(command)


def exchange_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add ``--exchange``: a number, or None for all."""
    return click.option("--exchange", type=click.IntRange(min=0), metavar="N", help="Only this exchange.")(command)


def attempt_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add ``--attempt``, an integer from 1 on."""
    attempted = click.option(
        "--attempt", type=click.IntRange(min=1), default=1, show_default=True, help="As the nth try would see it."
    )
    return attempted(command)


def salvage_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add ``--salvage``, a flag."""
    return click.option("--salvage", is_flag=True, help="Read up to the first bad line instead of failing.")(command)


def json_option(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add ``--json``, a flag that the command takes as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def planned(recording: Recording, profile: Profile, *, seed: int, exchange: int | None, attempt: int) -> list[Plan]:
    """Return the plan of ``exchange``, or of all exchanges where it is None.

    Raises:
        RecordingError: The recording has no such exchange, or none at all.
        PlanError: The profile asks for what cannot be.

    """
    if not recording.exchanges:
        raise RecordingError(recording.source, "it holds no exchange", "record one: streamsim record")
    planner = Planner(recording)
    numbers = [exchange] if exchange is not None else [known.number for known in recording.exchanges]
    return [planner.plan(number, profile, seed=seed, attempt=attempt) for number in numbers]
