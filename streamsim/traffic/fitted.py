"""What was fitted to recordings: what to type, what to write into a profile, and what people read of it.

Law: what there are too few samples of is not fitted, and why is told.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.errors import UsageError
from streamsim.traffic.fitting import Fit, Line, fit, line
from streamsim.units import SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.fitting import Family
    from streamsim.traffic.samples import Answered

FEWEST: Final = 20
"""Samples that a fit needs, unless somebody knows better."""

MUCH: Final = 5
"""Percents by which the mean may be off before it is told in so many words."""


class Fitted(msgspec.Struct, frozen=True):
    """What was fitted.

    Attributes:
        answers: How many answers there were.
        prefill: How TTFT grows with prompts; None where that was not to be seen.
        ttft: Of all answers; what remains without their prompts' tokens, where `prefill` is known. None: too few.
        itl: Of all gaps; None: too few.
        notes: What was not fitted, and why.

    """

    answers: int
    prefill: Line | None
    ttft: Fit | None
    itl: Fit | None
    notes: tuple[str, ...]

    def pacing(self) -> dict[str, str]:
        """Return the options of pacing: TTFT belongs to the prompt where that is known."""
        told = {} if self.ttft is None else {"ttft": "0" if self.prefill else self.ttft.distribution}
        return told if self.itl is None else {**told, "itl": self.itl.distribution}

    def load(self) -> dict[str, str]:
        """Return the options of load."""
        if self.prefill is None or self.ttft is None:
            return {}
        return {"prefill_rate": self.prefill.rate, "prefill_overhead": self.ttft.distribution}


def fitted(answers: Sequence[Answered], family: Family, fewest: int, *, source: str) -> Fitted:
    """Return what ``answers`` tell.

    Raises:
        UsageError: There are too few for anything.

    """
    notes: list[str] = []
    gaps = [ns for answer in answers for ns in answer.gaps_ns]
    prefill = ttft = itl = None
    if len(answers) >= fewest:
        pairs = [(answer.prompt, answer.ttft_ns) for answer in answers if answer.prompt is not None]
        prefill = line(pairs) if len(pairs) == len(answers) else None
        ttft = fit(_without_prompts(answers, prefill), family)
        if prefill is None:
            notes.append(f"prefill: {_why(len(pairs), len(answers))}, so no rate is told")
    else:
        notes.append(f"ttft: {_number(len(answers), 'answer')}, and a fit needs {fewest}")
    if len(gaps) >= fewest:
        itl = fit(gaps, family)
    else:
        notes.append(f"itl: {_number(len(gaps), 'gap')}, and a fit needs {fewest}")
    if ttft is itl is None:
        told = f"{_number(len(answers), 'answer')} with {_number(len(gaps), 'gap')}, and a fit needs {fewest} of either"
        raise UsageError(source, told, "record more, or give --min-samples")
    return Fitted(len(answers), prefill, ttft, itl, tuple(notes))


def _without_prompts(answers: Sequence[Answered], prefill: Line | None) -> list[int]:
    """Return the TTFTs, less what prompts take at the fitted rate."""
    if prefill is None:
        return [answer.ttft_ns for answer in answers]
    rate = Fraction(prefill.rate)
    return [max(0, answer.ttft_ns - int((answer.prompt or 0) * SECOND / rate)) for answer in answers]


def _number(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _why(telling: int, answers: int) -> str:
    """Return why there is no line through TTFTs, where so many of the answers tell their prompt's tokens."""
    if telling == answers:
        return "TTFT is not seen to grow with prompt tokens"
    told = (
        f"{telling} of {answers} answers tell their prompts'"
        if telling
        else f"no answer of {answers} tells its prompt's"
    )
    return f"{told} tokens"


def text(found: Fitted) -> str:
    """Return what people read, and the flags to type."""
    lines = [f"answers {found.answers}"]
    if found.prefill is not None:
        lines.append(
            f"prefill {found.prefill.rate} tokens/s, from {found.prefill.prompts} prompts, r² {found.prefill.r_squared}"
        )
    name = "overhead" if found.prefill else "ttft"
    for title, one in ((name, found.ttft), ("itl", found.itl)):
        lines += [] if one is None else _lines(title, one)
    options = {**found.pacing(), **found.load()}
    flags = [f"--{key.replace('_', '-')} {value}" for key, value in options.items()]
    return "\n".join((*lines, *found.notes, "", " ".join(flags)))


def _lines(title: str, one: Fit) -> list[str]:
    if one.distance is None:
        return [f"{title} {one.distribution}: {one.samples} samples, all alike"]
    verdict = "fits" if one.fits else "does not fit"
    test = f"KS distance {one.distance}, critical {one.critical} at 5 %"
    means = f"mean {format_duration(one.fitted_mean_ns)}, that of the samples {format_duration(one.mean_ns)}"
    warning = f": {abs(one.off)} % {'above' if one.off > 0 else 'below'} it" if abs(one.off) >= MUCH else ""
    return [
        f"{title} {one.distribution}: {one.samples} samples; a lognormal {verdict} ({test})",
        f"{title} as told: KS distance {one.fitted_distance}, {means}{warning}",
    ]


def profile(found: Fitted, about: str) -> str:
    """Return a profile, as TOML."""
    lines = [f'about = "{about}"', "", "[pacing]", *(f'{key} = "{value}"' for key, value in found.pacing().items())]
    load = found.load()
    if load:
        lines += ["", "[load]", *(f'{key} = "{value}"' for key, value in load.items())]
    return "\n".join(lines) + "\n"
