"""What is made of the default embedding without training."""

import numpy as np
import pytest
import torch

from resay.evaluation.embeddings.additions import (
    ComponentsRemoved,
    ExtremesJoined,
    FirstDimensions,
    SignedRoot,
    UnitLength,
    joined,
    pool_extremes,
)
from resay.evaluation.embeddings.every_word import EveryWord
from resay.evaluation.similarity.cosines import row_cosines

TEXTS = ["the soup was good .", "our room seemed cold", "a guitar is great !", "zzyzx"]


def test_joined_vectors_have_the_weighted_mean_of_the_cosines():
    first = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    second = np.random.default_rng(1).standard_normal((4, 5)).astype(np.float32)
    both = joined(lambda texts: first, lambda texts: second, 0.5)(TEXTS)
    assert both.shape == (4, 8)
    expected = (row_cosines(first[:2], first[2:]) + 0.25 * row_cosines(second[:2], second[2:])) / 1.25
    np.testing.assert_allclose(row_cosines(both[:2], both[2:]), expected, atol=1e-6)


def test_extremes_are_those_of_real_words():
    generator = torch.Generator().manual_seed(0)
    vectors, weights = torch.randn(3, 4, 2, generator=generator), torch.rand(3, 4, generator=generator)
    lengths = torch.tensor([4, 2, 1])
    found = pool_extremes(vectors, weights, lengths)
    for row, length in enumerate(lengths.tolist()):
        weighted = (vectors * weights[..., None])[row, :length]
        assert torch.equal(found[row], torch.cat([weighted.amax(0), weighted.amin(0)]))


def test_extremes_alone_and_joined(ingredients):
    size = ingredients.default.vectors.shape[1]
    assert ExtremesJoined(None)(ingredients)(TEXTS).shape == (4, 2 * size)
    both = ExtremesJoined(0.5)(ingredients)(TEXTS)
    assert both.shape == (4, 3 * size)
    np.testing.assert_allclose(np.linalg.norm(both[:, :size], axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(both[:, size:], axis=1), 0.5, rtol=1e-5)


def test_first_dimensions_directions_and_signed_roots(ingredients):
    default = ingredients.default.embed(TEXTS)
    np.testing.assert_array_equal(FirstDimensions(3)(ingredients)(TEXTS), default[:, :3])
    lengths = np.linalg.norm(default, axis=1, keepdims=True)
    np.testing.assert_allclose(UnitLength()(ingredients)(TEXTS), default / lengths, rtol=1e-5)
    roots = SignedRoot()(ingredients)(TEXTS)
    np.testing.assert_allclose(roots * np.abs(roots), default, rtol=1e-5)
    assert (roots < 0).any()


@pytest.mark.parametrize("of", [None, EveryWord(whitening=0.0)])
def test_removed_components_are_those_of_the_training_sentences(ingredients, of):
    inner = ingredients.default.embed if of is None else of(ingredients)
    sentences = inner(ingredients.sentences)
    units = sentences / np.linalg.norm(sentences, axis=1, keepdims=True)
    directions = np.linalg.svd(units.astype(np.float64), full_matrices=False)[2]
    whole = inner(TEXTS)
    for number in (1, 2):
        left = ComponentsRemoved(number, of)(ingredients)(TEXTS)
        np.testing.assert_allclose(left @ directions[:number].T, 0, atol=1e-5)
        np.testing.assert_allclose(left @ directions[number:].T, whole @ directions[number:].T, atol=1e-5)
