"""Words like each other, by the model's own embeddings."""

import numpy as np
import pytest

from resay.engine.similar_words import LEAST_COSINE, SimilarWords


@pytest.fixture(scope="module")
def similar(encoder):
    return SimilarWords.open(encoder)


def test_a_words_vector_is_the_embedding_of_the_word_alone(encoder, similar):
    words = encoder.preparer.tokenizer.words
    for word in ("soup", "bread", "clean"):
        embedding = encoder.encode([word], normalize=True)[0].embedding
        assert similar.vectors[words.index(word)] == pytest.approx(embedding, abs=1e-5)


def test_the_words_like_a_word_are_those_of_a_high_cosine(similar):
    cosines = similar.vectors @ similar.vectors.T
    for word_id in range(5, len(cosines)):
        ids, found = similar.like(word_id)
        assert ids.tolist() == np.flatnonzero(cosines[word_id] >= LEAST_COSINE).tolist()
        assert found == pytest.approx(cosines[word_id][ids], abs=1e-6)
        assert word_id in ids


def test_of_several_words_the_nearest_counts(similar):
    both = similar.like_any([6, 7])
    for word_id, cosine in both.items():
        expected = max(float(similar.vectors[word_id] @ similar.vectors[other]) for other in (6, 7))
        assert cosine == pytest.approx(expected, abs=1e-6)
    assert both[6] == pytest.approx(1)
    assert similar.like_any([]) == {}
