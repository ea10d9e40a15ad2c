"""How far encoder.onnx is from the model, output by output.

A trained recurrent net is chaotic on some sentences of random words: float32 loses there more than the tolerance, in
torch as in ONNX Runtime. So a row that differs from torch in float32 is held against torch in float64, and let pass if
it is no farther from it than rounding explains: dozens of times what changing the word vectors in their last bit does.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from torch import Tensor

from resay.graphs.differences import TOLERANCE, row_differences
from resay.graphs.encoder_graph import AVERAGE, EMBEDDING, LEXICON_IDS, LEXICON_LENGTHS
from resay.models import Autoencoder
from resay.models.embedder import SentenceEmbedder
from resay.text import UNK_ID

LAST_BIT = 2.0**-23
NUM_CHANGES = 3
ROUNDING = 64
"""Float32 rounds at every step, not once: trained models were 57 times as far off as one change at most."""


class Sentences(NamedTuple):
    """What both sides are given."""

    token_ids: Int64[Tensor, "B T"]
    lengths: Int64[Tensor, " B"]
    noise: Float[Tensor, "B Z"]


def encoder_differences(
    model: Autoencoder, session: InferenceSession, sentences: Sentences, expected: Mapping[str, Tensor]
) -> Iterator[tuple[str, float]]:
    """Yield (output, largest difference) for each output; `expected` is what torch gives for the same sentences."""
    feeds = {"token_ids": sentences.token_ids.numpy(), "lengths": sentences.lengths.numpy()}
    if model.bottleneck.noise != "none":
        feeds["noise"] = sentences.noise.numpy()
    has_embedder = LEXICON_IDS in {one.name for one in session.get_inputs()}
    if has_embedder:  # compared by itself, see embedder_difference
        feeds |= {LEXICON_IDS: np.zeros((len(sentences.lengths), 1), np.int64)}
        feeds |= {LEXICON_LENGTHS: np.ones(len(sentences.lengths), np.int64)}
    names = [AVERAGE if has_embedder and name == EMBEDDING else name for name in expected]
    for name, found in zip(expected, session.run(names, feeds), strict=True):
        errors = row_errors(model, name, expected, found, sentences.noise)
        if TOLERANCE < errors.max() < np.inf:
            errors = beyond_rounding(model, name, found, sentences)
        yield name, float(errors.max())


def embedder_difference(
    embedder: SentenceEmbedder, session: InferenceSession, ids: Int64[Tensor, "B S"], lengths: Int64[Tensor, " B"]
) -> float:
    """Return the largest difference of embeddings from torch's."""
    feeds = {LEXICON_IDS: ids.numpy(), LEXICON_LENGTHS: lengths.numpy()}
    feeds |= {"token_ids": np.full((len(ids), 1), UNK_ID), "lengths": np.ones(len(ids), np.int64)}
    for one in session.get_inputs():
        if one.name == "noise":
            feeds["noise"] = np.zeros((len(ids), one.shape[1]), np.float32)
    found = session.run([EMBEDDING], feeds)[0]
    return float(row_differences(embedder(ids, lengths), found).max())


def outputs(model: Autoencoder, sentences: Sentences) -> dict[str, Tensor]:
    """Return in torch what the graph gives."""
    embedding = model.average(model.word_vectors, sentences.token_ids, sentences.lengths)
    return {**model.readings(*sentences), "embedding": embedding}


def row_errors(
    model: Autoencoder,
    name: str,
    expected: Mapping[str, Tensor],
    found: NDArray[np.float32],
    noise: Float[Tensor, "B Z"],
) -> NDArray[np.float64]:
    """Return how far each row of an output is off.

    A wrong bit counts as far as its probability is from where the bit turns, since that is how wrong the
    probability would have to be.
    """
    if not is_bits(model, name) or found.shape != tuple(expected[name].shape) or not np.isin(found, (0, 1)).all():
        return row_differences(expected[name], found)
    margin = expected["probabilities"] - (noise if name == "sample" else 0.5)
    wrong = expected[name].numpy() != found
    errors: NDArray[np.float64] = np.where(wrong, margin.abs().double().numpy(), 0.0).max(axis=-1)
    return errors


def is_bits(model: Autoencoder, name: str) -> bool:
    """Whether an output is made of zeros and ones."""
    return name == "bits" or (model.bottleneck.binary and name in ("latent", "sample"))


def beyond_rounding(
    model: Autoencoder, name: str, found: NDArray[np.float32], sentences: Sentences
) -> NDArray[np.float64]:
    """Return how far each row is from the model in float64; at most the tolerance where rounding explains it."""
    exact = copy.deepcopy(model).double()
    sentences = sentences._replace(noise=sentences.noise.double())
    expected = outputs(exact, sentences)
    errors = row_errors(exact, name, expected, found, sentences.noise)
    smooth = "probabilities" if is_bits(model, name) else name
    table = exact.word_vectors.weight.detach().clone()
    generator = torch.Generator().manual_seed(0)
    rounding = np.zeros(len(errors))
    for _ in range(NUM_CHANGES):
        changes = torch.randn(table.shape, generator=generator, dtype=table.dtype)
        exact.word_vectors.weight.copy_(table * (1 + LAST_BIT * changes))
        moved = outputs(exact, sentences)[smooth].numpy()
        rounding = np.maximum(rounding, row_differences(expected[smooth], moved))
    return np.where(errors <= ROUNDING * rounding, np.minimum(errors, TOLERANCE), errors)
