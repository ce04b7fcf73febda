"""The model of load once more, as directly as it can be said: every stream has work left, and all is a fraction.

Nothing of `streamsim.traffic` is in it: at each instant it asks everybody how fast they go, and which of them is done
first. The one thing both must agree on is that what happens, happens at the first whole nanosecond after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil


@dataclass
class Job:
    """One request: when it comes, what its prompt takes, and when its steps are due."""

    arrive_ns: int
    prefill_ns: int
    ats: tuple[int, ...]
    left: Fraction = Fraction(0)
    dues: list[int] = field(default_factory=list)
    state: str = "new"

    def gap(self) -> Fraction:
        """Return the work up to the next step."""
        nth = len(self.dues)
        return Fraction(self.ats[nth] - (self.ats[nth - 1] if nth else 0))


@dataclass
class Naive:
    """A replica; ``slope`` and ``prompt_slope``: what each further stream adds, as a part of full speed."""

    most: int | None = None
    slope: Fraction = Fraction(0)
    prompt_slope: Fraction = Fraction(0)
    shared: bool = True
    batch: int | None = None
    running: list[Job] = field(default_factory=list)
    waiting: list[Job] = field(default_factory=list)

    def slowness(self, job: Job) -> Fraction:
        count = len(self.running)
        if job.state == "prefill":
            prompts = sum(other.state == "prefill" for other in self.running)
            return (1 + self.prompt_slope * (count - 1)) * (prompts if self.shared else 1)
        if self.batch is None:
            return 1 + self.slope * (count - 1)
        return (1 + self.slope * (min(count, self.batch) - 1)) * max(Fraction(count, self.batch), Fraction(1))

    def settle(self, now_ns: int) -> None:
        """Do all that takes no more time, again and again, until there is nothing of the kind."""
        while True:
            ready = [job for job in self.running if job.left <= 0]
            for job in ready:
                self.step(job, now_ns)
            self.running = [job for job in self.running if job.state != "done"]
            while self.waiting and (self.most is None or len(self.running) < self.most):
                job = self.waiting.pop(0)
                job.state, job.left = "prefill", Fraction(job.prefill_ns)
                self.running.append(job)
                ready.append(job)
            if not ready:
                return

    def step(self, job: Job, now_ns: int) -> None:
        if job.state == "prefill":
            job.state = "playing"
        else:
            job.dues.append(now_ns)
        if len(job.dues) == len(job.ats):
            job.state = "done"
        else:
            job.left += job.gap()

    def run(self, jobs: list[Job]) -> None:
        """Play ``jobs``, which come in order, to their end."""
        now_ns, coming = 0, list(jobs)
        while coming or self.running:
            ends = [now_ns + ceil(job.left * self.slowness(job)) for job in self.running]
            then_ns = min([*ends, *([coming[0].arrive_ns] if coming else [])])
            for job in self.running:
                job.left -= Fraction(then_ns - now_ns) / self.slowness(job)
            now_ns = then_ns
            self.settle(now_ns)
            while coming and coming[0].arrive_ns == now_ns:
                self.waiting.append(coming.pop(0))
                self.settle(now_ns)
