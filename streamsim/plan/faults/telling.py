"""Faults that change what events tell.

Law: which events a fault is about is read from the recording, whatever other faults have made of it; what it changes
are the frames as they are by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.draft import Draft, current, replace_spans
from streamsim.plan.faults.event_data import anonymous, data_of, element, with_data
from streamsim.plan.faults.fault import Fault, OnEvents, Phase, Scene, readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamsim.dialects import Landed


class Now(msgspec.Struct, frozen=True):
    """The frames of the events as they are by now."""

    draft: Draft
    scene: Scene

    def frame(self, index: int) -> bytes:
        """Return the frame of an event; nothing where it is gone."""
        return current(self.draft, self.scene.anatomy.events[index])

    def follower(self, index: int) -> bytes:
        """Return the frame of an event as it may stand behind another: in a JSON array after a comma."""
        frame = self.frame(index)
        return element(frame, first=False) if self.scene.anatomy.kind == "array" else frame

    def data(self, index: int) -> str:
        """Return the data of an event."""
        return data_of(self.scene.anatomy.kind, self.frame(index))

    def retold(self, index: int, data: str | None) -> bytes:
        """Return the frame of an event with other data; None is the data it has."""
        frame = self.frame(index)
        return with_data(self.scene.anatomy.kind, frame, data) if frame and data is not None else frame


def recorded(scene: Scene, index: int) -> bytes:
    """Return the recorded frame of an event, without its id, to be sent once more."""
    span = scene.anatomy.events[index]
    frame = anonymous(scene.anatomy.kind, scene.anatomy.body[span.start : span.stop])
    return element(frame, first=False) if scene.anatomy.kind == "array" else frame


def with_text(scene: Scene, item: Landed, data: str, text: str) -> str | None:
    """Return ``data``, which by now is that of a recorded event, with ``text`` for its only growing text, or None."""
    told = data.lstrip(" \t") if item.event.data.startswith("{") else data  # spaces before JSON say nothing
    before = data[: len(data) - len(told)]
    found = scene.spoken.with_text(msgspec.structs.replace(item.event, data=told), text)
    return None if found is None else before + found


def changed(draft: Draft, scene: Scene, frames: Mapping[int, bytes]) -> Draft:
    """Return ``draft`` with these frames for those of the events, as far as the answer goes on to them."""
    spans = scene.anatomy.events
    now = Now(draft, scene)
    told = {index: frames[index] for index in frames if scene.cut is None or spans[index].start < scene.cut}
    if scene.anatomy.kind == "array":
        told = as_array(told, now)
    return replace_spans(draft, {spans[index]: told[index] for index in told if told[index] != now.frame(index)})


def as_array(frames: Mapping[int, bytes], now: Now) -> dict[int, bytes]:
    """Return frames, and perhaps the first of the others, so that the first of all opens the array, and no other."""
    whole = [frames.get(index, now.frame(index)) for index in range(len(now.scene.anatomy.events))]
    first = next((index for index, frame in enumerate(whole) if frame), None)
    if first is None:  # an empty array is one too
        return {**frames, 0: b"["}
    return {index: element(whole[index], first=index == first) for index in (*frames, first)}


class Telling(OnEvents, frozen=True, kw_only=True):
    """Base of the faults that change events of one sort: that of the place, those of chance, or by default some.

    ``about`` completes "there is no event …".
    """

    phase: ClassVar[Phase] = Phase.FRAMES
    by_default: ClassVar[Literal["all", "halfway", "first", "last"]] = "halfway"
    about: ClassVar[str]

    def able(self, item: Landed, scene: Scene) -> bool:
        """Tell whether it can strike an event."""
        raise NotImplementedError

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return what the data of an event becomes; None where it stays."""
        raise NotImplementedError

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return what the frames of the chosen events become, and perhaps those of others."""
        landed = now.scene.anatomy.landed
        return {
            index: now.retold(index, self.retold(now.data(index), landed[index], now.scene))
            for index in chosen
            if now.frame(index)
        }

    def candidates(self, scene: Scene) -> list[int]:
        """Return the events that it can strike."""
        return [index for index, item in enumerate(scene.anatomy.landed) if self.able(item, scene)]

    def check(self, scene: Scene) -> None:
        """Look whether the event of the place can be struck, or any."""
        super().check(scene)
        able = self.candidates(scene)
        if self.placed and self.event(scene) not in able:
            problem = f"event {self.event(scene)} is none {self.about}"
            raise PlanError(self.name(), problem, f"give one of {_listed(able)}" if able else "give no place")
        if not able:
            raise PlanError(self.name(), f"there is no event {self.about}", "record an answer that has one")

    def _picked(self, scene: Scene) -> list[int]:
        """Return the events to strike where no place was given."""
        able = self.candidates(scene)
        if self.probability:
            drawn = frozenset(super()._picked(scene))
            return [index for index in able if index in drawn]
        first = {"halfway": len(able) // 2, "last": len(able) - 1}.get(self.by_default, 0)
        return able if self.by_default == "all" else able[first : first + 1]

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the events changed."""
        return changed(draft, scene, self.changes(self.events(scene), Now(draft, scene)))


def _listed(indices: Sequence[int]) -> str:
    told = ", ".join(map(str, indices[:5]))
    return f"{told}, …" if len(indices) > 5 else told


class OnAnswer(Fault, frozen=True, kw_only=True):
    """Base of the faults that change several events together, so that they take no place.

    ``about`` completes "the recording has no …".
    """

    phase: ClassVar[Phase] = Phase.FRAMES
    about: ClassVar[str]

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the events that it changes, in order."""
        raise NotImplementedError

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return what the frames of these events become."""
        raise NotImplementedError

    def check(self, scene: Scene) -> None:
        """Look whether there is anything to change."""
        readable(self, scene.anatomy)
        if not self.struck(scene):
            raise PlanError(self.name(), f"the recording has no {self.about}", "record an answer that has one")

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to the first of these events."""
        struck = self.struck(scene)
        return scene.cut is None or (bool(struck) and scene.anatomy.events[struck[0]].start < scene.cut)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the events changed."""
        return changed(draft, scene, self.changes(Now(draft, scene)))
