"""A busy cluster, and what is known of it; needs no test tools, so another process can ask as well."""

from __future__ import annotations

import sys

from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.model import NO_LOAD, reloaded
from streamsim.traffic.outcome import digest
from streamsim.traffic.simulation import Cluster, simulate
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.workload import Workload

BUSY = Workload(
    requests=2000,
    prompt=parse_tokens("lognormal(512,0.6)", where="t"),
    output=parse_tokens("lognormal(100,0.5)", where="t"),
    ttft=parse_distribution("normal(50ms,10ms)"),
    itl=parse_distribution("lognormal(20ms,0.3)"),
    rate=(20, 1),
)
LOAD = reloaded(
    NO_LOAD,
    {
        "max_concurrency": "16",
        "prefill_rate": "8000",
        "prefill_overhead": "uniform(5ms,15ms)",
        "itl_per_stream": "500us",
    },
    where="--",
)
CLUSTER = Cluster(replicas=3, load=LOAD)
DIGEST = "49d35447b3e59b46271b12dd22704fda639d12296f1729d9e75fe56b450223d5"

if __name__ == "__main__":
    sys.stdout.write(digest(simulate(CLUSTER, BUSY, 7)))
