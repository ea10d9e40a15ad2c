"""Drawing pairs whose grades lie evenly over their range, as those of the STS Benchmark do.

Axes: P pairs.
"""

from collections import Counter, deque

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

NUM_BINS = 10
"""Of equal width from 0 to 1; grades below 0 count with the first."""


def bins_of(grades: Float64[ndarray, " P"]) -> Int64[ndarray, " P"]:
    """Return in which bin each grade lies, from 0."""
    bins: Int64[ndarray, " P"] = np.clip(np.floor(grades * NUM_BINS), 0, NUM_BINS - 1).astype(np.int64)
    return bins


def draw_evenly(
    grades: Float64[ndarray, " P"],
    sources: Int64[ndarray, " P"],
    sentences: Int64[ndarray, "P 2"],
    *,
    num_pairs: int,
    max_uses: int,
    seed: int,
) -> Int64[ndarray, " K"]:
    """Draw pairs in rounds, one from each bin in a round, the sources of a bin taking turns.

    What a bin or a source lacks, the others give, until there are `num_pairs` or none is left.

    Args:
        grades: Of the candidates.
        sources: Which source each comes from.
        sentences: The numbers of its two sentences.
        num_pairs: Wanted.
        max_uses: In how many of the drawn pairs one sentence may stand.
        seed: Decides the draw.

    Returns:
        Places of the drawn pairs, in ascending order.
    """
    order = np.random.default_rng(seed).permutation(len(grades))
    bins = bins_of(grades)
    queues: dict[int, dict[int, deque[int]]] = {}
    for place in order.tolist():
        queues.setdefault(int(bins[place]), {}).setdefault(int(sources[place]), deque()).append(place)
    turns = {number: deque(by_source[source] for source in sorted(by_source)) for number, by_source in queues.items()}
    uses: Counter[int] = Counter()
    drawn: list[int] = []
    while turns and len(drawn) < num_pairs:
        for number in sorted(turns)[: num_pairs - len(drawn)]:
            place = _next_free(turns[number], sentences, uses, max_uses)
            if place is None:
                del turns[number]
            else:
                uses.update(sentences[place].tolist())
                drawn.append(place)
    return np.sort(np.array(drawn, dtype=np.int64))


def _next_free(
    turns: deque[deque[int]], sentences: Int64[ndarray, "P 2"], uses: Counter[int], max_uses: int
) -> int | None:
    """Take the next pair whose sentences may still be used; its source waits until the others had their turn."""
    while turns:
        queue = turns.popleft()
        while queue:
            place = queue.popleft()
            if all(uses[one] < max_uses for one in sentences[place].tolist()):
                turns.append(queue)
                return place
    return None
