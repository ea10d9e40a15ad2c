"""The classifier separates what can be separated, and nothing else."""

import math

import pytest
import torch

from resay.evaluation.latents.classifier import LearningCurve, standardise, train_classifier


@pytest.fixture
def two_clouds():
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(2, (400,), generator=generator)
    features = torch.randn(400, 5, generator=generator) + 4.0 * labels.unsqueeze(1)
    return features, labels


def parts(features, labels):
    return features[:300], labels[:300], features[300:], labels[300:]


def test_separable_features(two_clouds):
    curve = train_classifier(*parts(*two_clouds), seed=0, num_epochs=60)
    assert float(curve.accuracy[curve.best]) == 1.0
    assert float(curve.nll[curve.best]) < 0.05
    assert len(curve.nll) == len(curve.accuracy) == 60


def test_shuffled_labels_stay_at_chance(two_clouds):
    features, labels = two_clouds
    shuffled = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))]
    curve = train_classifier(*parts(features, shuffled), seed=0, num_epochs=60)
    assert float(curve.nll[curve.best]) > math.log(2) - 0.05
    assert 0.35 < float(curve.accuracy[curve.best]) < 0.65


def test_what_is_no_line_is_learnt_too():
    """Exclusive or: a classifier without hidden layers stays at chance."""
    generator = torch.Generator().manual_seed(0)
    bits = torch.randint(2, (600, 2), generator=generator)
    curve = train_classifier(*parts(bits.float(), bits[:, 0] ^ bits[:, 1]), seed=0, num_epochs=300)
    assert float(curve.accuracy[curve.best]) == 1.0


def test_a_seed_decides_and_torch_is_left_alone(two_clouds):
    state = torch.get_rng_state()
    first, again, other = (train_classifier(*parts(*two_clouds), seed=seed, num_epochs=2) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.nll, again.nll)
    assert not torch.equal(first.nll, other.nll)


def test_standardised_by_the_training_part():
    train = torch.tensor([[1.0, 7.0], [3.0, 7.0]])
    dev = torch.tensor([[5.0, 8.0]])
    scaled, scaled_dev = standardise(train, dev)
    assert scaled.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert scaled_dev.tolist() == [[3.0, 1.0]]


def test_scale_of_features_does_not_matter(two_clouds):
    features, labels = two_clouds
    plain = train_classifier(*parts(features, labels), seed=0, num_epochs=2)
    scaled = train_classifier(*parts(features * 1000 + 50, labels), seed=0, num_epochs=2)
    assert scaled.nll.tolist() == pytest.approx(plain.nll.tolist(), abs=1e-3)


def test_the_best_epoch_is_that_of_the_lowest_nll():
    assert LearningCurve(torch.tensor([0.5, 0.2, 0.3]), torch.tensor([0.9, 0.7, 0.8])).best == 1
