from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import DecodingRequest, decode
from resay.engine.decoding.sample import draw
from resay.text import EOS_ID

PROBABILITIES = {5: 0.4, 6: 0.3, EOS_ID: 0.15, 7: 0.1, 8: 0.05}
NUM_DRAWS = 4000


def first_words(step, settings, num_draws=NUM_DRAWS):
    """How often each first word is drawn, one request and seed for each draw; EOS gives no word."""
    requests = [DecodingRequest(step.latent(0), settings, 1, seed=seed) for seed in range(num_draws)]
    found = decode(step, requests)
    assert all(len(items) == 1 for items in found)
    return Counter(items[0].token_ids[0] if items[0].token_ids else EOS_ID for items in found)


def assert_distributed(counts, expected):
    """Pearson's chi-square against 30, beyond the 99.999th percentile for up to 5 words."""
    total = sum(expected.values())
    assert set(counts) == set(expected)
    statistic = sum(
        (counts[word] - NUM_DRAWS * share / total) ** 2 / (NUM_DRAWS * share / total)
        for word, share in expected.items()
    )
    assert statistic < 30


def test_words_are_drawn_with_the_models_probabilities(table_step, by_the_book):
    assert_distributed(first_words(table_step(PROBABILITIES), by_the_book("sample", 1)), PROBABILITIES)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_temperature_sharpens_or_flattens(table_step, by_the_book, temperature):
    counts = first_words(table_step(PROBABILITIES), by_the_book("sample", 1, temperature=temperature))
    assert_distributed(counts, {word: share ** (1 / temperature) for word, share in PROBABILITIES.items()})


@pytest.mark.parametrize("temperature", [0.0, 1e-3])
def test_without_temperature_the_best_word_is_taken(table_step, by_the_book, temperature):
    counts = first_words(table_step(PROBABILITIES), by_the_book("sample", 1, temperature=temperature), 50)
    assert counts == {5: 50}


def test_top_k_keeps_the_best_words_and_their_proportions(table_step, by_the_book):
    counts = first_words(table_step(PROBABILITIES), by_the_book("sample", 1, top_k=2))
    assert_distributed(counts, {5: 0.4, 6: 0.3})


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.0, [5]), (0.39, [5]), (0.41, [5, 6]), (0.71, [5, 6, EOS_ID]), (1.0, list(PROBABILITIES))]
)
def test_top_p_keeps_the_fewest_words_that_reach_it(table_step, by_the_book, top_p, kept):
    counts = first_words(table_step(PROBABILITIES), by_the_book("sample", 1, top_p=top_p))
    assert_distributed(counts, {word: PROBABILITIES[word] for word in kept})


def test_forbidden_words_do_not_count_in_top_k(table_step, by_the_book):
    settings = by_the_book("sample", 1, top_k=2)
    step = table_step({4: 0.5, 5: 0.25, 6: 0.15, 7: 0.1})  # 4 is the number, and no source has one
    assert_distributed(first_words(step, settings), {5: 0.25, 6: 0.15})


def test_samples_of_one_request_are_independent(table_step, by_the_book):
    step = table_step({5: 0.5, 6: 0.5})
    requests = [DecodingRequest(step.latent(0), by_the_book("sample", 2), 1, seed=seed) for seed in range(400)]
    together = Counter(len(found) for found in decode(step, requests))
    assert set(together) == {1, 2}
    assert 140 < together[1] < 260  # both samples the same half of the time


def test_words_of_one_sample_are_independent(table_step, by_the_book):
    step = table_step({5: 0.5, 6: 0.5})
    requests = [DecodingRequest(step.latent(0), by_the_book("sample", 1), 2, seed=seed) for seed in range(400)]
    counts = Counter(found[0].token_ids for found in decode(step, requests))
    assert set(counts) == {(5, 5), (5, 6), (6, 5), (6, 6)}
    assert all(60 < count < 140 for count in counts.values())


def test_a_seed_gives_the_same_and_another_seed_others(tiny_step, by_the_book):
    settings = by_the_book("sample", 8, temperature=3.0)
    one, again, other = (
        decode(tiny_step, [DecodingRequest(tiny_step.latent(1), settings, 8, seed=seed)])[0] for seed in (7, 7, 8)
    )
    assert one == again != other


@pytest.mark.parametrize("seed", [-1, 0, 2**63, 2**70])
def test_any_integer_is_a_seed(tiny_step, by_the_book, seed):
    request = DecodingRequest(tiny_step.latent(1), by_the_book("sample", 4), 8, seed=seed)
    assert decode(tiny_step, [request])[0]


def test_more_tokens_allowed_change_nothing_before(tiny_step, by_the_book):
    settings = by_the_book("sample", 8)
    short, long = (
        decode(tiny_step, [DecodingRequest(tiny_step.latent(1), settings, limit, seed=3)])[0] for limit in (5, 9)
    )
    whole = {item.token_ids for item in short if item.stop == "end"}
    assert whole
    assert whole <= {item.token_ids for item in long}


def test_log_probs_are_the_models_own(tiny_step, by_the_book):
    settings = by_the_book("sample", 8, temperature=3.0, top_k=3, source_copy_penalty=1.0)
    latent = tiny_step.latent(2)
    (found,) = decode(tiny_step, [DecodingRequest(latent, settings, 6, penalized_ids=(5, 6))])
    for item in found:
        tokens = [*item.token_ids, EOS_ID] if item.stop == "end" else list(item.token_ids)
        assert item.log_prob == pytest.approx(np.mean(tiny_step.token_log_probs(latent, tokens)), abs=1e-5)


def test_samples_that_say_the_same_share_a_row(tiny_step, by_the_book):
    settings = by_the_book("sample", 16, temperature=0.0)
    decode(tiny_step, [DecodingRequest(tiny_step.latent(0), settings, 6)])
    assert set(tiny_step.num_rows) == {1}


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(0, 1),
    st.floats(0, 1, exclude_max=True) | st.just(np.nextafter(1.0, 0.0)),
)
def test_draw_inverts_the_distribution(rest, top_p, uniform):
    weights = np.array([[1.0, *sorted(rest, reverse=True)]])
    place = int(draw(weights, top_p, np.array([uniform]))[0])
    sums = np.cumsum(weights[0])
    kept = next(index for index, total in enumerate(sums) if total >= top_p * sums[-1]) + 1
    assert place < kept
    before = sums[place - 1] if place else 0.0
    # An aim that rounding puts on an end belongs to the interval before or after.
    assert before <= uniform * sums[kept - 1] * (1 + 1e-12)
    assert uniform * sums[kept - 1] <= sums[place] * (1 + 1e-12)
