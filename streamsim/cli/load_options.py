"""The options of load, which ``serve`` and ``simulate`` share.

Law: an option takes the string that the table ``[load]`` of a profile takes, and goes before it.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from streamsim.traffic.model import LOAD_KEYS, reloaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.plan.profile import Profile

_R = TypeVar("_R")

_OPTIONS = (
    click.option("--max-concurrency", metavar="N", help="Streams that run at once; more wait."),
    click.option("--max-queue", metavar="N", help="Requests that wait at most; one more is refused."),
    click.option("--refuse-with", metavar="429|503", help="The status of that refusal: 429 if not given."),
    click.option("--prefill-rate", metavar="RATE", help="Prompt tokens a second; adds to TTFT."),
    click.option("--prefill-overhead", metavar="TIME", help="What every prompt takes besides."),
    click.option(
        "--prefill", metavar="shared|each", help="Whether prompts that are read at once share the rate: they do."
    ),
    click.option("--ttft-quadratic", metavar="TIME", help="Added to TTFT, times the square of the running streams."),
    click.option("--itl-per-stream", metavar="TIME", help="What each further running stream adds to --itl."),
    click.option(
        "--time-factor-under-load", metavar="RATIO", help="How many times longer all takes at --max-concurrency."
    ),
    click.option("--batch-size", metavar="N", help="Streams that get a token in one step; more take turns."),
)


def load_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Add the options of load to a command that takes a ``profile``, which they change.

    The errors, at the command line: UsageError, where a value means nothing.
    """

    @wraps(command)
    def loaded(*args: object, profile: Profile, **rest: object) -> _R:
        texts = {key: rest.pop(key) for key in LOAD_KEYS}
        given = {key: str(text) for key, text in texts.items() if text is not None}
        load = reloaded(profile.load, given, where="--") if given else profile.load
        return command(*args, profile=msgspec.structs.replace(profile, load=load), **rest)

    for option in reversed(_OPTIONS):
        loaded = option(loaded)
    return loaded
