"""The drills: one row each, and one file each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from drills import drain, fairness, kill_worker, latency, memory, mixed_batch, overload
from drills.settings import Drill

DRILLS: Mapping[str, Drill] = MappingProxyType(
    {
        "kill-worker": Drill(kill_worker.drill, seconds=30),
        "overload": Drill(overload.drill, seconds=60, limit_times=6),
        "drain": Drill(drain.drill, seconds=15),
        "memory": Drill(memory.drill, seconds=1200, limit_times=1),
        "fairness": Drill(fairness.drill, seconds=4, limit_s=50, limit_times=10),
        "mixed-batch": Drill(mixed_batch.drill, seconds=10),
        "latency": Drill(latency.drill, seconds=15),
    }
)
