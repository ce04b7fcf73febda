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
from streamsim.testing.options import Options, checked
from streamsim.testing.records import Take, records
from streamsim.testing.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from streamsim.clock.core import VirtualClock
    from streamsim.plan.planner import Planner
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

    def replay(self, recording: str | Path | Recording | None, options: Options) -> Replay:
        """Return a new replay, in what goes on now."""
        merged = cast("Options", {**self.setting.declared.options, **options})
        upstream = merged.get("upstream")
        made = self._known(recording, merged) if upstream is None else self._recorded(recording, merged, upstream)
        self.replays.append(made)
        return made

    def _known(self, recording: str | Path | Recording | None, options: Options) -> Replay:
        if recording is None:
            raise UsageError("replay", "it names no recording", "name one, or an upstream to record")
        if isinstance(recording, Recording):
            from streamsim.plan.planner import Planner  # noqa: PLC0415 - only where it is needed

            return Replay(self, recording.source, [Planner(recording)], options, None)
        planner = names.planner(names.find(recording, (self.setting.recordings, self.setting.folder)))
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
        recording = self.setting.declared.recording
        if recording is None and "upstream" not in self.setting.declared.options:
            return
        if not isinstance(recording, str | Path | Recording | None):
            raise UsageError("@pytest.mark.streamsim", f"{recording!r} is no recording", "name one, or give its path")
        self._declared = self.replay(recording, Options())

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


class Streamsim:
    """The fixture's object. Whatever it has not itself it takes from the module ``streamsim``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def replay(self, recording: str | Path | Recording | None = None, **options: Unpack[Options]) -> Replay:
        """Return a server, in this process and in virtual time, that replays ``recording``.

        Args:
            recording: A path, from the folder of recordings, the test's or the current one; the name of a shipped one;
                or a recording. With ``upstream=`` the name to record under, or None for the test's own.
            options: See :class:`streamsim.testing.options.Options`.

        Raises:
            StreamsimError: There is no such recording, or an option means nothing.

        """
        __tracebackhide__ = True
        try:
            return self._stage.replay(recording, checked(options, "replay"))
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
