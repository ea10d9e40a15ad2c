"""Linear classifiers on sentence vectors.

Axes: N sentences, M others, D features.
"""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int64
from numpy import ndarray

from resay.errors import MissingExtraError

INVERSE_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""scikit-learn's C: the smaller, the stronger the penalty on weights."""
MAX_STEPS = 200
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.125
"""Of what is not tested: 10 % of all, so that 70 % are left to train on, 10 % to choose by, 20 % to test."""


def load_scikit_learn() -> tuple[Any, Any]:
    """Return scikit-learn's modules ``linear_model`` and ``preprocessing``.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    try:
        from sklearn import linear_model, preprocessing
    except ImportError:
        raise MissingExtraError(
            "probes need scikit-learn, not installed here; run: pip install 'resay[evaluation]'"
        ) from None
    return linear_model, preprocessing


def classify(
    train: Float[ndarray, "N D"],
    labels: Int64[ndarray, " N"],
    fitted: Bool[ndarray, " N"],
    validation: Bool[ndarray, " N"],
    test: Float[ndarray, "M D"],
    *,
    standardise: bool = True,
) -> Int64[ndarray, " M"]:
    """Return the labels that logistic regression gives to the test part.

    Args:
        train: Vectors to train on and to choose the penalty by.
        labels: Theirs.
        fitted: Which of them are trained on for each penalty.
        validation: Which of them the penalty is chosen by; of equally good ones the strongest. The classifier is
            then trained on all.
        test: Vectors to label.
        standardise: Shift and scale each feature to mean 0 and deviation 1; false leaves distances as they are but
            for one factor.
    """
    train, test = _scaled(train, test, each=standardise)
    best, best_accuracy = INVERSE_PENALTIES[0], -1.0
    for inverse_penalty in INVERSE_PENALTIES:
        model = _fit(train[fitted], labels[fitted], inverse_penalty)
        accuracy = float((model.predict(train[validation]) == labels[validation]).mean())
        if accuracy > best_accuracy:
            best, best_accuracy = inverse_penalty, accuracy
    given: Int64[ndarray, " M"] = _fit(train, labels, best).predict(test)
    return given


def split(num: int, seed: int) -> tuple[Int64[ndarray, " N"], Bool[ndarray, " N"], Int64[ndarray, " M"]]:
    """Return the places to train on, which of those to choose the penalty by, and the places to test."""
    order = np.random.default_rng(seed).permutation(num)
    num_test = round(TEST_SHARE * num)
    train = order[num_test:]
    validation = np.arange(len(train)) < round(VALIDATION_SHARE * len(train))
    return train, validation, order[:num_test]


def percent(right: Bool[ndarray, "..."]) -> float:
    """Return the share that is true, in percent; NaN of nothing."""
    return 100 * float(right.mean()) if right.size else float("nan")


def majority(train: Int64[ndarray, " N"], test: Int64[ndarray, " M"]) -> float:
    """Return the accuracy, in percent, of always answering with the most frequent label of the training part."""
    return percent(test == np.bincount(train).argmax())


def _scaled(
    train: Float[ndarray, "N D"], test: Float[ndarray, "M D"], *, each: bool
) -> tuple[Float[ndarray, "N D"], Float[ndarray, "M D"]]:
    """Return both parts in double precision, scaled by what the training part says."""
    train, test = train.astype(np.float64), test.astype(np.float64)
    if each:
        scaler = load_scikit_learn()[1].StandardScaler().fit(train)
        return scaler.transform(train), scaler.transform(test)
    mean = train.mean(axis=0)
    deviation = float(np.sqrt(train.var(axis=0).max())) or 1.0
    return (train - mean) / deviation, (test - mean) / deviation


def _fit(train: Float[ndarray, "N D"], labels: Int64[ndarray, " N"], inverse_penalty: float) -> Any:  # noqa: ANN401
    model = load_scikit_learn()[0].LogisticRegression(C=inverse_penalty, max_iter=MAX_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 steps may not be enough; the validation part judges what they give
        return model.fit(train, labels)
