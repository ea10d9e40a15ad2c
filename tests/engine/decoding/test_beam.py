from itertools import product

import numpy as np
import pytest

from resay.engine.decoding import DecodingRequest, DecodingSettings, Hypothesis, decode
from resay.engine.decoding.beam import best_columns, rank_within
from resay.text import BOS_ID, EOS_ID, PAD_ID, UNK_ID


def beam(latent, num_beams, max_new_tokens):
    return DecodingRequest(latent, DecodingSettings("beam", num_beams), max_new_tokens)


def everything(step, latent, max_new_tokens):
    """Every sentence that can be said and every prefix that is cut off, best first, by enumeration."""
    words = [token_id for token_id in range(step.vocab_size) if token_id not in (PAD_ID, UNK_ID, BOS_ID, EOS_ID)]
    found = []
    for length in range(max_new_tokens + 1):
        for sentence in product(words, repeat=length):
            whole = length < max_new_tokens
            tokens = [*sentence, EOS_ID] if whole else list(sentence)
            mean = float(np.mean(step.token_log_probs(latent, tokens)))
            found.append(Hypothesis(sentence, mean, "end" if whole else "length"))
    return sorted(found, key=lambda item: (item.stop != "end", -item.log_prob))


def plain_beam(step, latent, num_beams, max_new_tokens):
    """Beam search by the book, one sentence and one prefix at a time."""
    live, finished = [((), 0.0)], []
    for length in range(1, max_new_tokens + 1):
        extensions = []
        for prefix, total in live:
            for token_id in range(step.vocab_size):
                log_prob = step.token_log_probs(latent, [*prefix, token_id])[-1]
                if log_prob > -1e8:
                    extensions.append(((*prefix, token_id), total + log_prob))
        extensions.sort(key=lambda extension: -extension[1])
        for sentence, total in extensions[:num_beams]:
            if sentence[-1] == EOS_ID:
                finished.append((total / length, sentence[:-1]))
        finished = sorted(finished, reverse=True)[:num_beams]
        live = [extension for extension in extensions if extension[0][-1] != EOS_ID][:num_beams]
        if len(finished) == num_beams and live[0][1] / length <= finished[-1][0]:
            return [sentence for _, sentence in finished]
    cut_off = [prefix for prefix, _ in live]
    return ([sentence for _, sentence in finished] + cut_off)[:num_beams]


@pytest.mark.parametrize("seed", range(3))
def test_with_beams_enough_it_finds_everything_in_order(tiny_step, seed):
    latent = tiny_step.latent(seed)
    expected = everything(tiny_step, latent, 3)
    assert len(expected) == 1 + 4 + 16 + 64
    (found,) = decode(tiny_step, [beam(latent, 200, 3)])
    assert [item.token_ids for item in found] == [item.token_ids for item in expected]
    assert [item.stop for item in found] == [item.stop for item in expected]
    np.testing.assert_allclose([item.log_prob for item in found], [item.log_prob for item in expected], atol=1e-5)


@pytest.mark.parametrize("num_beams", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(20))
def test_equals_beam_search_by_the_book(tiny_step, num_beams, seed):
    latent = tiny_step.latent(seed)
    (found,) = decode(tiny_step, [beam(latent, num_beams, 6)])
    assert [item.token_ids for item in found] == plain_beam(tiny_step, latent, num_beams, 6)


def test_log_probs_are_the_mean_over_tokens_with_the_end_mark(tiny_step):
    latent = tiny_step.latent(9)
    (found,) = decode(tiny_step, [beam(latent, 6, 9)])
    for item in found:
        tokens = [*item.token_ids, EOS_ID] if item.stop == "end" else list(item.token_ids)
        assert item.log_prob == pytest.approx(np.mean(tiny_step.token_log_probs(latent, tokens)), abs=1e-5)


def test_hypotheses_are_distinct_and_hold_no_special_word(tiny_step):
    for found in decode(tiny_step, [beam(tiny_step.latent(seed), 10, 8) for seed in range(10)]):
        words = [item.token_ids for item in found]
        assert len(words) == len(set(words)) == 10
        assert not {PAD_ID, UNK_ID, BOS_ID, EOS_ID} & {token_id for item in words for token_id in item}


def test_more_beams_than_sentences_gives_all_there_are(tiny_step):
    (found,) = decode(tiny_step, [beam(tiny_step.latent(0), 50, 1)])
    assert sorted(item.token_ids for item in found) == [(), (4,), (5,), (6,), (7,)]


def test_rank_within():
    assert rank_within(np.array([2, 2, 5, 7, 7, 7])).tolist() == [0, 1, 0, 0, 1, 2]
    assert rank_within(np.array([], dtype=np.int64)).tolist() == []


def test_best_columns_breaks_ties_by_column():
    scores = np.array([[1.0, 3.0, 3.0, 2.0], [0.0, -np.inf, 0.0, 9.0]])
    assert best_columns(scores, 3).tolist() == [[1, 2, 3], [3, 0, 2]]
    assert best_columns(scores, 9).tolist() == [[1, 2, 3, 0], [3, 0, 2, 1]]
