"""How probable a model finds sentences, the latents being given.

Axes: N sentences, Z latent.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from resay.corpus import Corpus
from resay.evaluation.latents.encoding import batches_by_length, model_device
from resay.models import Autoencoder

TOKENS_A_CHUNK = 256
"""Words whose logits [tokens, V] are held at a time: those of 10,000 words stay within a processor's cache."""


class Perplexity(NamedTuple):
    """Perplexities of sentences; an end mark counts as a word.

    Attributes:
        of_sentences: Mean over sentences of exp(nats of the sentence / its tokens), which Baynazarov & Piontkovskaya
            (2019) report, as their published code shows.
        of_corpus: exp(nats of all sentences / tokens of all sentences), what others call perplexity.
        nll: Mean nats of a sentence.
    """

    of_sentences: float
    of_corpus: float
    nll: float


class Likelihood:
    """Teacher-forced likelihoods of the same sentences under one model, for any latents.

    Args:
        model: In evaluation mode.
        corpus: Where the sentences are.
        sentences: Which of them; all when not given.

    Attributes:
        num_tokens: Words of each sentence and its end mark [N].
    """

    def __init__(self, model: Autoencoder, corpus: Corpus, sentences: np.ndarray | None = None) -> None:
        self.model = model
        chosen = np.arange(len(corpus)) if sentences is None else sentences
        self.num_tokens = torch.from_numpy(corpus.lengths[chosen] + 1)
        self._batches = [
            (torch.from_numpy(places), batch)
            for places, batch in batches_by_length(corpus, chosen, model_device(model))
        ]

    @torch.no_grad()
    def nats(self, latents: Float[Tensor, "N Z"]) -> Float[Tensor, " N"]:
        """Return −log P(sentence | latent) of each sentence, in float64, in the order in which they were named."""
        model = self.model
        output = model.decoder.output
        nats = torch.zeros(len(latents), dtype=torch.float64)
        for places, batch in self._batches:
            counted = batch.targets >= 0
            inputs = model.word_vectors(batch.previous_ids)
            states = model.decoder(inputs, latents[places.to(latents.device)])[counted]
            targets = batch.targets[counted]
            owners = places.repeat_interleave((batch.lengths + 1).cpu())
            for start in range(0, len(targets), TOKENS_A_CHUNK):
                part = slice(start, start + TOKENS_A_CHUNK)
                logits = output(states[part]).float()
                losses = F.cross_entropy(logits, targets[part], reduction="none")
                nats.index_add_(0, owners[part], losses.double().cpu())
        return nats

    def perplexity(self, latents: Float[Tensor, "N Z"]) -> Perplexity:
        """Return the perplexities of all sentences with these latents."""
        return perplexity_of(self.nats(latents), self.num_tokens)


def perplexity_of(nats: Float[Tensor, " N"], num_tokens: Tensor) -> Perplexity:
    """Return the perplexities of sentences with so many nats and tokens each."""
    nats = nats.double()
    return Perplexity(
        float((nats / num_tokens).exp().mean()),
        float((nats.sum() / num_tokens.sum()).exp()),
        float(nats.mean()),
    )
