"""A recording that is written for a test: what ``dialect=`` turns strings, parts and scripts into.

Law: with a dialect a string is what is said, and a path a script; without one, both name a recording.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from streamsim.errors import UsageError
from streamsim.plan.say import say
from streamsim.recording.model import Recording
from streamsim.shells.files import SCRIPT_SUFFIX, load_script
from streamsim.testing import names
from streamsim.testing.planned import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.planner import Planner
    from streamsim.plan.say import Sayable
    from streamsim.testing.options import Options


def said(answers: Sequence[object], options: Options, seed: int, folders: tuple[Path, ...]) -> Planner:
    """Return the planner of a conversation in which each of ``answers`` is a turn.

    Raises:
        UsageError: There is no such dialect, or an answer is a recording, which has its own.
        ScriptError: A part means nothing.

    """
    turns = [_turn(answer, folders) for answer in answers]
    dialect, model, stop = options.get("dialect", ""), options.get("model", ""), options.get("stop", "")
    recording = say(*turns, dialect=dialect, model=model, stop=stop, seed=seed)
    return Kept(recording, name=Path(recording.source).stem)


def _turn(answer: object, folders: tuple[Path, ...]) -> Sayable:
    if isinstance(answer, Recording) or (isinstance(answer, Path) and answer.suffix != SCRIPT_SUFFIX):
        name = answer.source if isinstance(answer, Recording) else answer.name
        raise UsageError("replay: dialect", f"the recording {name} has one already", 'take it back: dialect=""')
    return load_script(names.find(answer, folders)) if isinstance(answer, Path) else cast("Sayable", answer)
