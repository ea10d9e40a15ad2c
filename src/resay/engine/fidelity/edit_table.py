"""The cheapest way to walk through two sequences side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

Step = tuple[int, int]
"""Units and targets that a step passes: (1, 1) for a pair, (1, 0) and (0, 1) for what has no partner."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a unit costs.

    Attributes:
        skip: In each gap between targets, the first before all of them, the cost of passing the unit alone.
        take: For each target, the cost of passing it with the unit.
        length: Most targets that the unit passes at once, and as many as it had better.
        shortfall: Cost of each target less than that.
    """

    skip: Sequence[float]
    take: Sequence[float]
    length: int = 1
    shortfall: float = 0.0


def cheapest_steps(rows: Sequence[Row], leave: Sequence[float]) -> list[Step] | None:
    """Return the steps of least total cost, or None if every way meets something infinite.

        cost[i, j] = min(cost[i−1, j] + skip_i[j], cost[i, j−1] + leave[j], min over k of cost[i−1, j−k] + take)

    Args:
        rows: One for each unit.
        leave: For each target, the cost of passing it alone.
    """
    costs = [0.0]
    for cost in leave:
        costs.append(costs[-1] + cost)
    moves: list[list[int]] = []
    for row in rows:
        costs, row_moves = next_costs(row, costs, leave)
        moves.append(row_moves)
    return None if costs[-1] == float("inf") else trace_back(moves, len(leave))


def next_costs(row: Row, previous: Sequence[float], leave: Sequence[float]) -> tuple[list[float], list[int]]:
    """Return a unit's row of costs, and for each the targets that the unit passed last, −1 if a target went alone."""
    skip, take = row.skip, row.take
    missing = (row.length - 1) * row.shortfall
    costs = [previous[0] + skip[0]]
    moves = [0]
    for column in range(1, len(previous)):
        best, move = previous[column - 1] + take[column - 1] + missing, 1
        cost = previous[column] + skip[column]
        if cost < best:
            best, move = cost, 0
        cost = costs[-1] + leave[column - 1]
        if cost < best:
            best, move = cost, -1
        if row.length > 1:
            best, move = min((best, move), longer_take(row, previous, column))
        costs.append(best)
        moves.append(move)
    return costs, moves


def longer_take(row: Row, previous: Sequence[float], column: int) -> tuple[float, int]:
    """Return the cost of the cheapest way for the unit to pass several targets, and how many."""
    best, move = float("inf"), 2
    cost = row.take[column - 1]
    for length in range(2, min(row.length, column) + 1):
        cost += row.take[column - length]
        total = previous[column - length] + cost + (row.length - length) * row.shortfall
        if total < best:
            best, move = total, length
    return best, move


def trace_back(moves: Sequence[Sequence[int]], num_targets: int) -> list[Step]:
    """Return the steps that led to the end."""
    steps: list[Step] = []
    unit, target = len(moves), num_targets
    while unit or target:
        move = moves[unit - 1][target] if unit else -1
        step = (0, 1) if move < 0 else (1, move)
        steps.append(step)
        unit, target = unit - step[0], target - step[1]
    return steps[::-1]
