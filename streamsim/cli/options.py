"""Options that commands share: which exchange, how it is paced and broken, and the seed.

Law: an option takes the string that a profile and a request header take, and a wrong one is named by its option.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
import msgspec

from streamsim.errors import RecordingError
from streamsim.plan.planner import DEFAULT_SEED, Given, Plan, Planner
from streamsim.plan.profile import Profile, read_fault, repaced
from streamsim.shells.files import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.recording.model import Recording

_P = ParamSpec("_P")
_R = TypeVar("_R")

# What each option of pacing is called in a profile.
_PACING = {"pacing": "mode", **{name: name for name in ("ttfb", "ttft", "itl", "jitter", "speed")}}
_OPTIONS = (
    click.option(
        "--profile",
        metavar="NAME|FILE",
        help="Named pacing and faults: a TOML file, or one that comes with streamsim. The options below go before it.",
    ),
    click.option(
        "--fault",
        "faults",
        multiple=True,
        metavar="NAME[:KEY=VALUE,…]",
        help="Break the stream, as 'streamsim faults' lists; may be given again.",
    ),
    click.option(
        "--pacing",
        type=click.Choice(["recorded", "instant"]),
        help="Where times start from: as recorded, unless a profile says otherwise, or all at once.",
    ),
    click.option("--ttfb", metavar="TIME", help="Request to first response byte."),
    click.option("--ttft", metavar="TIME", help="Request to first content."),
    click.option(
        "--itl",
        metavar="TIME",
        help="Gap between content chunks: 30ms, uniform(20ms,50ms), normal(30ms,5ms), lognormal(30ms,0.4) or recorded.",
    ),
    click.option("--jitter", metavar="TIME", help="How far each chunk may move, both ways."),
    click.option("--speed", metavar="RATIO", help="Divide all times, last: 2, 0.5, 1/4 or 2x."),
)


def profile_options(*options: Callable[..., Any]) -> Callable[[Callable[..., _R]], Callable[..., _R]]:
    """Return what adds ``options``: ``--profile``, and some that change it; the command takes them as one ``profile``.

    The errors, at the command line: UsageError, where a value means nothing; ProfileError, of the profile.
    """

    def decorated(command: Callable[..., _R]) -> Callable[..., _R]:
        @wraps(command)
        def paced(*args: object, profile: str | None, faults: tuple[str, ...] = (), **rest: object) -> _R:
            texts = {name: rest.pop(key, None) for key, name in _PACING.items()}
            base = Profile() if profile is None else load_profile(profile)
            return command(*args, profile=_changed(base, texts, faults), **rest)

        for option in reversed(options):
            paced = option(paced)
        return paced

    return decorated


def _changed(base: Profile, texts: dict[str, object], faults: tuple[str, ...]) -> Profile:
    """Return ``base`` with what the options say: instead of its pacing, and after its faults."""
    given = {name: str(text) for name, text in texts.items() if text is not None}
    return msgspec.structs.replace(
        base,
        pacing=repaced(base.pacing, given, where="--"),
        faults=(*base.faults, *(read_fault(text, where="--fault") for text in faults)),
    )


pacing_options = profile_options(*_OPTIONS)
"""Add the options of pacing and faults."""


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


def echo_json(value: object) -> None:
    """Print ``value`` as one JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def planned(
    recording: Recording,
    profile: Profile,
    *,
    seed: int,
    exchange: int | None,
    attempt: int,
    given: Given = Given(),  # noqa: B008 - frozen
) -> list[Plan]:
    """Return the plan of ``exchange``, or of all exchanges where it is None.

    Raises:
        RecordingError: The recording has no such exchange, or none at all.
        PlanError: The profile asks for what cannot be.

    """
    if not recording.exchanges:
        raise RecordingError(recording.source, "it holds no exchange", "record one: streamsim record")
    planner = Planner(recording)
    numbers = [exchange] if exchange is not None else [known.number for known in recording.exchanges]
    return [planner.plan(number, profile, seed=seed, attempt=attempt, given=given) for number in numbers]
