"""``streamsim serve``: recordings as a fake provider."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from streamsim.cli.load_options import load_options
from streamsim.cli.options import pacing_options, salvage_option, seed_option
from streamsim.cli.serving import Diary, place_options, say, serve
from streamsim.engine.core import Engine, Settings
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.plan.say import USUAL, joined, written
from streamsim.shells.files import load, load_script

if TYPE_CHECKING:
    from streamsim.cli.serving import Place
    from streamsim.engine.match import Mode
    from streamsim.plan.profile import Profile
    from streamsim.recording.model import Recording
    from streamsim.shells.server import Forward


@click.command("serve")
@click.argument("recordings", nargs=-1, metavar="[RECORDING|NAME]…")
@click.option(
    "--say",
    "said",
    multiple=True,
    metavar="TEXT|@FILE",
    help="Answer with this text, or with a script; given again, the next turn of the conversation.",
)
@click.option("--dialect", default="", metavar="NAME", help=f"As which provider --say is written, {USUAL} by default.")
@place_options
@pacing_options
@load_options
@seed_option
@click.option(
    "--match",
    "mode",
    type=click.Choice(["auto", "order", "strict"]),
    default="auto",
    show_default=True,
    help="auto: method, path, closest body; strict: all equal; order: as recorded, whatever is asked.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="PLACE",
    help="What does not count when requests are compared: messages.*.name, query:NAME, text:REGEX; may be given again.",
)
@click.option("--require-key", metavar="KEY|any", help="Answer 401 to requests without this API key, or without any.")
@click.option(
    "--log", type=click.Path(path_type=Path), metavar="FILE", help="Append a trace of each answer, as JSON Lines."
)
@click.option("--no-headers", is_flag=True, help="Add no x-streamsim-… headers to answers.")
@click.option("--no-coalesce", is_flag=True, help="Write each chunk by itself, also when several are due.")
@click.option(
    "--record-missing", metavar="UPSTREAM", help="Ask this server, once, for a request that is not recorded; needs -o."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where --record-missing records.")
@salvage_option
def command(  # noqa: PLR0913 - click's signature
    recordings: tuple[str, ...],
    place: Place,
    profile: Profile,
    seed: int,
    mode: Mode,
    *,
    ignored: tuple[str, ...],
    require_key: str | None,
    said: tuple[str, ...],
    dialect: str,
    log: Path | None,
    no_headers: bool,
    no_coalesce: bool,
    record_missing: str | None,
    output: Path | None,
    salvage: bool,
) -> None:
    """Serve recordings, each request answered by the exchange that fits it best, byte for byte and on time."""
    if not recordings and not said and not record_missing:
        remedy = "name a recording, or what to say with --say TEXT, or what to ask with --record-missing URL -o FILE"
        raise UsageError("serve", "nothing to serve", remedy)
    if dialect and not said:
        raise UsageError("--dialect", "there is nothing to write in it", "give --say TEXT too")
    if bool(record_missing) != bool(output):
        raise UsageError("serve", "--record-missing and -o go together", "give both, or neither")
    settings = Settings(
        profile=profile,
        seed=seed,
        mode=mode,
        ignore=ignored,
        require_key=require_key,
        headers=not no_headers,
        coalesce=not no_coalesce,
        forward=record_missing is not None,
    )
    loaded = [load(name, salvage=salvage) for name in recordings]
    for recording in loaded:
        _warn(recording)
    if said:
        loaded.append(_written(said, dialect, seed))
    engine = Engine([Planner(recording, name=Path(recording.source).stem) for recording in loaded], settings)
    with ExitStack() as stack:
        forward = None
        if record_missing is not None and output is not None:
            forward = _missing(engine, record_missing, output, stack)
        engine.check()
        serve(engine, place, Diary(log, stack), forward)


def _written(said: tuple[str, ...], dialect: str, seed: int) -> Recording:
    """Return the conversation that the texts and scripts make; a text that begins with @ is written @@."""
    answers = [
        load_script(text[1:]) if text.startswith("@") and not text.startswith("@@") else text.removeprefix("@")
        for text in said
    ]
    script = joined(answers)
    return written(msgspec.structs.replace(script, dialect=dialect or script.dialect), seed=seed, where="--dialect")


def _missing(engine: Engine, url: str, output: Path, stack: ExitStack) -> Forward:
    """Return what asks ``url`` and records to ``output``; what that file already holds is served too."""
    from streamsim.shells.missing import Missing  # noqa: PLC0415 - what only recording needs
    from streamsim.shells.recorder import Upstream  # noqa: PLC0415 - the same

    asking = Missing(Upstream(url, where="--record-missing"), output)
    stack.callback(asking.close)
    asking.serve(engine)
    asking.session.on_failure = lambda: say(str(asking.session.failure))
    return asking.forward


def _warn(recording: Recording) -> None:
    """Say what of the recording is less than whole."""
    if recording.torn:
        say(f"{recording.source}: its last line is torn; what precedes it is served")
    for exchange in recording.exchanges:
        if exchange.end is None:
            told = f"exchange {exchange.number} was cut short by the recorder's death; it is served as far as it goes"
            say(f"{recording.source}: {told}")
