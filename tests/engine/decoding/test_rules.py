"""Each rule against what it says, on candidates made by hand."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import RULES, SEARCHES, DecodingRequest, DecodingSettings, decode
from resay.engine.decoding.rules.copying import source_copy_penalty
from resay.engine.decoding.rules.length import minimum_length
from resay.engine.decoding.rules.likeness import similar_word_bonus
from resay.engine.decoding.rules.numbers import number_count
from resay.engine.decoding.rules.repetition import no_repeated_ngram
from resay.engine.decoding.rules.stutter import no_stutter
from resay.engine.decoding.rules.word_values import WordValues
from resay.engine.decoding.search import Prefixes
from resay.text import EOS_ID, NUM_ID


def prefixes_of(words, sources=None):
    words = np.array(words, dtype=np.int64)
    rows = np.arange(len(words))
    sums = np.zeros(len(words))
    return Prefixes(rows if sources is None else np.array(sources), 0 * rows, rows, words, sums, sums)


def requests_of(*fields, settings=None):
    latent = np.zeros(3, dtype=np.float32)
    return [DecodingRequest(latent, settings or DecodingSettings(), 9, **one) for one in fields]


def changes(rule, prefixes, candidate_ids):
    """What a rule adds to the scores, as lists."""
    ids = np.array(candidate_ids, dtype=np.int64)
    scores = np.zeros(ids.shape)
    rule(prefixes, ids, scores)
    return scores.tolist()


NO = -np.inf


def test_minimum_length_forbids_the_end_mark_before_so_many_words():
    rule = minimum_length(DecodingSettings(min_new_tokens=2), requests_of({}))
    assert changes(rule, prefixes_of([[5]]), [[7, EOS_ID]]) == [[0, NO]]
    assert changes(rule, prefixes_of([[5, 6]]), [[7, EOS_ID]]) == [[0, 0]]
    assert minimum_length(DecodingSettings(min_new_tokens=0), requests_of({})) is None


def test_number_count_forbids_more_numbers_and_an_end_with_fewer():
    rule = number_count(DecodingSettings(), requests_of({"num_numbers": 0}, {"num_numbers": 2}))
    candidates = [[NUM_ID, EOS_ID, 7]] * 4
    prefixes = prefixes_of([[5, 6], [5, 6], [NUM_ID, 6], [NUM_ID, NUM_ID]], sources=[0, 1, 1, 1])
    assert changes(rule, prefixes, candidates) == [[NO, 0, 0], [0, NO, 0], [0, NO, 0], [NO, 0, 0]]


def test_words_like_the_sources_own_are_favoured_once():
    settings = DecodingSettings(similar_word_bonus=2.0)
    rule = similar_word_bonus(
        settings, requests_of({"similar_words": {7: 1.0, 9: 0.5}}, {}, {"similar_words": {8: 0.25}})
    )
    candidates = [[7, 8, 9, 6, 5000]] * 4
    prefixes = prefixes_of([[5], [5], [5], [9]], sources=[0, 1, 2, 0])
    assert changes(rule, prefixes, candidates) == [
        [2.0, 0, 1.0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0.5, 0, 0, 0],
        [2.0, 0, 0, 0, 0],
    ]
    assert similar_word_bonus(DecodingSettings(), requests_of({"similar_words": {7: 1.0}})) is None
    assert similar_word_bonus(settings, requests_of({})) is None


def test_no_word_is_said_twice_in_a_row():
    rule = no_stutter(DecodingSettings(), requests_of({}))
    assert changes(rule, prefixes_of([[5, 6], [6, 5]]), [[5, 6, 7]] * 2) == [[0, NO, 0], [NO, 0, 0]]
    assert changes(rule, prefixes_of(np.zeros((1, 0))), [[5, 6, 7]]) == [[0, 0, 0]]
    assert no_stutter(DecodingSettings(no_repeat_ngram=0), requests_of({})) is None


def test_numbers_and_what_the_source_doubles_may_follow_themselves():
    rule = no_stutter(DecodingSettings(), requests_of({}, {"doubled_ids": (6,)}))
    prefixes = prefixes_of([[NUM_ID], [NUM_ID], [6], [6], [7]], sources=[0, 1, 0, 1, 1])
    assert changes(rule, prefixes, [[NUM_ID, 6, 7]] * 5) == [[0, 0, 0], [0, 0, 0], [0, NO, 0], [0, 0, 0], [0, 0, NO]]


def test_listed_numbers_are_no_repetition():
    rule = no_repeated_ngram(DecodingSettings(no_repeat_ngram=3), requests_of({}))
    comma = 9
    said = [[NUM_ID, comma, NUM_ID, comma], [7, comma, 7, comma]]
    assert changes(rule, prefixes_of(said), [[NUM_ID, 7]] * 2) == [[0, 0], [0, NO]]


def test_the_source_copy_penalty_is_taken_from_each_sources_own_words():
    settings = DecodingSettings(source_copy_penalty=1.5)
    rule = source_copy_penalty(settings, requests_of({"penalized_ids": (7, 9)}, {}, {"penalized_ids": (8,)}))
    candidates = [[7, 8, 9, 6, 5000]] * 3
    assert changes(rule, prefixes_of([[5]] * 3), candidates) == [
        [-1.5, 0, -1.5, 0, 0],
        [0, 0, 0, 0, 0],
        [0, -1.5, 0, 0, 0],
    ]


def test_the_source_copy_penalty_counts_a_word_once():
    settings = DecodingSettings(source_copy_penalty=1.0)
    rule = source_copy_penalty(settings, requests_of({"penalized_ids": (7, 7)}))
    assert changes(rule, prefixes_of([[5]]), [[7, 8]]) == [[-1, 0]]


def test_without_words_or_nats_there_is_no_source_copy_penalty():
    assert source_copy_penalty(DecodingSettings(source_copy_penalty=1.0), requests_of({})) is None
    assert source_copy_penalty(DecodingSettings(), requests_of({"penalized_ids": (7,)})) is None


@pytest.mark.parametrize(
    ("size", "words", "forbidden"),
    [
        (1, [5, 6, 7], {5, 6, 7}),
        (2, [5, 6, 7], set()),
        (2, [5, 6, 5], {6}),
        (2, [5, 5], {5}),
        (3, [5, 6, 7, 5, 6], {7}),
        (3, [5, 6, 7, 5, 6, 8, 5, 6], {7, 8}),
        (3, [5, 6], set()),
        (3, [5], set()),
        (0, [5, 5, 5], set()),
    ],
)
def test_an_ngram_is_not_completed_twice(size, words, forbidden):
    rule = no_repeated_ngram(DecodingSettings(no_repeat_ngram=size), requests_of({}))
    candidates = list(range(4, 10))
    expected = [NO if word in forbidden else 0 for word in candidates]
    found = [[0] * len(candidates)] if rule is None else changes(rule, prefixes_of([words]), [candidates])
    assert found == [expected]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(5, 7), min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 4))
def test_ngrams_of_many_prefixes(words, size):
    rule = no_repeated_ngram(DecodingSettings(no_repeat_ngram=size), requests_of({}))
    candidates = [5, 6, 7, EOS_ID]
    for prefix, row in zip(words, changes(rule, prefixes_of(words), [candidates] * len(words)), strict=True):
        for word, change in zip(candidates, row, strict=True):
            said = [*prefix, word]
            ngrams = [tuple(said[start : start + size]) for start in range(len(said) - size + 1)]
            assert (change == NO) == (ngrams[-1] in ngrams[:-1])


@pytest.mark.parametrize("rule", RULES)
def test_rules_that_are_off_or_on_leave_other_words_alone(rule):
    settings = DecodingSettings(no_repeat_ngram=2, source_copy_penalty=1.0, similar_word_bonus=1.0, min_new_tokens=9)
    made = rule(settings, requests_of({"penalized_ids": (7,), "similar_words": {7: 0.5}}))
    candidates = [[EOS_ID, NUM_ID, 5, 6, 7, 11, 12]]
    assert changes(made, prefixes_of([[5, 6, 5]]), candidates)[0][-2:] == [0, 0]
    assert any(changes(made, prefixes_of([[5, 6, 5]]), candidates)[0])


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("num_numbers", [0, 1, 2])
def test_whole_hypotheses_obey_the_rules(tiny_step, search, num_numbers):
    settings = DecodingSettings(search, 4, num_groups=2, no_repeat_ngram=2, min_new_tokens=3)
    latents = [tiny_step.latent(seed) for seed in range(15)]
    found = decode(tiny_step, [DecodingRequest(latent, settings, 12, num_numbers=num_numbers) for latent in latents])
    whole = [item.token_ids for items in found for item in items if item.stop == "end"]
    assert whole
    for words in whole:
        assert len(words) >= 3
        assert words.count(NUM_ID) == num_numbers
        pairs = Counter(pair for pair in pairwise(words) if NUM_ID not in pair)
        assert max(pairs.values(), default=0) <= 1


@pytest.mark.parametrize("search", SEARCHES)
def test_a_penalised_word_gives_way_to_the_next(table_step, search):
    step = table_step({5: 0.5, 6: 0.3, EOS_ID: 0.2})
    settings = DecodingSettings(search, 1, source_copy_penalty=9.0, temperature=0.0)
    free, avoiding = decode(
        step,
        [DecodingRequest(step.latent(0), settings, 1, penalized_ids=words) for words in ((), (5,))],
    )
    assert [item.token_ids for item in free] == [(5,)]
    assert [item.token_ids for item in avoiding] == [(6,)]
    assert avoiding[0].log_prob == pytest.approx(np.log(0.3))


@pytest.mark.parametrize("search", SEARCHES)
def test_where_every_word_is_forbidden_the_search_ends(table_step, search):
    step = table_step({5: 0.6, EOS_ID: 0.4})
    settings = DecodingSettings(search, 3, num_groups=2, no_repeat_ngram=1, min_new_tokens=5)
    assert decode(step, [DecodingRequest(step.latent(0), settings, 20)]) == [[]]


@pytest.mark.parametrize("search", SEARCHES)
def test_dropped_hypotheses_leave_the_other_sources_alone(table_step, search):
    step = table_step({5: 0.6, 6: 0.3, EOS_ID: 0.1})
    settings = DecodingSettings(search, 3, num_groups=2, no_repeat_ngram=1)
    one, stuck, other = decode(
        step,
        [DecodingRequest(step.latent(0), settings, 9, num_numbers=number) for number in (0, 1, 0)],
    )
    assert stuck == []
    assert one == other
    assert {item.stop for item in one} == {"end"}


def test_word_values_are_each_sources_own():
    shared = {7: 0.5, 9: 2.0}
    values = WordValues([shared, {}, {8: -1.0}, shared])
    words = np.array([[7, 8, 9, 6, 10**6]] * 4)
    expected = [[0.5, 0, 2, 0, 0], [0] * 5, [0, -1, 0, 0, 0], [0.5, 0, 2, 0, 0]]
    assert values.of(np.arange(4), words).tolist() == expected
    assert WordValues([{}]).of(np.array([0]), words[:1]).tolist() == [[0] * 5]
