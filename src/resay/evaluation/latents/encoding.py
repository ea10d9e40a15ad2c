"""What the encoder makes of a corpus, read once and used by every measure.

Axes: N sentences of the corpus, in its order; Z latent, F features, E word-vector size.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from resay.corpus import BatchSize, Corpus, make_batch
from resay.fitting.objective import TensorBatch, to_device
from resay.models import Autoencoder
from resay.models.bottlenecks.latent import Latent

BATCH_SIZE = BatchSize(sentences=256, tokens=8192)


@dataclass(frozen=True, slots=True)
class EncodedCorpus:
    """A corpus as one model reads it.

    Attributes:
        features: The encoder's last states, before the bottleneck.
        embedding: Averaged word vectors, which no training of the encoder changes.
    """

    features: Float[Tensor, "N F"]
    embedding: Float[Tensor, "N E"]


def model_device(model: Autoencoder) -> torch.device:
    """Return where a model's weights are."""
    return model.word_vectors.weight.device


def batches_by_length(
    corpus: Corpus, sentences: np.ndarray, device: torch.device
) -> Iterator[tuple[np.ndarray, TensorBatch]]:
    """Yield (places in `sentences`, those sentences), shortest first, so that next to nothing is padding."""
    lengths = corpus.lengths[sentences]
    order = np.argsort(lengths, kind="stable")
    for places in np.split(order, BATCH_SIZE.starts(lengths[order])):
        yield places, to_device(make_batch(corpus, sentences[places]), device)


@torch.no_grad()
def encode_corpus(model: Autoencoder, corpus: Corpus) -> EncodedCorpus:
    """Return features and embeddings of all sentences."""
    device = model_device(model)
    features = torch.empty(len(corpus), model.encoder.feature_size, device=device)
    embedding = torch.empty(len(corpus), model.settings.word_vector_size, device=device)
    for places, batch in batches_by_length(corpus, np.arange(len(corpus)), device):
        rows = torch.from_numpy(places).to(device)
        features[rows] = model.encoder(model.word_vectors, batch.token_ids, batch.lengths)
        embedding[rows] = model.average(model.word_vectors, batch.token_ids, batch.lengths)
    return EncodedCorpus(features, embedding)


@torch.no_grad()
def read_latents(model: Autoencoder, encoded: EncodedCorpus) -> Mapping[str, Float[Tensor, "N Z"]]:
    """Return every reading that no noise changes, by name."""
    unused = encoded.features.new_zeros(len(encoded.features), model.bottleneck.latent_size)
    readings = model.bottleneck.readings(encoded.features, unused)
    return {name: values for name, values in readings.items() if name != "sample"}


@torch.no_grad()
def draw_latents(model: Autoencoder, encoded: EncodedCorpus, seed: int) -> Latent:
    """Return latents drawn as training draws them, and their penalties; the same seed draws the same.

    Torch's own generator, which training uses, is as it was afterwards.
    """
    device = model_device(model)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        noise = model.noise(len(encoded.features))
    drawn: Latent = model.bottleneck(encoded.features, noise)
    return drawn
