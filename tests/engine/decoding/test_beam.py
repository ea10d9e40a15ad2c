from itertools import product

import numpy as np
import pytest

from resay.engine.decoding import DecodingRequest, DecodingSettings, Hypothesis, decode
from resay.engine.decoding.beam import best_columns, best_extensions
from resay.text import BOS_ID, EOS_ID, NUM_ID, PAD_ID, UNK_ID

UNSAID = {PAD_ID, UNK_ID, BOS_ID, NUM_ID}  # a source without numbers: no hypothesis has one


@pytest.fixture(params=["beam", "diverse-beam"])
def beam(request, by_the_book):
    """A request for a beam search; diverse beam search with one group is one."""

    def make(latent, num_beams, max_new_tokens):
        settings = by_the_book(request.param, num_beams, diversity_penalty=5.0)
        return DecodingRequest(latent, settings, max_new_tokens)

    return make


def everything(step, latent, max_new_tokens):
    """Every sentence that can be said and every prefix that is cut off, best first, by enumeration."""
    words = [token_id for token_id in range(step.vocab_size) if token_id not in UNSAID | {EOS_ID}]
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
                if token_id not in UNSAID:
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
def test_with_beams_enough_it_finds_everything_in_order(tiny_step, beam, seed):
    latent = tiny_step.latent(seed)
    expected = everything(tiny_step, latent, 3)
    assert len(expected) == 1 + 4 + 16 + 64
    (found,) = decode(tiny_step, [beam(latent, 200, 3)])
    assert [item.token_ids for item in found] == [item.token_ids for item in expected]
    assert [item.stop for item in found] == [item.stop for item in expected]
    np.testing.assert_allclose([item.log_prob for item in found], [item.log_prob for item in expected], atol=1e-5)


@pytest.mark.parametrize("num_beams", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(20))
def test_equals_beam_search_by_the_book(tiny_step, beam, num_beams, seed):
    latent = tiny_step.latent(seed)
    (found,) = decode(tiny_step, [beam(latent, num_beams, 6)])
    assert [item.token_ids for item in found] == plain_beam(tiny_step, latent, num_beams, 6)


def test_log_probs_are_the_mean_over_tokens_with_the_end_mark(tiny_step, beam):
    latent = tiny_step.latent(9)
    (found,) = decode(tiny_step, [beam(latent, 6, 9)])
    for item in found:
        tokens = [*item.token_ids, EOS_ID] if item.stop == "end" else list(item.token_ids)
        assert item.log_prob == pytest.approx(np.mean(tiny_step.token_log_probs(latent, tokens)), abs=1e-5)


def test_hypotheses_are_distinct_and_hold_no_special_word(tiny_step, beam):
    for found in decode(tiny_step, [beam(tiny_step.latent(seed), 10, 8) for seed in range(10)]):
        words = [item.token_ids for item in found]
        assert len(words) == len(set(words)) == 10
        assert not (UNSAID | {EOS_ID}) & {token_id for item in words for token_id in item}


def test_more_beams_than_sentences_gives_all_there_are(tiny_step, beam):
    (found,) = decode(tiny_step, [beam(tiny_step.latent(0), 50, 1)])
    assert sorted(item.token_ids for item in found) == [(), (5,), (6,), (7,), (8,)]


@pytest.mark.parametrize(("search", "num_groups"), [("beam", 1), ("diverse-beam", 1), ("diverse-beam", 20)])
def test_as_many_candidates_are_looked_at_as_there_are_beams(table_step, search, num_groups):
    step = table_step({token_id: 0.9**token_id for token_id in range(5, 45)}, vocab_size=45)
    settings = DecodingSettings(search, 20, num_groups=num_groups, diversity_penalty=90.0)
    (found,) = decode(step, [DecodingRequest(step.latent(0), settings, 1)])
    assert {item.token_ids for item in found} == {(token_id,) for token_id in range(5, 25)}


def test_best_columns_breaks_ties_by_column():
    scores = np.array([[1.0, 3.0, 3.0, 2.0], [0.0, -np.inf, 0.0, 9.0]])
    assert best_columns(scores, 3).tolist() == [[1, 2, 3], [3, 0, 2]]
    assert best_columns(scores, 9).tolist() == [[1, 2, 3, 0], [3, 0, 2, 1]]


def test_best_extensions_of_sources_with_different_numbers_of_prefixes():
    sources = np.array([0, 0, 2])
    totals = np.array([[-1.0, -4.0], [-2.0, -np.inf], [-3.0, -5.0]])
    found = best_extensions(sources, totals, 4)
    assert found.sources.tolist() == [0, 2]
    assert found.scores.tolist() == [[-1, -2, -4, -np.inf], [-3, -5, -np.inf, -np.inf]]
    assert found.parents[0, :3].tolist() == [0, 1, 0]
    assert found.parents[1, :2].tolist() == [2, 2]
    assert found.columns[0, :3].tolist() == [0, 0, 1]
    assert found.columns[1, :2].tolist() == [0, 1]
    assert found.parents.max() <= 2
