"""An engine that keeps all it was asked and all it answered, for a test to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from streamsim.engine.control import CONTROL
from streamsim.engine.core import Engine, Settings

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.engine.script import Script
    from streamsim.engine.trace import Trace
    from streamsim.plan.planner import Planner


class Watched(Engine):
    """Nothing is forgotten: a test is short.

    Attributes:
        requests: All that came, in their order.
        unknown: Those that no recorded exchange answered.
        traces: All answers that were begun.

    """

    def __init__(self, planners: list[Planner], settings: Settings) -> None:
        super().__init__(planners, settings)
        self.requests: list[Request] = []
        self.unknown: list[Request] = []
        self.traces: list[Trace] = []

    def answer(self, request: Request, *, in_process: bool = False) -> Script | Literal["forward", "wait"]:
        """Take note of ``request``, which is seen again if it had to wait."""
        if not request.target.startswith(CONTROL) and not any(request is known for known in self.requests):
            self.requests.append(request)
        return super().answer(request, in_process=in_process)

    def started(self, trace: Trace) -> None:
        """Remember an answer that begins."""
        super().started(trace)
        if trace.script.told:
            self.traces.append(trace)

    def ended(self, trace: Trace) -> None:
        """Report an answer that is over, and keep it whole."""
        if trace.script.told:
            self.on_trace(trace)

    def _unknown(self, request: Request) -> Script | Literal["forward", "wait"]:
        if not self.settings.forward:
            self.unknown.append(request)
        return super()._unknown(request)
