"""Measure training in a process of its own: the case as JSON in, the figures as JSON out. Started by training.py."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# As training/train.py sets it, before torch loads OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from matrix_products import bound, measure_rates, step_products
from measuring import interleave
from synthetic_corpus import make_prepared, make_round
from training_case import TrainingCase
from training_variants import VARIANTS

from resay.losses import tune_cpu_allocator

PROFILE_ROWS = 25


def timed(arm: Callable[[], None], seconds: list[float]) -> Callable[[], None]:
    """Return the arm with its wall time written down."""

    def run() -> None:
        started = time.perf_counter()
        arm()
        seconds.append(time.perf_counter() - started)

    return run


def profile(arm: Callable[[], None]) -> list[dict[str, object]]:
    """Return where the CPU time of an arm goes, by operator, most first."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        arm()
    events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return [
        {
            "operator": event.key,
            "self_ms": round(event.self_cpu_time_total / 1e3, 2),
            "share": round(event.self_cpu_time_total / total, 4),
            "calls": event.count,
        }
        for event in events[:PROFILE_ROWS]
    ]


def measure(case: TrainingCase, folder: Path) -> dict[str, object]:
    """Return the seconds of every variant, the rates of the products, and the profile of resay's own step."""
    prepared = make_prepared(case, folder)
    batches = make_round(prepared.train, case)
    mean_length = float(prepared.train.lengths.mean())
    names = [(variant, loss) for loss in case.losses for variant in case.variants]
    arms = {"/".join(name): VARIANTS[name[0]](prepared, batches, case, name[1], folder) for name in names}
    walls: dict[str, list[float]] = {name: [] for name in arms}
    wrapped = {name: timed(arm, walls[name]) for name, arm in arms.items()}
    products = step_products(
        case, sum(prepared.train.lengths[batch].mean() for batch in batches.bucketed) / len(batches.bucketed)
    )
    rates = measure_rates(products, case.threads)
    cpu = interleave(wrapped, "cpu", repetitions=case.repetitions, seconds=case.seconds)
    profiles = {name: profile(arms[name]) for name in arms if name.startswith("resay/")}
    return {
        "num_sentences": batches.num_sentences,
        "mean_length": mean_length,
        "vocab_size": len(prepared.tokenizer.words),
        "cpu": cpu,
        "wall": {name: values[1:] for name, values in walls.items()},
        "bound": {library: bound(rates, case, library) for library in ("best", "mm")},
        "products": [
            {"product": rate.product.name, "operations": rate.product.operations, "mm": rate.mm, "onednn": rate.onednn}
            for rate in rates
        ],
        "profiles": profiles,
    }


def main() -> None:
    """Measure the case on the command line."""
    case = TrainingCase.from_json(sys.argv[1])
    torch.set_num_threads(case.threads)
    if case.allocator == "tuned":
        tune_cpu_allocator()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(case, Path(folder))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
