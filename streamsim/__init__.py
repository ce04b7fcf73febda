"""A deterministic stream simulator and testing toolkit for Server-Sent Events.

Names are loaded when first used, so that importing streamsim costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from streamsim.version import __version__

if TYPE_CHECKING:
    from streamsim.clock.core import VirtualClock
    from streamsim.engine.core import Engine, Settings
    from streamsim.errors import (
        PlanError,
        ProfileError,
        RecordingError,
        ScriptError,
        StreamMismatch,
        StreamsimError,
        VirtualDeadlock,
    )
    from streamsim.plan.faults import parse_fault
    from streamsim.plan.pacing import Pacing
    from streamsim.plan.planner import Plan, Planner
    from streamsim.plan.profile import Profile
    from streamsim.plan.say import say
    from streamsim.plan.script_file import Script
    from streamsim.recording.model import Exchange, Recording
    from streamsim.shells.files import load, load_profile, load_script
    from streamsim.traffic.model import Load

_HOMES = {
    "Engine": "streamsim.engine.core",
    "Exchange": "streamsim.recording.model",
    "Load": "streamsim.traffic.model",
    "Pacing": "streamsim.plan.pacing",
    "Plan": "streamsim.plan.planner",
    "PlanError": "streamsim.errors",
    "Planner": "streamsim.plan.planner",
    "Profile": "streamsim.plan.profile",
    "ProfileError": "streamsim.errors",
    "Recording": "streamsim.recording.model",
    "RecordingError": "streamsim.errors",
    "Script": "streamsim.plan.script_file",
    "ScriptError": "streamsim.errors",
    "Settings": "streamsim.engine.core",
    "StreamMismatch": "streamsim.errors",
    "StreamsimError": "streamsim.errors",
    "VirtualClock": "streamsim.clock.core",
    "VirtualDeadlock": "streamsim.errors",
    "load": "streamsim.shells.files",
    "load_profile": "streamsim.shells.files",
    "load_script": "streamsim.shells.files",
    "parse_fault": "streamsim.plan.faults",
    "say": "streamsim.plan.say",
}

__all__ = [
    "Engine",
    "Exchange",
    "Load",
    "Pacing",
    "Plan",
    "PlanError",
    "Planner",
    "Profile",
    "ProfileError",
    "Recording",
    "RecordingError",
    "Script",
    "ScriptError",
    "Settings",
    "StreamMismatch",
    "StreamsimError",
    "VirtualClock",
    "VirtualDeadlock",
    "__version__",
    "load",
    "load_profile",
    "load_script",
    "parse_fault",
    "say",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'streamsim' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
