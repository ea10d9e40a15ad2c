"""Length: how many words a sentence had, from its vector (Conneau et al. 2018, "SentLen").

Axes: N sentences.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from resay.errors import CorpusError
from resay.evaluation.paraphrase.wording import words_of
from resay.evaluation.probes.linear import classify, load_scikit_learn, majority, percent, split
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.systems.system import System

LONGEST_OF_BIN = (4, 8, 12, 16, 20, 25)
"""SentEval's bins are 5-8, 9-12, 13-16, 17-20, 21-25, 26-28; shorter and longer sentences have a place here too."""
PENALTIES = tuple(float(penalty) for penalty in np.logspace(-2, 4, 7))
FEWEST = 50


def bins_of(lengths: Int64[ndarray, " N"]) -> Int64[ndarray, " N"]:
    """Return the bin of each length, numbered from 0 without gaps."""
    _, bins = np.unique(np.searchsorted(LONGEST_OF_BIN, lengths), return_inverse=True)
    return bins.astype(np.int64)


def probe_length(system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Predict the number of words, punctuation marks included.

    Returns:
        ``accuracy`` of a linear classifier of bins of lengths; ``majority``, that of the most frequent bin;
        ``r2`` and ``mean_error`` (words) of ridge regression on the length itself. All on sentences not trained on.

    Raises:
        CorpusError: If the text has fewer than 50 sentences, or all are of one bin.
    """
    sentences = material.draw(FEWEST)
    lengths = np.array([len(words_of(sentence)) for sentence in sentences])
    bins = bins_of(lengths)
    vectors = system.embed(sentences)
    train, validation, test = split(len(sentences), material.seed)
    if len(np.unique(bins[train[~validation]])) < 2:
        raise CorpusError(
            f"the probe length needs sentences of different lengths; those of this text have {lengths.min()} to "
            f"{lengths.max()} words, which is one bin: name another text"
        )
    given = classify(vectors[train], bins[train], ~validation, validation, vectors[test])
    linear_model, preprocessing = load_scikit_learn()
    scaler = preprocessing.StandardScaler().fit(vectors[train].astype(np.float64))
    parts = {
        name: scaler.transform(vectors[places].astype(np.float64))
        for name, places in (("train", train), ("test", test))
    }
    predicted = linear_model.RidgeCV(PENALTIES).fit(parts["train"], lengths[train]).predict(parts["test"])
    spread = np.square(lengths[test] - lengths[test].mean()).sum()
    return {
        "accuracy": percent(given == bins[test]),
        "majority": majority(bins[train], bins[test]),
        "r2": float(1 - np.square(lengths[test] - predicted).sum() / spread) if spread else float("nan"),
        "mean_error": float(np.abs(lengths[test] - predicted).mean()),
    }
