"""Times and memory on a machine that others use too: arms in turn, one clock, medians and quartiles."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch

FEWEST_REPETITIONS = 3


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of some measurements."""

    median: float
    q25: float
    q75: float


def spread(values: list[float]) -> Spread:
    """Return the median and quartiles."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)


def ratio(values: list[float], reference: list[float]) -> float:
    """Return the median of the ratios of measurements taken in the same round."""
    return median(value / other for value, other in zip(values, reference, strict=True))


def clock_name(device: str, num_threads: int) -> str:
    """Return "cpu" where CPU seconds mean anything, one thread on a CPU, and else "wall"."""
    return "cpu" if device == "cpu" and num_threads == 1 else "wall"


def read_clock(name: str) -> float:
    """Return the seconds of a clock; on a GPU, after everything queued there is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.process_time() if name == "cpu" else time.perf_counter()


def interleave(
    arms: Mapping[str, Callable[[], object]], clock: str, *, repetitions: int, seconds: float
) -> dict[str, list[float]]:
    """Run every arm once a round, each round starting with another arm; return the seconds of each.

    The first round warms up and does not count.

    Args:
        arms: What to run, by name.
        clock: See `clock_name`.
        repetitions: Rounds at most.
        seconds: No round begins after so many, once there are three.
    """
    names = list(arms)
    times: dict[str, list[float]] = {name: [] for name in names}
    spent = 0.0
    for turn in range(repetitions + 1):
        if turn > FEWEST_REPETITIONS and spent > seconds:
            break
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            started = read_clock(clock)
            arms[name]()
            elapsed = read_clock(clock) - started
            if turn:
                times[name].append(elapsed)
                spent += elapsed
    return times


def memory_kb(field: str) -> int:
    """Return a field of this process's status, such as VmRSS (resident now) or VmHWM (at its highest)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise KeyError(field)


def last_json(output: str) -> dict[str, Any]:
    """Return the object on the last line of a program's output; libraries may have written lines before it."""
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found
