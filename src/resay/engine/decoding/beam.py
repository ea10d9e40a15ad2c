"""Beam search: the most probable hypotheses of each source, by mean log-probability of their tokens."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingSettings, Hypothesis, Stop, rank
from resay.engine.decoding.search import IMPOSSIBLE, Rows
from resay.text import BOS_ID, EOS_ID


class BeamSearch:
    """Keeps `num_beams` unfinished prefixes for each source, and its `num_beams` best finished hypotheses.

    At every step a source's prefixes are extended by every candidate and ordered by Σ log p, ties by row and
    candidate. Those of the best `num_beams` that end are finished, with the score Σ log p / tokens, the end
    mark counted; the best `num_beams` that do not end go on. A source stops when it has `num_beams`
    finished hypotheses and the mean of its best prefix is no better than the worst of them.

    All sources are advanced by the same few array operations.

    Args:
        settings: `num_beams` is read.
        max_new_tokens: Most tokens of each source's hypotheses, the end mark included.
    """

    def __init__(self, settings: DecodingSettings, max_new_tokens: Int64[ndarray, " S"]) -> None:
        num_sources = len(max_new_tokens)
        self.num_beams = settings.num_beams
        # Of one row's candidates at most one is the end mark, so this always leaves enough that go on.
        self.num_candidates = settings.num_beams + 1
        self.max_new_tokens = max_new_tokens
        self.num_steps = 0
        self.finished: list[list[Hypothesis]] = [[] for _ in range(num_sources)]
        self.cut_off: list[list[Hypothesis]] = [[] for _ in range(num_sources)]
        empty = np.zeros(0, dtype=np.int64)
        self.rows = Rows(empty, empty, empty)
        self.row_sums: Float64[ndarray, " R"] = np.zeros(num_sources, dtype=np.float64)
        self.row_words: Int64[ndarray, "R T"] = np.zeros((num_sources, 0), dtype=np.int64)

    def start(self) -> Rows:
        """Return one row for each source: all beams begin alike."""
        sources = np.arange(len(self.max_new_tokens))
        self.rows = Rows(sources, np.full(len(sources), BOS_ID, dtype=np.int64), sources)
        return self.rows

    def advance(self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"]) -> Rows:
        """Extend every prefix by every candidate, and keep the best of each source."""
        self.num_steps += 1
        parents, tokens, sums, sources = self._best(candidate_ids, log_probs)
        is_end = tokens == EOS_ID
        in_beam = rank_within(sources) < self.num_beams
        self._finish(parents, sums, sources, np.flatnonzero(is_end & in_beam))
        going = np.flatnonzero(~is_end)
        going = going[rank_within(sources[going]) < self.num_beams]
        self.rows = Rows(parents[going], tokens[going], sources[going])
        self.row_sums = sums[going]
        self.row_words = np.concatenate([self.row_words[parents[going]], tokens[going, np.newaxis]], axis=1)
        self.cut(self.max_new_tokens <= self.num_steps, "length")
        return self._without(self._settled())

    def cut(self, expired: Bool[ndarray, " S"], stop: Stop) -> Rows:
        """End these sources; their unfinished prefixes are kept apart from what is finished."""
        for row in np.flatnonzero(expired[self.rows.sources]).tolist():
            words = tuple(self.row_words[row].tolist())
            mean = float(self.row_sums[row]) / self.num_steps
            self.cut_off[int(self.rows.sources[row])].append(Hypothesis(words, mean, stop))
        return self._without(expired)

    def results(self) -> list[list[Hypothesis]]:
        """Return the best `num_beams` hypotheses of each source, finished ones first."""
        both = zip(self.finished, self.cut_off, strict=True)
        return [rank(finished + cut_off, self.num_beams) for finished, cut_off in both]

    def _best(
        self, candidate_ids: Int64[ndarray, "R K"], log_probs: Float32[ndarray, "R K"]
    ) -> tuple[Int64[ndarray, " C"], Int64[ndarray, " C"], Float64[ndarray, " C"], Int64[ndarray, " C"]]:
        """Return the best 2 · num_beams extensions of each source, best first.

        Returns:
            Parent row, token, Σ log p and source of each extension, ordered by source.
        """
        width = candidate_ids.shape[1]
        sources, first_rows, counts = np.unique(self.rows.sources, return_index=True, return_counts=True)
        # One line for each source: its rows side by side, −∞ where it has fewer rows than the fullest one.
        lines = np.full((len(sources), int(counts.max()), width), -np.inf)
        line_of_row = np.repeat(np.arange(len(sources)), counts)
        allowed = np.where(log_probs > IMPOSSIBLE, log_probs.astype(np.float64), -np.inf)
        lines[line_of_row, rank_within(self.rows.sources)] = self.row_sums[:, np.newaxis] + allowed
        best = best_columns(lines.reshape(len(sources), -1), 2 * self.num_beams)
        sums = np.take_along_axis(lines.reshape(len(sources), -1), best, axis=1)
        parents = first_rows[:, np.newaxis] + best // width
        possible = np.isfinite(sums)
        parents, columns, sums = parents[possible], (best % width)[possible], sums[possible]
        return parents, candidate_ids[parents, columns], sums, self.rows.sources[parents]

    def _finish(
        self,
        parents: Int64[ndarray, " C"],
        sums: Float64[ndarray, " C"],
        sources: Int64[ndarray, " C"],
        ending: Int64[ndarray, " D"],
    ) -> None:
        """Record the extensions `ending` as finished hypotheses."""
        for index in ending.tolist():
            words = tuple(self.row_words[parents[index]].tolist())
            hypothesis = Hypothesis(words, float(sums[index]) / self.num_steps, "end")
            kept = self.finished[int(sources[index])]
            kept[:] = rank([*kept, hypothesis], self.num_beams)

    def _settled(self) -> Bool[ndarray, " S"]:
        """Return which sources have nothing better to hope for."""
        settled = np.zeros(len(self.finished), dtype=np.bool_)
        best_rows = np.flatnonzero(rank_within(self.rows.sources) == 0)
        for row in best_rows.tolist():
            source = int(self.rows.sources[row])
            kept = self.finished[source]
            if len(kept) == self.num_beams:
                settled[source] = self.row_sums[row] / self.num_steps <= kept[-1].log_prob
        return settled

    def _without(self, dropped: Bool[ndarray, " S"]) -> Rows:
        """Drop the rows of these sources."""
        going = ~dropped[self.rows.sources]
        if not going.all():
            rows = self.rows
            self.rows = Rows(rows.parents[going], rows.token_ids[going], rows.sources[going])
            self.row_sums, self.row_words = self.row_sums[going], self.row_words[going]
        return self.rows


def rank_within(sources: Int64[ndarray, " R"]) -> Int64[ndarray, " R"]:
    """Return each element's position among the elements of its own source; `sources` is ascending."""
    if len(sources) == 0:
        return sources
    is_first = np.concatenate([[True], sources[1:] != sources[:-1]])
    starts = np.flatnonzero(is_first)
    return np.arange(len(sources)) - np.repeat(starts, np.diff(np.append(starts, len(sources))))


def best_columns(scores: Float64[ndarray, "S C"], num_best: int) -> Int64[ndarray, "S D"]:
    """Return the columns of each row's highest scores, highest first, equal ones in order of column."""
    if num_best < scores.shape[1]:
        columns = np.sort(np.argpartition(-scores, num_best - 1, axis=1)[:, :num_best], axis=1)
    else:
        columns = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
