"""Measure one case in a process of its own: the case as JSON in, the figures as JSON out. Started by losses.py."""

import json
import sys

import torch
from loss_case import LossCase
from loss_forms import FORMS, step
from loss_inputs import make_inputs
from measuring import clock_name, interleave, memory_kb

from resay.losses import tune_cpu_allocator


def measure_times(case: LossCase) -> dict[str, list[float]]:
    """Return the seconds of each form's steps, taken in turn."""
    inputs = make_inputs(case)
    arms = {name: step(FORMS[name].prepare(case, inputs), inputs) for name in case.forms}
    clock = clock_name(case.device, case.threads)
    return interleave(arms, clock, repetitions=case.repetitions, seconds=case.seconds)


def measure_memory(case: LossCase) -> dict[str, float]:
    """Return the peak of two steps in MB, with the inputs and tables: beyond what the imports took, and in all."""
    (name,) = case.forms
    imported_kb = memory_kb("VmRSS")
    inputs = make_inputs(case)
    run = step(FORMS[name].prepare(case, inputs), inputs)
    for _ in range(2):
        run()
    if case.device == "cuda":
        peak = torch.cuda.max_memory_allocated() / 1e6
        return {"peak_mb": peak, "process_mb": peak}
    highest_kb = memory_kb("VmHWM")
    return {"peak_mb": (highest_kb - imported_kb) * 1.024e-3, "process_mb": highest_kb * 1.024e-3}


def main() -> None:
    """Measure the case on the command line."""
    case = LossCase.from_json(sys.argv[1])
    torch.set_num_threads(case.threads)
    if case.allocator == "tuned":
        tune_cpu_allocator()
    print(json.dumps(measure_times(case) if case.repetitions else measure_memory(case)))


if __name__ == "__main__":
    main()
