"""The hypotheses found so far, kept as arrays until the search is over."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.engine.decoding.hypothesis import Hypothesis, Stop
from resay.engine.decoding.search import Prefixes, rank_within


class Entry(NamedTuple):
    """Hypotheses that ended at the same step for the same reason, with the means over their tokens."""

    ended: Prefixes
    log_probs: Float64[ndarray, " P"]
    scores: Float64[ndarray, " P"]
    stop: Stop


class Ledger:
    """Takes in what ends at each step, and ranks it at the end.

    Args:
        num_sources: Sources are 0 … num_sources − 1.
        quotas: Most hypotheses of each lane of a source.
    """

    def __init__(self, num_sources: int, quotas: Sequence[int]) -> None:
        self.num_sources = num_sources
        self.quotas = np.array(quotas, dtype=np.int64)
        self.entries: list[Entry] = []

    def record(self, ended: Prefixes, stop: Stop) -> None:
        """Take in prefixes that do not go on, with their end marks if it is these that end them."""
        num_tokens = ended.num_words
        self.entries.append(Entry(ended, ended.log_probs / num_tokens, ended.scores / num_tokens, stop))

    def results(self) -> list[list[Hypothesis]]:
        """Return the hypotheses of each source, whole sentences first, then by mean score, the earlier one of equals.

        Each lane brings its best ones, as many as its quota; what several lanes found counts once.
        """
        found: list[dict[tuple[int, ...], Hypothesis]] = [{} for _ in range(self.num_sources)]
        if not self.entries:
            return [[] for _ in found]
        sizes = [len(entry.ended) for entry in self.entries]
        entry_of = np.repeat(np.arange(len(sizes)), sizes)
        place_in = np.concatenate([np.arange(size) for size in sizes])
        sources = np.concatenate([entry.ended.sources for entry in self.entries])
        lanes = np.concatenate([entry.ended.lanes for entry in self.entries])
        scores = np.concatenate([entry.scores for entry in self.entries])
        is_cut = np.repeat([entry.stop != "end" for entry in self.entries], sizes)
        order = np.lexsort((-scores, is_cut, lanes, sources))
        lane_of = sources[order] * len(self.quotas) + lanes[order]
        kept = order[rank_within(lane_of) < self.quotas[lanes[order]]]
        kept = kept[np.lexsort((-scores[kept], is_cut[kept], sources[kept]))]
        for source, index, place in zip(
            sources[kept].tolist(), entry_of[kept].tolist(), place_in[kept].tolist(), strict=True
        ):
            entry = self.entries[index]
            tokens = entry.ended.words[place].tolist()
            words = tuple(tokens[:-1] if entry.stop == "end" else tokens)
            if words not in found[source]:
                found[source][words] = Hypothesis(words, float(entry.log_probs[place]), entry.stop)
        return [list(hypotheses.values()) for hypotheses in found]
