"""The parameters of load, as users spell them.

Law: command line, profiles and Python spell them alike, this is where they are read, and what cannot be meant together
is refused here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec

from streamsim.errors import UsageError
from streamsim.plan.distribution import Distribution, fixed, parse_distribution
from streamsim.units import LONGEST, SECOND, parse_duration, parse_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

Prefill = Literal["shared", "each"]
Refusal = Literal[429, 503]


class Load(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """What one replica can do; the default: anything at once, and none waits for another.

    Attributes:
        max_concurrency: Streams that run at once; None: any number.
        max_queue: Requests that wait for one of those places; one more is refused. None: any number.
        refuse_with: The status of that refusal.
        prefill_rate: Prompt tokens a second; None: prompts take no time.
        prefill_overhead: What every prompt takes besides.
        prefill: ``shared``: prompts that are read at once share the replica evenly; ``each``: none notices another.
        ttft_quadratic_ns: This times the square of the streams that run at admission, its own among them, is added to
            what the prompt takes.
        itl_per_stream_ns: What each further stream adds to a gap of the usual ITL.
        time_factor_under_load: How many times longer all takes when ``max_concurrency`` streams run.
        batch_size: Streams that get a token in one step; more of them take turns. None: any number.

    """

    max_concurrency: int | None = None
    max_queue: int | None = None
    refuse_with: Refusal = 429
    prefill_rate: tuple[int, int] | None = None
    prefill_overhead: Distribution = fixed(0)
    prefill: Prefill = "shared"
    ttft_quadratic_ns: int = 0
    itl_per_stream_ns: int = 0
    time_factor_under_load: tuple[int, int] = (1, 1)
    batch_size: int | None = None

    def prefill_ns(self, tokens: int, overhead_ns: int) -> int:
        """Return how long a prompt of ``tokens`` takes alone."""
        if self.prefill_rate is None:
            return overhead_ns
        above, below = self.prefill_rate
        return overhead_ns + tokens * SECOND * below // above


NO_LOAD: Final = Load()

_COUNTS = {"max_concurrency": 1, "max_queue": 0, "batch_size": 1}
_DURATIONS = ("ttft_quadratic", "itl_per_stream")
MOST_TIMES: Final = 1_000_000
"""How many times longer all may take under load."""

LOAD_KEYS: Final = tuple(name.removesuffix("_ns") for name in Load.__struct_fields__)


def reloaded(load: Load, texts: Mapping[str, str], *, where: str) -> Load:
    """Return ``load`` with what ``texts`` say, by the names in `LOAD_KEYS`.

    Args:
        load: What to start from.
        texts: The values, as users spell them.
        where: What stands before a name where they are spelt: ``--``, or a file and a table. On the command line words
            are joined by hyphens.

    Raises:
        UsageError: A value means nothing, or two cannot be meant together.

    """
    changes = {}
    for key, text in texts.items():
        place = where + (key.replace("_", "-") if where == "--" else key)
        changes[f"{key}_ns" if key in _DURATIONS else key] = _value(key, text.strip(), place)
    changed = msgspec.structs.replace(load, **changes)
    _check(changed, where)
    return changed


def _value(key: str, text: str, where: str) -> object:
    if key in _COUNTS:
        return _count(text, _COUNTS[key], where)
    if key in _DURATIONS:
        return parse_duration(text, where=where)
    if key == "prefill_overhead":
        return parse_distribution(text, where=where)
    if key == "prefill":
        return _one_of(text, get_args(Prefill), where)
    if key == "refuse_with":
        return int(_one_of(text, tuple(map(str, get_args(Refusal))), where))
    ratio = parse_ratio(text.removesuffix("x") if key == "time_factor_under_load" else text, where=where)
    _bound(key, ratio, text, where)
    return ratio.numerator, ratio.denominator


def _bound(key: str, ratio: Fraction, text: str, where: str) -> None:
    """Refuse what is so slow that no clock shows it."""
    if key == "prefill_rate" and SECOND / ratio > LONGEST:
        raise UsageError(where, f"at {text!r} a token takes longer than a century", "write a higher rate")
    if key == "time_factor_under_load" and ratio > MOST_TIMES:
        raise UsageError(where, f"{text!r} is above {MOST_TIMES}", "write a smaller one")


def _count(text: str, least: int, where: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        raise UsageError(where, f"{text!r} is not a whole number from {least} on", "write one, or none for no limit")
    return int(text)


def _one_of(text: str, known: tuple[str, ...], where: str) -> str:
    if text not in known:
        raise UsageError(where, f"{text!r} is not known", f"write {' or '.join(known)}")
    return text


def _check(load: Load, where: str) -> None:
    """Refuse what contradicts itself."""

    def place(key: str) -> str:
        return where + (key.replace("_", "-") if where == "--" else key)

    factor = Fraction(*load.time_factor_under_load)
    if factor < 1:
        raise UsageError(place("time_factor_under_load"), "it is below 1", "load makes nothing faster: write 1 or more")
    if factor > 1 and load.max_concurrency is None:
        remedy = f"give {place('max_concurrency')} too"
        raise UsageError(place("time_factor_under_load"), "it is reached at the greatest concurrency", remedy)
    if factor > 1 and load.itl_per_stream_ns:
        raise UsageError(
            place("itl_per_stream"), "the time factor under load says how ITL grows, too", "give one of both"
        )
    if load.max_queue is not None and load.max_concurrency is None:
        raise UsageError(place("max_queue"), "without a limit nobody waits", f"give {place('max_concurrency')} too")
