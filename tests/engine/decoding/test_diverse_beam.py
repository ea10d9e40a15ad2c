from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import DecodingRequest, DecodingSettings, decode
from resay.engine.decoding.diverse_beam import count_among, group_sizes
from resay.text import EOS_ID, NUM_ID


class PlainGroup:
    """One group of beams, one prefix and one word at a time."""

    def __init__(self, size):
        self.size = size
        self.live = [((), 0.0)]
        self.ended = []

    def advance(self, step, latent, length, chosen, penalty):
        """Extend the prefixes; return the words that they go on with."""
        extensions = []
        for prefix, total in self.live:
            for token_id in range(EOS_ID, step.vocab_size):
                if token_id != NUM_ID:
                    log_prob = step.token_log_probs(latent, [*prefix, token_id])[-1]
                    extensions.append(((*prefix, token_id), total + log_prob - penalty * chosen[token_id]))
        extensions.sort(key=lambda extension: -extension[1])
        self.ended += [(total / length, words[:-1]) for words, total in extensions[: self.size] if words[-1] == EOS_ID]
        self.ended = sorted(self.ended, reverse=True)[: self.size]
        self.live = [extension for extension in extensions if extension[0][-1] != EOS_ID][: self.size]
        if len(self.ended) == self.size and self.live and self.live[0][1] / length <= self.ended[-1][0]:
            self.live = []
        return [words[-1] for words, _ in self.live]


def plain_diverse_beam(step, latent, sizes, penalty, max_new_tokens):
    """Diverse beam search by the paper; the hypotheses of all groups with their scores."""
    groups = [PlainGroup(size) for size in sizes]
    for length in range(1, max_new_tokens + 1):
        chosen = Counter()
        for group in groups:
            chosen.update(group.advance(step, latent, length, chosen, penalty))
    found = {}
    for group in groups:
        cut_off = [(total / max_new_tokens, words) for words, total in group.live]
        whole = [(False, -score, words) for score, words in group.ended]
        for is_cut, negative, words in (whole + [(True, -score, words) for score, words in cut_off])[: group.size]:
            found[words] = min((is_cut, negative), found.get(words, (True, np.inf)))
    return sorted(found, key=found.get)


@pytest.mark.parametrize(("num_beams", "num_groups"), [(4, 2), (5, 3), (6, 6), (3, 7), (4, 1)])
@pytest.mark.parametrize("penalty", [0.0, 0.7, 3.0])
def test_equals_the_algorithm_by_the_paper(tiny_step, by_the_book, num_beams, num_groups, penalty):
    settings = by_the_book("diverse-beam", num_beams, num_groups=num_groups, diversity_penalty=penalty)
    latents = [tiny_step.latent(seed) for seed in range(6)]
    requests = [DecodingRequest(latent, settings, 5) for latent in latents]
    for latent, found in zip(latents, decode(tiny_step, requests), strict=True):
        expected = plain_diverse_beam(tiny_step, latent, group_sizes(num_beams, num_groups), penalty, 5)
        assert [item.token_ids for item in found] == expected


def test_a_high_penalty_gives_every_group_a_first_word_of_its_own(tiny_step):
    settings = DecodingSettings("diverse-beam", 4, num_groups=4, diversity_penalty=50.0, min_new_tokens=1)
    requests = [DecodingRequest(tiny_step.latent(seed), settings, 1) for seed in range(20)]
    for found in decode(tiny_step, requests):
        assert {item.token_ids for item in found} == {(5,), (6,), (7,), (8,)}


def test_log_probs_are_the_models_own(tiny_step, by_the_book):
    settings = by_the_book("diverse-beam", 6, num_groups=3, diversity_penalty=4.0)
    latent = tiny_step.latent(3)
    (found,) = decode(tiny_step, [DecodingRequest(latent, settings, 6)])
    for item in found:
        tokens = [*item.token_ids, EOS_ID] if item.stop == "end" else list(item.token_ids)
        assert item.log_prob == pytest.approx(np.mean(tiny_step.token_log_probs(latent, tokens)), abs=1e-5)


def test_equal_prefixes_of_groups_share_a_row(tiny_step, by_the_book):
    settings = by_the_book("diverse-beam", 6, num_groups=6, diversity_penalty=0.0)
    decode(tiny_step, [DecodingRequest(tiny_step.latent(0), settings, 6)])
    assert set(tiny_step.num_rows) == {1}


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70))
def test_groups_are_as_equal_as_possible(num_beams, num_groups):
    sizes = group_sizes(num_beams, num_groups)
    assert sum(sizes) == num_beams
    assert len(sizes) == min(num_beams, num_groups)
    assert max(sizes) - min(sizes) <= 1
    assert list(sizes) == sorted(sizes, reverse=True)


def test_count_among_looks_at_its_own_line():
    ids = np.array([[5, 6, 7], [5, 6, 7]])
    taken = np.array([[5, 5, -1], [7, -1, -1]])
    assert count_among(ids, taken).tolist() == [[2, 0, 0], [0, 0, 1]]
    assert count_among(ids, taken[:, :0]).tolist() == [[0, 0, 0], [0, 0, 0]]
