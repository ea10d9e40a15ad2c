"""How the learning rate and the weight of the penalty move, as functions of the share of steps done."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType


def constant(done: float) -> float:
    """Return 1."""
    return 1.0


def linear(done: float) -> float:
    """Return 1 − done, falling to zero at the last step."""
    return max(0.0, 1.0 - done)


def cosine(done: float) -> float:
    """Return (1 + cos π·done) / 2: slow at both ends."""
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))


def annealed(done: float, start: float, end: float, share: float) -> float:
    """Return the weight of a penalty: from `start` to `end` in a straight line over the first `share`, then `end`."""
    return end if done >= share else start + (end - start) * done / share


SCHEDULES: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {"constant": constant, "linear": linear, "cosine": cosine}
)
"""How the learning rate moves: a factor of its highest value."""
