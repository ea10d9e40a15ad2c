"""Diverse beam search (Vijayakumar et al. 2018, arXiv 1610.02424): groups of beams that avoid each other's words."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.engine.decoding.beam import BeamSearch
from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Picks, Prefixes, rank_within
from resay.text import EOS_ID


class DiverseBeamSearch:
    """A beam search for each group, one after another at every step.

    From a word's score is taken λ times the number of beams of the source's earlier groups that go on with it
    at this step (the Hamming diversity of the paper, eq. 3); what is taken stays in the sums. The end mark is
    free: a penalty on it would only make later groups talk longer. With one group this is beam search.

    Args:
        settings: `num_hypotheses` beams fall into `num_groups` groups of sizes as equal as possible, larger ones
            first; λ is `diversity_penalty`.
        requests: One for each source.
    """

    def __init__(self, settings: DecodingSettings, requests: Sequence[DecodingRequest]) -> None:
        num_beams = settings.num_hypotheses
        self.quotas = group_sizes(num_beams, settings.num_groups)
        self.groups = [BeamSearch(replace(settings, num_hypotheses=size), requests) for size in self.quotas]
        # All words of the other groups may be penalised, and a group still has to find as many that are not.
        self.num_candidates = num_beams + 1
        self.penalty = settings.diversity_penalty
        self.num_sources = len(requests)

    def choose(
        self, prefixes: Prefixes, candidate_ids: Int64[ndarray, "P K"], scores: Float64[ndarray, "P K"]
    ) -> Picks:
        """Let each group pick, with the words of those before it penalised."""
        taken = np.full((self.num_sources, sum(self.quotas)), -1, dtype=np.int64)
        num_taken = 0
        found: list[Picks] = []
        for lane, group in enumerate(self.groups):
            members = np.flatnonzero(prefixes.lanes == lane)
            if len(members):
                own, ids, penalised = prefixes.take(members), candidate_ids[members], scores[members]
                if lane and self.penalty:
                    penalised -= self.penalty * count_among(ids, taken[own.sources, :num_taken])
                picks = group.choose(own, ids, penalised)
                found.append(Picks(members[picks.parents], picks.columns, picks.scores))
                words, sources = ids[picks.parents, picks.columns], own.sources[picks.parents]
                words, sources = words[words != EOS_ID], sources[words != EOS_ID]
                taken[sources, num_taken + rank_within(sources)] = words
            num_taken += group.num_beams
        return joined(prefixes, found)


def group_sizes(num_beams: int, num_groups: int) -> tuple[int, ...]:
    """Return the sizes of the groups; none is empty."""
    num_groups = min(num_groups, num_beams)
    return tuple(num_beams // num_groups + (index < num_beams % num_groups) for index in range(num_groups))


def count_among(ids: Int64[ndarray, "P K"], taken: Int64[ndarray, "P N"]) -> Int64[ndarray, "P K"]:
    """Return how many times each id stands in the same line of `taken`."""
    counts: Int64[ndarray, "P K"] = (taken.T[:, :, np.newaxis] == ids).sum(axis=0)
    return counts


def joined(prefixes: Prefixes, found: Sequence[Picks]) -> Picks:
    """Return the picks of all groups in the order of the prefixes' sources and lanes."""
    parents = np.concatenate([picks.parents for picks in found])
    columns = np.concatenate([picks.columns for picks in found])
    scores = np.concatenate([picks.scores for picks in found])
    order = np.lexsort((prefixes.lanes[parents], prefixes.sources[parents]))
    return Picks(parents[order], columns[order], scores[order])
