"""What model.json says of the latent space: what can be read off, and where to draw latents that nobody encoded."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray

from resay.corpus import Batch
from resay.errors import ExportError
from resay.graphs.run_corpora import sample_corpus
from resay.models import Autoencoder

NUM_SENTENCES = 2000
NUM_DIRECTIONS = 32
"""Of the largest variance; more would be a longer model.json for less."""
ROWS_A_CALL = 256
DIGITS = 6


def latent_space(model: Autoencoder, corpora: Path | None) -> dict[str, Any]:
    """Return the entry ``latent_space`` of model.json.

    Args:
        model: On the CPU, in evaluation mode.
        corpora: RUN/corpus; without it there is no prior where one has to be measured.
    """
    bottleneck = model.bottleneck
    with torch.inference_mode():
        token = torch.ones(1, 1, dtype=torch.int64)
        readings = list(model.readings(token, torch.ones(1, dtype=torch.int64)))
    return {
        "noise": bottleneck.noise,
        "readings": readings,
        "reads_sentence": bottleneck.reads_sentence,
        "binary": bottleneck.binary,
        "prior": prior(model, corpora),
    }


def prior(model: Autoencoder, corpora: Path | None) -> dict[str, Any] | None:
    """Return the distribution that latents of no sentence are drawn from.

    A latent trained with a divergence has the prior that it was trained towards. The others have none of their own,
    and take what their training sentences look like: the mean of each bit, or mean and main directions of a Gaussian.
    """
    bottleneck = model.bottleneck
    if not bottleneck.reads_sentence:
        return None
    coins = bottleneck.noise == "uniform"
    if bottleneck.with_kl:
        fair = {"kind": "bernoulli", "probabilities": [0.5] * bottleneck.latent_size}
        return fair if coins else {"kind": "normal"}
    batch = training_sentences(corpora)
    if batch is None:
        return None
    if coins:
        means = read_sentences(model, batch, "bits").mean(axis=0)
        return {"kind": "bernoulli", "probabilities": rounded(means)}
    return gaussian_prior(read_sentences(model, batch, "latent"))


def training_sentences(corpora: Path | None) -> Batch | None:
    """Return sentences of the training corpus; none if it is gone or damaged, since only samples need it."""
    if corpora is None:
        return None
    try:
        return sample_corpus(corpora, "train", NUM_SENTENCES)
    except ExportError:
        return None


def read_sentences(model: Autoencoder, batch: Batch, name: str) -> Float32[ndarray, "B Z"]:
    """Return one reading of many sentences."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(batch.lengths), ROWS_A_CALL):
            lengths = torch.from_numpy(batch.lengths[start : start + ROWS_A_CALL])
            token_ids = torch.from_numpy(batch.token_ids[start : start + ROWS_A_CALL, : int(lengths.max())])
            parts.append(model.readings(token_ids, lengths)[name].float().numpy())
    return np.concatenate(parts)


def gaussian_prior(latents: Float32[ndarray, "B Z"]) -> dict[str, Any]:
    """Return z = mean + ε · factor with ε ~ N(0, I): the principal directions of latents, with their deviations."""
    mean = latents.mean(axis=0)
    _, singular, directions = np.linalg.svd(latents - mean, full_matrices=False)
    deviations = singular / np.sqrt(max(1, len(latents) - 1))
    factor = (deviations[:, None] * directions)[:NUM_DIRECTIONS]
    return {"kind": "gaussian", "mean": rounded(mean), "factor": [rounded(row) for row in factor]}


def rounded(values: ndarray) -> list[float]:
    """Return numbers as JSON takes them, short."""
    return [round(float(value), DIGITS) for value in values]
