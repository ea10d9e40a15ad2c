"""Logistic regression at its optimum: where the gradient, written out in float64, is zero."""

import numpy as np
import pytest

from resay.evaluation.transfer.lbfgs import PrincipalAxes, fit_logistic

NUM, SIZE = 300, 6


def examples(num_classes, scale=1.0):
    rng = np.random.default_rng(4)
    # Correlated, off centre, and of quite different lengths, as sentence vectors are.
    features = rng.standard_normal((NUM, SIZE)) @ rng.standard_normal((SIZE, SIZE)) * [1, 1, 0.1, 0.01, 3, 1] + 2
    noise = 2 * rng.standard_normal((NUM, num_classes))
    labels = (features @ rng.standard_normal((SIZE, num_classes)) + noise).argmax(1)
    return (scale * features).astype(np.float32), labels


def gradient(features, labels, classifier, inverse_penalty):
    """The gradient of C Σ −log p(label) + ½ ‖w‖² divided by C N, over softmax weights and bias."""
    features = features.astype(np.float64)
    weights, bias = classifier.weights.astype(np.float64), classifier.bias.astype(np.float64)
    logits = features @ weights + bias
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    errors = probabilities - np.eye(weights.shape[1])[labels]
    # Two classes have one logit w, which the classifier holds as ∓ w / 2: ½ ‖w‖² = ‖−w/2‖² + ‖w/2‖².
    penalty = weights * (2 if weights.shape[1] == 2 else 1) / inverse_penalty
    return (features.T @ errors + penalty) / len(labels), errors.sum(0) / len(labels)


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_every_problem_is_at_its_optimum(num_classes, scale):
    features, labels = examples(num_classes, scale)
    subsets = np.ones((NUM, 3), np.bool_)
    subsets[:100, 1] = False
    subsets[50:, 2] = False
    grid = [0.25, 4.0, 64.0]
    found = fit_logistic(PrincipalAxes.of(features), labels, subsets, grid, num_classes)
    for inverse_penalty, classifiers in zip(grid, found, strict=True):
        for subset, classifier in zip(subsets.T, classifiers, strict=True):
            of_weights, of_bias = gradient(features[subset], labels[subset], classifier, inverse_penalty)
            size = np.linalg.norm(features[subset], axis=0)[:, None] / NUM**0.5 + 1e-3
            assert np.abs(of_weights / size).max() < 2e-3
            assert np.abs(of_bias).max() < 2e-3


def test_is_what_scikit_learn_finds():
    linear_model = pytest.importorskip("sklearn.linear_model")
    features, labels = examples(3)
    (found,) = fit_logistic(PrincipalAxes.of(features), labels, np.ones((NUM, 1), np.bool_), [2.0], 3)
    theirs = linear_model.LogisticRegression(C=2.0, tol=1e-8, max_iter=5000).fit(features.astype(np.float64), labels)
    np.testing.assert_allclose(found[0].weights, theirs.coef_.T, atol=0.01 * np.abs(theirs.coef_).max())
    assert found[0].predict(features).tolist() == theirs.predict(features).tolist()


def test_examples_outside_a_subset_count_for_nothing():
    features, labels = examples(2)
    subsets = np.ones((NUM, 1), np.bool_)
    subsets[:150] = False
    changed = labels.copy()
    changed[:150] = 1 - labels[:150]
    axes = PrincipalAxes.of(features)
    one, other = (fit_logistic(axes, some, subsets, [1.0], 2)[0][0] for some in (labels, changed))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_features_that_never_vary_do_no_harm():
    features, labels = examples(2)
    features[:, 2] = 1.5
    features = np.concatenate([features, features[:, :1]], axis=1)
    (found,) = fit_logistic(PrincipalAxes.of(features), labels, np.ones((NUM, 1), np.bool_), [1e9], 2)
    assert np.isfinite(found[0].weights).all()
    plain = np.linalg.lstsq(np.c_[features, np.ones(NUM)], 2.0 * labels - 1, rcond=None)[0]
    linear = float(np.mean((np.c_[features, np.ones(NUM)] @ plain > 0) == labels))
    assert float(np.mean(found[0].predict(features) == labels)) > linear - 0.02
