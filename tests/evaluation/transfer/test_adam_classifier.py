"""Layers trained side by side, held against torch training one at a time; and when training stops."""

import numpy as np
import pytest
import torch

from resay.evaluation.transfer import adam
from resay.evaluation.transfer.adam import fit_stopped_early
from resay.evaluation.transfer.descent import (
    BATCH_SIZE,
    SoftmaxDescent,
    cross_entropy_slope,
    one_hot,
    squared_error_slope,
    with_ones,
)
from resay.evaluation.transfer.linear import LabelledFeatures, LinearClassifier
from resay.evaluation.transfer.relatedness import score_distributions

NUM, SIZE, CLASSES = 150, 5, 3


def examples(seed=0, num=NUM):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((num, SIZE)).astype(np.float32)
    scores = features @ np.random.default_rng(99).standard_normal((SIZE, CLASSES))
    return LabelledFeatures(features, scores.argmax(1))


def by_torch(features, targets, decay, loss, first, order):
    """One epoch of one layer, as SentEval has it: weight decay on weights and bias, the mean over a batch."""
    weights = torch.tensor(first, requires_grad=True)
    optimizer = torch.optim.Adam([weights], weight_decay=decay)
    for start in range(0, len(order), BATCH_SIZE):
        places = order[start : start + BATCH_SIZE]
        logits = torch.tensor(features[places]) @ weights
        optimizer.zero_grad()
        loss(logits, torch.tensor(targets[places])).backward()
        optimizer.step()
    return weights.detach().numpy()


def cross_entropy(logits, targets):
    return -(torch.log_softmax(logits, 1) * targets).sum(1).mean()


def squared_error(logits, targets):
    return torch.nn.functional.mse_loss(torch.softmax(logits, 1), targets)


@pytest.mark.parametrize(
    ("slope", "loss", "targets"),
    [
        (cross_entropy_slope, cross_entropy, one_hot(examples().labels, CLASSES)),
        (squared_error_slope, squared_error, score_distributions(np.linspace(0, 5, NUM))),
    ],
)
def test_three_layers_are_what_torch_makes_of_each(slope, loss, targets):
    decays = [0.0, 1e-2, 0.5]
    features = examples().features
    descent = SoftmaxDescent(features, targets, decays, slope, seed=7)
    first = descent.weights.copy()
    assert (first[:, 0] == first[:, 2]).all()
    assert np.abs(first).max() <= SIZE**-0.5
    state = np.random.default_rng(7)
    state.uniform(size=(SIZE + 1, 1, targets.shape[1]))
    order = state.permutation(NUM)
    descent.run_epoch()
    for number, decay in enumerate(decays):
        expected = by_torch(with_ones(features), targets, decay, loss, first[:, number], order)
        np.testing.assert_allclose(descent.weights[:, number], expected, atol=2e-6)


def test_layers_that_go_on_do_not_notice_that_others_stopped():
    data = examples()
    together, alone = (
        SoftmaxDescent(data.features, one_hot(data.labels, CLASSES), decays, cross_entropy_slope, seed=1)
        for decays in ([0.0, 0.1], [0.1])
    )
    together.run_epoch()
    together.keep([1])
    together.run_epoch()
    alone.run_epoch()
    alone.run_epoch()
    np.testing.assert_allclose(together.weights, alone.weights, atol=1e-6)


def test_learns_what_can_be_learnt():
    classifiers, accuracies = fit_stopped_early(examples(0, 600), examples(1), [1e-5, 10.0], CLASSES, seed=0)
    test = examples(2, 600)
    assert classifiers[0].accuracy(test) > 80
    assert accuracies[0] > 0.8
    assert classifiers[1].accuracy(test) < classifiers[0].accuracy(test)


def test_stops_at_the_sixth_look_that_is_no_better_and_keeps_the_best(monkeypatch):
    looks = iter([0.5, 0.4, 0.6, 0.6, 0.1, 0.2, 0.3, 0.6, 0.9])  # the sixth that is not above the best is the eighth
    num_epochs = []

    class Scripted:
        def __init__(self, *_):
            pass

        def run_epoch(self):
            num_epochs.append(1)

        def layer(self, number):
            count = np.array([len(num_epochs)], np.float32)
            return LinearClassifier(np.zeros((1, 1), np.float32), count)

        def logits(self, features):
            right = next(looks)
            return np.stack([np.full((10, 1), 0.5), (np.arange(10) < 10 * right)[:, None]], axis=2)

    monkeypatch.setattr(adam, "SoftmaxDescent", Scripted)
    dev = LabelledFeatures(np.zeros((10, 1), np.float32), np.ones(10, np.int64))
    best, accuracies = fit_stopped_early(dev, dev, [0.0], 2, seed=0)
    assert [one.bias.tolist() for one in best] == [[12.0]]
    assert accuracies.tolist() == [0.6]
    assert len(num_epochs) == 32


def test_stops_in_the_end(monkeypatch):
    monkeypatch.setattr(adam, "TENACITY", 10**6)
    monkeypatch.setattr(adam, "MAX_EPOCHS", 8)
    data = examples(0, 20)
    count = []
    monkeypatch.setattr(SoftmaxDescent, "run_epoch", lambda self: count.append(1))
    fit_stopped_early(data, data, [0.0], CLASSES, seed=0)
    assert len(count) == 12
