"""What the fixture ``streamsim`` gives: replays, a clock, and the module's public names."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack, cast

from streamsim.errors import StreamsimError, UsageError
from streamsim.recording.model import Recording
from streamsim.shells.files import SUFFIX
from streamsim.testing import names
from streamsim.testing.act import Act
from streamsim.testing.options import Options, checked, says
from streamsim.testing.planned import Kept
from streamsim.testing.records import Take, records
from streamsim.testing.replay import Replay
from streamsim.testing.saying import said

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from streamsim.clock.core import VirtualClock
    from streamsim.plan.planner import Planner
    from streamsim.plan.say import Sayable
    from streamsim.testing.act import Kind
    from streamsim.testing.marks import Declared
    from streamsim.testing.options import AnyProfile
    from streamsim.testing.records import RecordMode


class Setting(NamedTuple):
    """What a test is given from outside.

    Attributes:
        seed, profile: For every replay that does not say otherwise.
        recordings: The folder of its recordings.
        folder: The folder it is in.
        name: What a recording is called that has no name.
        record: When to record.
        freeze: Whether dates are virtual too.
        kind: What it runs in.
        declared: What its marks say.
        skip: What to call with a reason where it cannot be run with the fault that it was given to try; or None.

    """

    seed: int
    profile: AnyProfile
    recordings: Path
    folder: Path
    name: str
    record: RecordMode
    freeze: bool
    kind: Kind
    declared: Declared
    skip: Callable[[str], object] | None = None


class Stage:
    """Everything that goes on in one test.

    Attributes:
        act: What goes on now.
        replays: All that there were, but for those of former examples.
        failed: Those of the example that failed last.
        recorded: What was recorded: files, and how many exchanges.
        passed: Whether the body has run to its end; None: it has not begun.
        told: What its report says, if that was written before everything was closed.

    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.seed = setting.seed
        self.profile = setting.profile
        self.act = self._act()
        self.replays: list[Replay] = []
        self.failed: list[Replay] = []
        self.recorded: list[tuple[Path, int]] = []
        self.passed: bool | None = None
        self.told = ""
        self._takes: list[tuple[Replay, Path]] = []
        self._declared: Replay | None = None

    def _act(self) -> Act:
        return Act(freeze=self.setting.freeze, kind=self.setting.kind)

    @property
    def profile_name(self) -> str:
        """What to call the profile of replays that do not say otherwise."""
        profile = self.profile
        if profile is None:
            return "as recorded"
        return str(profile) if isinstance(profile, str | Path) else profile.name or "without a name"

    def replay(self, given: Sequence[object], options: Options) -> Replay:
        """Return a new replay of what is ``given``: a recording, or what is said."""
        merged = cast("Options", {**self.setting.declared.options, **options})
        if says(merged):
            planner = said(given, merged, self._seed(merged), self._folders)
            made = Replay(self, planner.name, [planner], merged, None)
        else:
            recording = _one(given)
            upstream = merged.get("upstream")
            made = self._known(recording, merged) if upstream is None else self._recorded(recording, merged, upstream)
        self.replays.append(made)
        return made

    @property
    def _folders(self) -> tuple[Path, ...]:
        return self.setting.recordings, self.setting.folder

    def _seed(self, options: Options) -> int:
        chosen = options.get("seed")
        return self.seed if chosen is None else chosen

    def _known(self, recording: str | Path | Recording | None, options: Options) -> Replay:
        if recording is None:
            raise UsageError("replay", "it names no recording", "name one, or an upstream to record")
        if isinstance(recording, Recording):
            return Replay(self, recording.source, [Kept(recording)], options, None)
        planner = names.planner(names.find(recording, self._folders))
        return Replay(self, planner.name, [planner], options, None)

    def _recorded(self, recording: str | Path | Recording | None, options: Options, upstream: str) -> Replay:
        """Return a replay of what was recorded from the upstream, or one that records it."""
        if isinstance(recording, Recording):
            raise UsageError("replay", "a recording has no upstream any more", "name the file to record to")
        name = str(recording or self.setting.name)
        path = self.setting.recordings / (name if name.endswith(SUFFIX) else name + SUFFIX)
        mode = self.setting.record
        planners: list[Planner] = [names.planner(path)] if path.is_file() and mode != "all" else []
        if not records(mode, path):
            return Replay(self, path.stem, planners, options, None)
        made = Replay(self, path.stem, planners, options, Take(path, upstream, mode))
        self._takes.append((made, path))
        return made

    def declare(self) -> None:
        """Make the replay that the marks declare, if they do."""
        given = self.setting.declared.given
        if given or "upstream" in self.setting.declared.options:
            self._declared = self.replay(given, Options())

    @property
    def declared(self) -> Replay:
        """What the marks declare.

        Raises:
            UsageError: They declare none.

        """
        if self._declared is None:
            remedy = "name one there, or call streamsim.replay(…)"
            raise UsageError("@pytest.mark.streamsim", "it declares no recording for this test", remedy)
        return self._declared

    def impossible(self, problem: str) -> None:
        """Take note that the faults that a test was given find nothing to strike."""
        if self.setting.skip is not None:
            self.setting.skip(problem)

    @contextmanager
    def anew(self, *, again: bool) -> Generator[Act]:
        """Have an act of its own in the block; ``again``: with the replays that were made before the body began."""
        outer, former = self.act, list(self.replays)
        outer.pause()
        self.act = act = self._act()
        if again:
            for replay in former:
                replay.renew(act)
            act.mode = outer.mode
        act.begin()
        try:
            yield act
            act.end()
            self.check(act)
        except BaseException:
            self.failed = [replay for replay in self.replays if replay not in former]
            raise
        finally:
            act.end()
            for played in act.replays:
                played.stop()
            self.act, self.replays = outer, former
            outer.go_on()

    def check(self, act: Act | None = None) -> None:
        """Look whether all that was replayed was used, and to the end.

        Raises:
            StreamMismatch: It was not.

        """
        for replay in (act or self.act).replays:
            replay.check()

    def close(self) -> None:
        """Close everything, and complete what was recorded."""
        self.act.end()
        for replay in self.replays:
            replay.stop()
        for replay, path in self._takes:
            count = replay.finish()
            if count:
                self.recorded.append((path, count))


def _one(given: Sequence[object]) -> str | Path | Recording | None:
    """Return the recording that is ``given``, or its name, if one is.

    Raises:
        UsageError: It is none, or there are several.

    """
    if len(given) > 1:
        raise UsageError("replay", "it takes one recording", "to have several answers said, name a dialect")
    recording = given[0] if given else None
    if not isinstance(recording, str | Path | Recording | None):
        remedy = "name one, or, to have something said, name a dialect"
        raise UsageError("replay", f"{_short(recording)} is no recording", remedy)
    return recording


def _short(value: object) -> str:
    text = repr(value)
    return f"{text[:60]}…" if len(text) > 60 else text


class Streamsim:
    """The fixture's object. Whatever it has not itself it takes from the module ``streamsim``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def replay(
        self, recording: Sayable | Path | Recording | None = None, *more: Sayable | Path, **options: Unpack[Options]
    ) -> Replay:
        """Return a server, in this process and in virtual time, that replays ``recording``.

        Args:
            recording: A path, from the folder of recordings, the test's or the current one; the name of a shipped one;
                or a recording. With ``upstream=`` the name to record under, or None for the test's own. With
                ``dialect=`` an answer: a text, a part, a list of them, or the path of a script.
            more: With ``dialect=`` further answers: the turns of one conversation.
            options: See :class:`streamsim.testing.options.Options`.

        Raises:
            StreamsimError: There is no such recording, or an option means nothing.

        """
        __tracebackhide__ = True
        try:
            given = () if recording is None else (recording, *more)
            return self._stage.replay(given, checked(options, "replay"))
        except StreamsimError as error:  # its one line tells all: nobody needs to see where it was found
            raise error.with_traceback(None) from None

    @property
    def replayed(self) -> Replay:
        """The replay that the marker declares."""
        return self._stage.declared

    @property
    def clock(self) -> VirtualClock:
        """The test's clock; from the first use on, the body runs in its time."""
        return self._stage.act.look()

    @contextmanager
    def virtual_time(self) -> Generator[VirtualClock]:
        """Begin anew at zero for a block: with a fresh clock, which is given, and replays of its own."""
        with self._stage.anew(again=False) as act:
            yield act.use()

    @property
    def seed(self) -> int:
        """What everything drawn depends on, unless a replay says otherwise."""
        return self._stage.seed

    def __getattr__(self, name: str) -> object:
        import streamsim  # noqa: PLC0415 - for those who ask it for more

        return getattr(streamsim, name)
