import numpy as np
import pytest

from resay.errors import VectorsError
from resay.text import SPECIAL_WORDS
from resay.vectors import WordVectors, align, read_vectors
from resay.vectors.alignment import random_direction


def make_vectors(subword=None):
    matrix = np.array([[3, 4], [0, 0], [0, 2], [6, 8], [1, 1]], dtype=np.float32)
    return WordVectors(["good", "zero", "love", "fine", "<unk>"], matrix, subword)


def test_sources_in_their_order():
    def subword(word):
        return np.full(2, 0 if word == "void" else len(word), dtype=np.float32)

    aligned = align(
        make_vectors(subword),
        [*SPECIAL_WORDS, "fine", "loved", "zero", "void", "loves", "good"],
        seed=1,
        lemmas={"loved": "love", "loves": "absent", "good": "love"},
    )
    np.testing.assert_array_equal(aligned.matrix[[5, 7]], [[6, 8], [4, 4]])
    np.testing.assert_array_equal(aligned.matrix[9:], [[5, 5], [3, 4]])
    assert aligned.has_vector.tolist() == [False] * 5 + [True, False, True, False, True, True]
    counts = (
        aligned.num_exact,
        aligned.num_lemma,
        aligned.num_subword,
        aligned.num_random,
        aligned.num_special,
    )
    assert counts == (2, 1, 2, 6, 5)
    assert aligned.matrix.dtype == np.float32


def test_summary_is_one_line_with_every_count():
    summary = align(make_vectors(), ["<unk>", "good", "other"], seed=1).summary()
    assert summary == (
        "3 words, vectors of size 2: 1 exact, 0 by lemma, 0 by subwords, 2 random (1 of them special words)"
    )


def test_random_rows_have_the_median_length():
    aligned = align(make_vectors(), ["<pad>", "good", "love", "fine", "new"], seed=1)
    lengths = np.linalg.norm(aligned.matrix, axis=1)
    np.testing.assert_allclose(lengths[[0, 4]], 5, rtol=1e-6)  # of 5, 2 and 10


def test_special_words_are_random_even_where_the_source_has_them():
    aligned = align(make_vectors(), ["<unk>", "love"], seed=1)
    assert aligned.has_vector.tolist() == [False, True]
    assert not np.allclose(aligned.matrix[0], [1, 1])
    assert align(make_vectors(), ["<unk>", "love"], seed=1, special_words=()).num_exact == 2


def test_order_and_company_do_not_matter_to_random_rows():
    first = align(make_vectors(), ["good", "one", "two", "three"], seed=7)
    second = align(make_vectors(), ["three", "good", "two"], seed=7)
    np.testing.assert_array_equal(first.matrix[[3, 2]], second.matrix[[0, 2]])


def test_seed_and_word_matter_to_random_rows():
    directions = [random_direction(word, 50, seed=seed) for word in ("one", "two") for seed in (1, 2)]
    cosines = np.array(directions) @ np.array(directions).T
    np.testing.assert_allclose(np.diag(cosines), 1, rtol=1e-6)
    assert np.abs(cosines - np.eye(4)).max() < 0.6


def test_random_rows_are_the_same_on_every_machine_and_run():
    expected = np.array([-0.2155921, 0.2009263, -0.9555881], dtype=np.float32)
    np.testing.assert_allclose(random_direction("word", 3, seed=0), expected, atol=1e-6)


def test_refuses_a_vocabulary_with_nothing_in_common():
    with pytest.raises(VectorsError, match=r"none of the 2 words .* 5 words .*'gut'.*'fine'"):
        align(make_vectors(), ["<pad>", "gut"], seed=1)


def test_the_source_is_left_alone():
    vectors = make_vectors()
    before = vectors.matrix.copy()
    align(vectors, ["good", "new"], seed=1).matrix[:] = 0
    np.testing.assert_array_equal(vectors.matrix, before)


def test_with_a_real_model(trained):
    vectors = read_vectors(trained.model_file)
    aligned = align(vectors, [*SPECIAL_WORDS, "soup", "soups"], seed=1)
    assert (aligned.num_exact, aligned.num_subword, aligned.num_random) == (1, 1, 5)
    np.testing.assert_array_equal(aligned.matrix[6], vectors.subword("soups"))


def test_a_row_by_lemma_lies_near_the_lemma_and_apart_from_its_sisters():
    generator = np.random.default_rng(0)
    matrix = generator.standard_normal((2, 300)).astype(np.float32)
    vectors = WordVectors(["love", "soup"], matrix, None)
    aligned = align(vectors, ["love", "loved", "loves"], seed=1, lemmas={"loved": "love", "loves": "love"})
    rows = aligned.matrix / np.linalg.norm(aligned.matrix, axis=1, keepdims=True)
    np.testing.assert_allclose(rows @ rows.T, [[1, 0.8, 0.8], [0.8, 1, 0.64], [0.8, 0.64, 1]], atol=0.12)
    assert aligned.has_vector.tolist() == [True, False, False]
