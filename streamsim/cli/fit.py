"""``streamsim fit``: times as distributions, from recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from streamsim.cli.options import echo_json, json_option, salvage_option
from streamsim.errors import RecordingError
from streamsim.shells.files import SUFFIX, load, save
from streamsim.traffic.fitted import FEWEST, fitted, profile, text
from streamsim.traffic.fitting import Family
from streamsim.traffic.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command("fit")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING|DIR…")
@click.option(
    "--as",
    "family",
    type=click.Choice(get_args(Family)),
    default="auto",
    show_default=True,
    help="Which family to fit; auto: lognormal where that fits, else empirical.",
)
@click.option(
    "--min-samples", type=click.IntRange(2), default=FEWEST, show_default=True, help="Samples that a fit needs."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write a profile.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@salvage_option
@json_option
def command(  # noqa: PLR0913 - click's signature
    recordings: tuple[str, ...],
    family: Family,
    min_samples: int,
    output: Path | None,
    *,
    force: bool,
    salvage: bool,
    as_json: bool,
) -> None:
    """Fit TTFT, ITL and the prefill rate to recordings, or to all recordings of a folder.

    Prints the flags to type; with -o writes a profile. TTFT and ITL are fitted over all answers together. Where TTFT
    grows with the prompt's tokens, as the provider counts them, their rate is told, and what remains as an overhead.
    """
    answers = samples(load(name, salvage=salvage) for name in _named(recordings))
    found = fitted(answers, family, min_samples, source=", ".join(recordings))
    if output is not None:
        save(output, profile(found, f"Fitted to {found.answers} answers.").encode(), force=force)
    if as_json:
        echo_json(found)
    else:
        click.echo(text(found))


def _named(recordings: Iterable[str]) -> list[str]:
    """Return the recordings that are named, a folder's in the order of their names."""
    found: list[str] = []
    for name in recordings:
        if not Path(name).is_dir():
            found.append(name)
            continue
        inside = sorted(str(path) for path in Path(name).glob(f"*{SUFFIX}"))
        if not inside:
            raise RecordingError(name, f"no file in it ends in {SUFFIX}", "name a folder of recordings")
        found += inside
    return found
