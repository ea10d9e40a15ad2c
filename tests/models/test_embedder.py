"""The module that averages whitened vectors."""

import numpy as np
import pytest
import torch

from resay.models.embedder import SentenceEmbedder


@pytest.fixture
def embedder():
    generator = torch.Generator().manual_seed(0)
    return SentenceEmbedder(
        codes=torch.randint(-127, 128, (4, 3), generator=generator, dtype=torch.int8),
        scales=torch.rand(4, generator=generator),
        rows=torch.tensor([0, 1, 1, 2, 3]),
        weights=torch.tensor([1.0, 0.5, 0.25, 0.0, 0.0]),
    )


def test_it_is_the_weighted_average_of_the_formula(embedder):
    vectors = embedder.codes.double() * embedder.scales.double()[:, None]
    found = embedder(torch.tensor([[0, 1, 2]]), torch.tensor([3]))[0]
    expected = (1.0 * vectors[0] + 0.5 * vectors[1] + 0.25 * vectors[1]) / 1.75
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5)


def test_what_stands_in_the_padding_does_not_matter(embedder):
    alone = embedder(torch.tensor([[0, 2]]), torch.tensor([2]))[0]
    padded = embedder(torch.tensor([[0, 2, 4, 1], [1, 1, 1, 1]]), torch.tensor([2, 4]))[0]
    np.testing.assert_allclose(alone.numpy(), padded.numpy(), rtol=1e-6)


def test_words_that_weigh_nothing_give_zeros(embedder):
    assert not embedder(torch.tensor([[3, 4]]), torch.tensor([2])).any()


def test_it_knows_its_sizes(embedder):
    assert (embedder.size, embedder.num_ids) == (3, 5)
