"""``streamsim fit``: times as distributions, from recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import msgspec

from streamsim.cli.options import echo_json, json_option, salvage_option
from streamsim.errors import RecordingError
from streamsim.recording.codec import digest
from streamsim.shells.files import SUFFIX, load, save
from streamsim.traffic.fitted import FEWEST, fitted, profile, text
from streamsim.traffic.fitting import Family
from streamsim.traffic.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.recording.model import Recording

_SHOWN = 3  # recordings that are named where more were given twice


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
    The same recording counts once; with --salvage what is no recording is left out of a folder.
    """
    notes: list[str] = []
    answers = samples(_different(recordings, notes, salvage=salvage))
    found = fitted(answers, family, min_samples, source=", ".join(recordings))
    found = msgspec.structs.replace(found, notes=(*notes, *found.notes))
    if output is not None:
        save(
            output,
            profile(found, f"Fitted to {found.answers} answer{'' if found.answers == 1 else 's'}.").encode(),
            force=force,
        )
    if as_json:
        echo_json(found)
    else:
        click.echo(text(found))


def _different(names: Iterable[str], notes: list[str], *, salvage: bool) -> Iterator[Recording]:
    """Yield the recordings that are named, each once; note in ``notes`` what is left out."""
    known: dict[str, str] = {}
    again: list[str] = []
    for name, in_folder in _named(names):
        try:
            recording = load(name, salvage=salvage)
        except RecordingError as error:
            if not (salvage and in_folder):
                raise
            notes.append(f"{error.where}: left out: {error.problem}")
            continue
        same = digest(recording)
        if same in known:
            again.append(f"{name} (the same as {known[same]})")
            continue
        known[same] = name
        yield recording
    if again:
        more = f" and {len(again) - _SHOWN} more" if len(again) > _SHOWN else ""
        notes.append(f"counted once: {', '.join(again[:_SHOWN])}{more}")


def _named(names: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the recordings that are named, a folder's in the order of their names; and whether they are a folder's."""
    for name in names:
        if not Path(name).is_dir():
            yield name, False
            continue
        inside = sorted(str(path) for path in Path(name).glob(f"*{SUFFIX}"))
        if not inside:
            remedy = "name one that holds recordings: folders in it are not looked into"
            raise RecordingError(name, f"no file in it ends in {SUFFIX}", remedy)
        yield from ((path, True) for path in inside)
