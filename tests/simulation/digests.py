"""Reads cases as JSON and writes their plan ids and digests: run in another process, they must be the same."""

from __future__ import annotations

import sys

import msgspec

from tests.simulation.cases import Case, Simulation


def main() -> None:
    simulation = Simulation()
    plans = map(simulation.plan, msgspec.json.decode(sys.stdin.buffer.read(), type=list[Case]))
    sys.stdout.buffer.write(msgspec.json.encode([(plan.plan_id, plan.digest) for plan in plans]))


if __name__ == "__main__":
    main()
